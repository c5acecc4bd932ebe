package io.ktrdr.api.operation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.api.data.FrozenData;
import io.ktrdr.api.db.SharedRead;
import io.ktrdr.api.http.ProblemException;
import io.ktrdr.api.http.RequestBody;
import io.ktrdr.api.model.ModelImport;
import io.ktrdr.api.model.ModelStore;
import io.ktrdr.api.model.ModelStore.Model;
import io.ktrdr.api.model.ModelStrategies;
import io.ktrdr.api.model.ModelVersion;
import io.ktrdr.api.model.RefusedModel;
import io.ktrdr.api.strategy.StrategyFiles;
import io.ktrdr.market.MarketDataException;
import io.ktrdr.protocol.Demand;
import io.ktrdr.protocol.Execution;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.protocol.Sizing;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.strategy.InferenceSize;
import io.ktrdr.strategy.RulesStrategy;
import io.ktrdr.strategy.Strategy;
import io.ktrdr.strategy.StrategyParser;
import io.ktrdr.strategy.UsableBars;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Jdbi;

/**
 * Turns the body of a backtest request into a spec, refusing what cannot run. A model decides, or
 * the rules of a strategy: one that comes with the request, or a file of the server's.
 */
public final class BacktestRequest {

  private static final double CAPITAL_DEFAULT = 100_000;
  private static final double CAPITAL_MIN = 0.01;
  private static final double CAPITAL_MAX = 1e15;

  private static final int VERSIONS_NAMED = 10;

  private final Jdbi jdbi;
  private final ModelStore models;
  private final ModelImport imported;
  private final ModelStrategies inside;
  private final StrategyFiles strategies;
  private final SharedRead<Context, Optional<Model>> newest;
  private final SharedRead<String, Optional<RulesStrategy>> rules;
  private final FrozenData data;
  private final InstantSource clock;
  private final TimeLimits limits;
  private final String engineVersion;

  public BacktestRequest(
      Jdbi jdbi,
      ModelStore models,
      ModelImport imported,
      ModelStrategies inside,
      StrategyFiles strategies,
      FrozenData data,
      InstantSource clock,
      TimeLimits limits,
      String engineVersion) {
    this.jdbi = jdbi;
    this.models = models;
    this.imported = imported;
    this.inside = inside;
    this.newest =
        new SharedRead<>(asked ->
            jdbi.withHandle(
                handle -> models.newest(handle, asked.strategyName(), asked.timeframe())));
    this.strategies = strategies;
    this.rules = new SharedRead<>(strategies::rules);
    this.data = data;
    this.clock = clock;
    this.limits = limits;
    this.engineVersion = engineVersion;
  }

  /** What models are looked up by. */
  private record Context(String strategyName, Timeframe timeframe) {}

  /** What every backtest says, whatever decides. */
  private record Asked(
      DateRange range,
      double capital,
      Optional<String> symbol,
      Optional<Timeframe> timeframe,
      ExecutionFields execution,
      DataFields data,
      Operation.Timeouts timeouts,
      Demand demand) {}

  Accepted resolve(RequestBody body) {
    Optional<String> modelPath = body.text("model_path");
    Optional<String> strategyName = body.text("strategy_name");
    Optional<String> yaml = body.textAsItIs(SentStrategy.FIELD);
    Optional<String> timeframe = body.text("timeframe");
    if (timeframe.isPresent() && Timeframe.find(timeframe.get()).isEmpty()) {
      body.error(
          "timeframe",
          "TIMEFRAME_UNKNOWN",
          "is '%s', valid are: %s".formatted(timeframe.get(), Timeframe.validNames()));
    }
    Asked asked =
        new Asked(
            DateRange.read(body, clock, Optional.empty(), Optional.empty()),
            body.number("initial_capital", CAPITAL_DEFAULT, CAPITAL_MIN, CAPITAL_MAX),
            body.text("symbol"),
            timeframe.flatMap(Timeframe::find),
            new ExecutionFields(body),
            DataFields.read(body),
            limits.read(body, OperationType.BACKTESTING),
            DemandFields.read(body));
    if (modelPath.isEmpty() && strategyName.isEmpty() && yaml.isEmpty()) {
      body.error(
          "model_path", "FIELD_REQUIRED", "model_path, strategy_name or strategy_yaml is required");
    }
    if (modelPath.isPresent() && yaml.isPresent()) {
      body.error(SentStrategy.FIELD, "FIELD_CONFLICT", "a model has its strategy inside; say one");
    }
    body.throwIfInvalid();

    Optional<RulesStrategy> decides =
        yaml.isPresent()
            ? yaml.map(
                text -> SentStrategy.parsed(body, text, strategyName, StrategyParser::parseRules))
            : strategyName.filter(_ -> modelPath.isEmpty()).flatMap(rules::ask);
    return decides.isPresent()
        ? ofRules(body, asked, decides.get())
        : ofModel(body, asked, modelPath, strategyName);
  }

