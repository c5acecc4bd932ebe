package io.ktrdr.api.operation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.api.data.FrozenData;
import io.ktrdr.api.http.ProblemException;
import io.ktrdr.api.http.RequestBody;
import io.ktrdr.api.strategy.StrategyFiles;
import io.ktrdr.protocol.DatasetRef;
import io.ktrdr.protocol.Demand;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.strategy.FeatureBuilder;
import io.ktrdr.strategy.NeuroFuzzyStrategy;
import io.ktrdr.strategy.StrategyInvalidException;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Turns the body of a training request into a spec, refusing what cannot run. */
public final class TrainingRequest {

  private static final int SYMBOLS_MAX = 20;
  private static final LocalDate START_DEFAULT = LocalDate.of(2015, 1, 1);

  private final StrategyFiles strategies;
  private final FrozenData data;
  private final InstantSource clock;
  private final TimeLimits limits;
  private final String engineVersion;

  public TrainingRequest(
      StrategyFiles strategies,
      FrozenData data,
      InstantSource clock,
      TimeLimits limits,
      String engineVersion) {
    this.strategies = strategies;
    this.data = data;
    this.clock = clock;
    this.limits = limits;
    this.engineVersion = engineVersion;
  }

  Accepted resolve(RequestBody body) {
    String name = body.require("strategy_name", body.text("strategy_name"), "");
    List<String> symbolsAsked = oneOrMany(body, "symbol", "symbols");
    List<String> timeframesAsked = oneOrMany(body, "timeframe", "timeframes");
    DateRange range =
        DateRange.read(
            body,
            clock,
            Optional.of(START_DEFAULT),
            Optional.of(LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC)));
    Optional<Long> seed = body.wholeNumber("seed");
    Operation.Timeouts timeouts = limits.read(body, OperationType.TRAINING);
    Demand demand = DemandFields.read(body);
    body.throwIfInvalid();

    NeuroFuzzyStrategy strategy = strategies.readNeuroFuzzy(name);
    List<String> symbols =
        symbolsAsked.isEmpty() ? strategy.trainingData().symbols() : symbolsAsked;
    if (symbols.isEmpty() || symbols.size() > SYMBOLS_MAX) {
      body.error("symbols", "PARAM_RANGE", "expected 1 to %d symbols".formatted(SYMBOLS_MAX));
    }
    Timeframe timeframe = timeframe(body, timeframesAsked, strategy);
    body.throwIfInvalid();
    checkFeatures(strategy, timeframe);

    List<DatasetRef> datasets = new ArrayList<>();
    List<String> warnings = new ArrayList<>(strategy.warnings());
    for (String symbol : symbols) {
      FrozenData.Frozen frozen =
          BacktestRequest.frozen(data, body, "symbols", symbol, timeframe, range);
      datasets.add(frozen.ref());
      warnings.addAll(frozen.warnings());
      // Without dates the whole history is meant, so nothing is cut off.
      if (body.date("start_date").isPresent() || body.date("end_date").isPresent()) {
        warnings.addAll(frozen.notes());
      }
    }
    OperationSpec.Training spec =
        new OperationSpec.Training(
            strategy.name(),
            strategy.text(),
            datasets,
            range.start(),
            range.end(),
            seed.orElse(strategy.training().seed()),
            engineVersion);
    return new Accepted(spec, metadata(spec, symbols, timeframe), warnings, timeouts, demand);
  }

  private static ObjectNode metadata(
      OperationSpec.Training spec, List<String> symbols, Timeframe timeframe) {
    ObjectNode metadata =
        Json.mapper()
            .createObjectNode()
            .put("symbol", symbols.getFirst())
            .put("timeframe", timeframe.wireName())
            .put("mode", "distributed")
            .put("start_date", spec.startDate().toString())
            .put("end_date", spec.endDate().toString())
            .put("strategy_name", spec.strategyName());
    metadata.set("symbols", Json.mapper().valueToTree(symbols));
    metadata.putArray("timeframes").add(timeframe.wireName());
    metadata.putObject("parameters").put("seed", spec.seed());
    return metadata;
  }

  private static List<String> oneOrMany(RequestBody body, String one, String many) {
    List<String> values = body.texts(many);
    return values.isEmpty() ? body.text(one).map(List::of).orElse(List.of()) : values;
  }

  private static Timeframe timeframe(
      RequestBody body, List<String> asked, NeuroFuzzyStrategy strategy) {
    if (asked.isEmpty()) {
      return strategy.trainingData().baseTimeframe();
    }
    Optional<Timeframe> timeframe = Timeframe.find(asked.getFirst());
    if (timeframe.isEmpty()) {
      body.error(
          "timeframes",
          "TIMEFRAME_UNKNOWN",
          "is '%s', valid are: %s".formatted(asked.getFirst(), Timeframe.validNames()));
    }
    if (asked.size() > 1) {
      body.error(
          "timeframes", "TIMEFRAME_UNSUPPORTED", "one timeframe a training is supported so far");
    }
    return timeframe.orElse(Timeframe.D1);
  }

  private static void checkFeatures(NeuroFuzzyStrategy strategy, Timeframe timeframe) {
    try {
      FeatureBuilder unused = new FeatureBuilder(strategy, timeframe);
      if (unused.names().isEmpty()) {
        throw new ProblemException(
            422, "STRATEGY_INVALID", "%s has no features".formatted(strategy.name()));
      }
    } catch (StrategyInvalidException e) {
      throw StrategyFiles.invalid(strategy.name() + ".yaml", e);
    }
  }
}
