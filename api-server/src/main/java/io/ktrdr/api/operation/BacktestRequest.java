package io.ktrdr.api.operation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.api.data.FrozenData;
import io.ktrdr.api.db.SharedRead;
import io.ktrdr.api.http.ProblemException;
import io.ktrdr.api.http.RequestBody;
import io.ktrdr.api.model.ModelImport;
import io.ktrdr.api.model.ModelStore;
import io.ktrdr.api.model.ModelStore.Model;
import io.ktrdr.api.model.ModelVersion;
import io.ktrdr.api.model.RefusedModel;
import io.ktrdr.market.MarketDataException;
import io.ktrdr.protocol.Demand;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.Timeframe;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Jdbi;

/** Turns the body of a backtest request into a spec, refusing what cannot run. */
public final class BacktestRequest {

  private static final double CAPITAL_DEFAULT = 100_000;
  private static final double CAPITAL_MIN = 0.01;
  private static final double CAPITAL_MAX = 1e15;
  private static final double COMMISSION_DEFAULT = 0.001;
  private static final double SLIPPAGE_DEFAULT = 0.0005;
  private static final double COST_MAX = 0.99;
  private static final int VERSIONS_NAMED = 10;

  private final Jdbi jdbi;
  private final ModelStore models;
  private final ModelImport imported;
  private final SharedRead<Context, Optional<Model>> newest;
  private final FrozenData data;
  private final InstantSource clock;
  private final TimeLimits limits;
  private final String engineVersion;

  public BacktestRequest(
      Jdbi jdbi,
      ModelStore models,
      ModelImport imported,
      FrozenData data,
      InstantSource clock,
      TimeLimits limits,
      String engineVersion) {
    this.jdbi = jdbi;
    this.models = models;
    this.imported = imported;
    this.newest =
        new SharedRead<>(asked ->
            jdbi.withHandle(
                handle -> models.newest(handle, asked.strategyName(), asked.timeframe())));
    this.data = data;
    this.clock = clock;
    this.limits = limits;
    this.engineVersion = engineVersion;
  }

  /** What models are looked up by. */
  private record Context(String strategyName, Timeframe timeframe) {}

  Accepted resolve(RequestBody body) {
    Optional<String> modelPath = body.text("model_path");
    Optional<String> strategy = body.text("strategy_name");
    Optional<String> timeframeText = body.text("timeframe");
    DateRange range = DateRange.read(body, clock, Optional.empty(), Optional.empty());
    double capital = body.number("initial_capital", CAPITAL_DEFAULT, CAPITAL_MIN, CAPITAL_MAX);
    double commission = body.number("commission", COMMISSION_DEFAULT, 0, COST_MAX);
    double slippage = body.number("slippage", SLIPPAGE_DEFAULT, 0, COST_MAX);
    Optional<String> symbolText = body.text("symbol");
    Operation.Timeouts timeouts = limits.read(body, OperationType.BACKTESTING);
    Demand demand = DemandFields.read(body);
    if (timeframeText.isPresent() && Timeframe.find(timeframeText.get()).isEmpty()) {
      body.error(
          "timeframe",
          "TIMEFRAME_UNKNOWN",
          "is '%s', valid are: %s".formatted(timeframeText.get(), Timeframe.validNames()));
    }
    if (modelPath.isEmpty() && strategy.isEmpty()) {
      body.error("model_path", "FIELD_REQUIRED", "model_path or strategy_name is required");
    }
    body.throwIfInvalid();

    Optional<Timeframe> timeframeAsked = timeframeText.map(Timeframe::parse);
    Model model = model(modelPath, strategy, timeframeAsked);
    if (strategy.isPresent() && !strategy.get().equals(model.version().strategyName())) {
      body.error(
          "strategy_name",
          "MODEL_CONTEXT_MISMATCH",
          "is %s, but the model is one of %s"
              .formatted(strategy.get(), model.version().strategyName()));
    }
    Timeframe timeframe = timeframeAsked.orElse(model.version().timeframe());
    String symbol = symbolText.orElse(model.symbols().getFirst());
    body.throwIfInvalid();
    FrozenData.Frozen frozen = frozen(data, body, "symbol", symbol, timeframe, range);
    OperationSpec.Backtest spec =
        new OperationSpec.Backtest(
            model.version().strategyName(),
            model.version().toString(),
            model.sha256(),
            frozen.ref(),
            range.start(),
            range.end(),
            capital,
            commission,
            slippage,
            engineVersion);
    // The result itself says which part of the range the data covers.
    return new Accepted(spec, metadata(spec), frozen.warnings(), timeouts, demand);
  }

  private static ObjectNode metadata(OperationSpec.Backtest spec) {
    ObjectNode metadata =
        Json.mapper()
            .createObjectNode()
            .put("symbol", spec.dataset().symbol())
            .put("timeframe", spec.dataset().timeframe().wireName())
            .put("mode", "distributed")
            .put("start_date", spec.startDate().toString())
            .put("end_date", spec.endDate().toString())
            .put("strategy_name", spec.strategyName());
    metadata
        .putObject("parameters")
        .put("model_path", "models/" + spec.modelVersion())
        .put("model_version", spec.modelVersion())
        .put("initial_capital", spec.initialCapital())
        .put("commission", spec.commission())
        .put("slippage", spec.slippage());
    return metadata;
  }

  private Model model(
      Optional<String> path, Optional<String> strategy, Optional<Timeframe> timeframe) {
    if (path.isEmpty()) {
      String name = strategy.orElseThrow();
      Timeframe of = timeframe.orElse(Timeframe.D1);
      return newest
          .ask(new Context(name, of))
          .orElseThrow(() -> unknown("a trained model of %s on %s".formatted(name, of)));
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
                .orElseGet(() -> unknown("model " + version)));
  }

  private static ProblemException refused(RefusedModel model) {
    return new ProblemException(
        422, model.code(), "%s: %s".formatted(model.version(), model.detail()));
  }

  private ProblemException unknown(String what) {
    List<Model> known = jdbi.withHandle(handle -> models.list(handle, VERSIONS_NAMED));
    String versions =
        known.isEmpty()
            ? "none yet; train one with POST /api/v1/trainings/start"
            : known.stream().map(m -> m.version().toString()).collect(Collectors.joining(", "));
    return new ProblemException(
        404, "MODEL_NOT_FOUND", "There is no %s. Known are: %s".formatted(what, versions));
  }

  /** Freezes the data, turning what is wrong with it into problems of the field. */
  static FrozenData.Frozen frozen(
      FrozenData data,
      RequestBody body,
      String field,
      String symbol,
      Timeframe timeframe,
      DateRange range) {
    FrozenData.Frozen frozen;
    try {
      frozen = data.freeze(symbol, timeframe, range.start(), range.end());
    } catch (MarketDataException e) {
      throw new ProblemException(FrozenData.statusOf(e), e.code(), String.valueOf(e.getMessage()));
    }
    if (frozen.rangeEmpty()) {
      body.error(
          field,
          "RANGE_TOO_SHORT",
          "%s %s has no bar from %s to %s; it covers %s"
              .formatted(symbol, timeframe, range.start(), range.end(), frozen.covers()));
    }
    body.throwIfInvalid();
    return frozen;
  }
}