  private Accepted ofRules(RequestBody body, Asked asked, RulesStrategy strategy) {
    String symbol = body.require("symbol", asked.symbol(), "");
    return accepted(
        body,
        asked,
        strategy.name(),
        strategy,
        new OperationSpec.Decider.Rules(strategy.text()),
        symbol,
        asked.timeframe().orElse(Timeframe.D1),
        _ -> Optional.empty(),
        strategy.warnings());
  }

  private Accepted ofModel(
      RequestBody body, Asked asked, Optional<String> path, Optional<String> strategyName) {
    Model model = model(path, strategyName, asked.timeframe());
    ModelVersion version = model.version();
    if (strategyName.isPresent() && !strategyName.get().equals(version.strategyName())) {
      body.error(
          "strategy_name",
          "MODEL_CONTEXT_MISMATCH",
          "is %s, but the model is one of %s"
              .formatted(strategyName.get(), version.strategyName()));
    }
    if (asked.timeframe().isPresent() && asked.timeframe().get() != version.timeframe()) {
      body.error(
          "timeframe",
          "MODEL_FEATURES_MISMATCH",
          "is %s, but %s decides on %s bars"
              .formatted(asked.timeframe().get(), version, version.timeframe()));
    }
    body.throwIfInvalid();
    ModelStrategies.Inside network = inside.of(model);
    return accepted(
        body,
        asked,
        version.strategyName(),
        network.strategy(),
        new OperationSpec.Decider.Model(version.toString(), model.sha256()),
        asked.symbol().orElse(model.symbols().getFirst()),
        version.timeframe(),
        bars -> InferenceSize.tooLong(network.sequenceLength(), network.parameters(), bars),
        List.of());
  }

  private Accepted accepted(
      RequestBody body,
      Asked asked,
      String strategyName,
      Strategy strategy,
      OperationSpec.Decider decider,
      String symbol,
      Timeframe timeframe,
      LongFunction<Optional<String>> tooLong,
      List<String> strategyWarnings) {
    Execution execution = asked.execution().over(strategy.execution());
    Sizing sizing = asked.execution().over(strategy.sizing());
    body.throwIfInvalid();
    FrozenData.Frozen frozen =
        frozen(data, body, "symbol", symbol, timeframe, asked.range(), asked.data());
    requireUsable(body, strategy, sizing, frozen, asked.range());
    tooLong
        .apply(frozen.before() + frozen.within())
        .ifPresent(why -> body.error("end_date", "PARAM_RANGE", why));
    body.throwIfInvalid();
    OperationSpec.Backtest spec =
        new OperationSpec.Backtest(
            strategyName,
            decider,
            frozen.ref(),
            asked.range().start(),
            asked.range().end(),
            asked.capital(),
            execution,
            sizing,
            engineVersion);
    List<String> warnings = new ArrayList<>(strategyWarnings);
    // The result itself says which part of the range the data covers.
    warnings.addAll(frozen.warnings());
    return new Accepted(
        spec, metadata(spec, asked.data()), warnings, asked.timeouts(), asked.demand());
  }

  /** What the worker would find out: too few bars to warm up, decide and fill. */
  private static void requireUsable(
      RequestBody body,
      Strategy strategy,
      Sizing sizing,
      FrozenData.Frozen frozen,
      DateRange range) {
    UsableBars usable =
        new UsableBars(
            frozen.before(),
            frozen.within(),
            Math.max(strategy.warmupBarsAtLeast(), sizing.warmupBars()));
    if (!usable.enough()) {
      String series = frozen.ref().symbol() + " " + frozen.ref().timeframe();
      body.error("end_date", "RANGE_TOO_SHORT", usable.tooFew(series, range.end().toString()));
    }
    body.throwIfInvalid();
  }

  private static ObjectNode metadata(OperationSpec.Backtest spec, DataFields data) {
    ObjectNode metadata =
        Json.mapper()
            .createObjectNode()
            .put("symbol", spec.dataset().symbol())
            .put("timeframe", spec.dataset().timeframe().wireName())
            .put("mode", "distributed")
            .put("start_date", spec.startDate().toString())
            .put("end_date", spec.endDate().toString())
            .put("strategy_name", spec.strategyName());
    ObjectNode parameters = metadata.putObject("parameters");
    switch (spec.decider()) {
      case OperationSpec.Decider.Model(String version, Sha256 _) ->
          parameters.put("model_path", "models/" + version).put("model_version", version);
      case OperationSpec.Decider.Rules(String yaml) ->
          parameters.put("strategy_sha256", Sha256.of(yaml.getBytes(StandardCharsets.UTF_8)).hex());
    }
    parameters
        .put("initial_capital", spec.initialCapital())
        .put("commission", spec.execution().commissionRate())
        .put("slippage", spec.execution().slippageRate())
        .put("gaps", spec.dataset().gaps().wireName())
        .put("calendar", spec.dataset().calendar().wireName())
        .put("strict_range", data.strictRange());
    parameters.set("execution", Json.mapper().valueToTree(spec.execution()));
    parameters.set("sizing", Json.mapper().valueToTree(spec.sizing()));
    return metadata;
  }

  private Model model(
      Optional<String> path, Optional<String> strategy, Optional<Timeframe> timeframe) {
    if (path.isEmpty()) {
      String name = strategy.orElseThrow();
      Timeframe of = timeframe.orElse(Timeframe.D1);
      return newest
          .ask(new Context(name, of))
          .orElseThrow(() ->
              unknown(
                  "strategy of rules and no trained model of %s on %s".formatted(name, of),
                  strategies.hint(name)));
    }
    ModelVersion version =
        ModelVersion.parse(path.get())
            .orElseThrow(() ->
                new ProblemException(
                    400,
                    "MODEL_PATH_INVALID",
                    "model_path is '%s', expected <strategy>/<timeframe>_v<N>, e.g. neuro_mean_reversion/1d_v21"
                        .formatted(path.get())));
    return jdbi.withHandle(handle -> models.find(handle, version))
        .orElseThrow(() ->
            imported
                .refused(version)
                .map(BacktestRequest::refused)
                .orElseGet(() -> unknown("model " + version, ".")));
  }

  private static ProblemException refused(RefusedModel model) {
    return new ProblemException(
        422, model.code(), "%s: %s".formatted(model.version(), model.detail()));
  }

  /**
   * @param end of the sentence
   */
  private ProblemException unknown(String what, String end) {
    List<Model> known = jdbi.withHandle(handle -> models.list(handle, VERSIONS_NAMED));
    String versions =
        known.isEmpty()
            ? "none yet; train one with POST /api/v1/trainings/start"
            : known.stream().map(m -> m.version().toString()).collect(Collectors.joining(", "));
    return new ProblemException(
        404, "MODEL_NOT_FOUND", "There is no %s%s Known models: %s".formatted(what, end, versions));
  }

  /** Freezes the data, turning what is wrong with it into problems of the field. */
  static FrozenData.Frozen frozen(
      FrozenData data,
      RequestBody body,
      String field,
      String symbol,
      Timeframe timeframe,
      DateRange range,
      DataFields asked) {
    FrozenData.Frozen frozen;
    try {
      frozen =
          data.freeze(
              symbol, timeframe, range.start(), range.end(), asked.gaps(), asked.calendar());
    } catch (MarketDataException e) {
      throw new ProblemException(FrozenData.statusOf(e), e.code(), String.valueOf(e.getMessage()));
    }
    if (frozen.within() == 0) {
      body.error(
          field,
          "RANGE_TOO_SHORT",
          "%s %s has no bar from %s to %s; it covers %s to %s"
              .formatted(
                  symbol,
                  timeframe,
                  range.start(),
                  range.end(),
                  frozen.covers().first(),
                  frozen.covers().last()));
    } else if (asked.strictRange() && frozen.truncated().isPresent()) {
      body.error(
          range.start().isBefore(frozen.covers().first()) ? "start_date" : "end_date",
          "RANGE_TRUNCATED",
          frozen.truncated().get());
    }
    body.throwIfInvalid();
    return frozen;
  }
}
