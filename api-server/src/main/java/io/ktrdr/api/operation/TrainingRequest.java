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
import io.ktrdr.strategy.NnInput;
import io.ktrdr.strategy.StrategyInvalidException;
import io.ktrdr.strategy.StrategyParser;
import io.ktrdr.strategy.TrainingData;
import io.ktrdr.strategy.TrainingSize;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

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
    Optional<String> name = body.text("strategy_name");
    Optional<String> yaml = body.textAsItIs(SentStrategy.FIELD);
    List<String> symbolsAsked = oneOrMany(body, "symbol", "symbols");
    Optional<String> timeframeAsked = body.text("timeframe");
    List<String> timeframesAsked = body.texts("timeframes");
    DateRange range =
        DateRange.read(
            body,
            clock,
            Optional.of(START_DEFAULT),
            Optional.of(LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC)));
    DataFields asked = DataFields.read(body);
    Optional<Long> seed = body.wholeNumber("seed");
    Operation.Timeouts timeouts = limits.read(body, OperationType.TRAINING);
    Demand demand = DemandFields.read(body);
    if (name.isEmpty() && yaml.isEmpty()) {
      body.error("strategy_name", "FIELD_REQUIRED", "strategy_name or strategy_yaml is required");
    }
    body.throwIfInvalid();

    NeuroFuzzyStrategy strategy =
        yaml.isPresent()
            ? SentStrategy.parsed(body, yaml.get(), name, StrategyParser::parseNeuroFuzzy)
            : strategies.readNeuroFuzzy(name.orElseThrow());
    String field = yaml.isPresent() ? SentStrategy.FIELD : "strategy_name";
    String source = yaml.isPresent() ? SentStrategy.FIELD : strategy.name() + ".yaml";
    List<String> symbols =
        symbolsAsked.isEmpty() ? strategy.trainingData().symbols() : symbolsAsked;
    if (symbols.isEmpty() || symbols.size() > SYMBOLS_MAX) {
      body.error("symbols", "PARAM_RANGE", "expected 1 to %d symbols".formatted(SYMBOLS_MAX));
    }
    requireDistinct(body, "symbols", symbols);
    Timeframes timeframes = timeframes(body, timeframeAsked, timeframesAsked, strategy);
    body.throwIfInvalid();
    int features = checkFeatures(strategy, timeframes, source);

    // Without dates the whole history is meant, so nothing is cut off.
    boolean dated = body.date("start_date").isPresent() || body.date("end_date").isPresent();
    DataFields dataFields =
        new DataFields(asked.gaps(), asked.calendar(), asked.strictRange() && dated);
    List<DatasetRef> datasets = new ArrayList<>();
    List<String> warnings = new ArrayList<>(strategy.warnings());
    warnings.addAll(timeframes.notes(strategy));
    long rows = 0;
    for (String symbol : symbols) {
      FrozenData.Frozen frozen =
          BacktestRequest.frozen(
              data, body, "symbols", symbol, timeframes.base(), range, dataFields);
      requireHistory(body, strategy, frozen, range);
      rows += labelled(strategy, frozen);
      datasets.add(frozen.ref());
      warnings.addAll(frozen.warnings());
      if (dated) {
        frozen.truncated().ifPresent(what -> warnings.add("RANGE_TRUNCATED: " + what));
      }
    }
    requireRows(body, strategy, rows);
    requireTrainable(body, field, strategy, features, rows);
    OperationSpec.Training spec =
        new OperationSpec.Training(
            strategy.name(),
            strategy.text(),
            datasets,
            timeframes.all(),
            range.start(),
            range.end(),
            seed.orElse(strategy.training().seed()),
            engineVersion);
    return new Accepted(
        spec, metadata(spec, strategy, symbols, timeframes, asked), warnings, timeouts, demand);
  }

  private static void requireHistory(
      RequestBody body, NeuroFuzzyStrategy strategy, FrozenData.Frozen frozen, DateRange range) {
    int need = strategy.trainingData().historyRequired();
    if (frozen.within() < need) {
      body.error(
          "symbols",
          "RANGE_TOO_SHORT",
          "%s %s has %d bars between %s and %s, training_data.history_required is %d"
              .formatted(
                  frozen.ref().symbol(),
                  frozen.ref().timeframe(),
                  frozen.within(),
                  range.start(),
                  range.end(),
                  need));
    }
    body.throwIfInvalid();
  }

  /** Bars that can have features and a label, at most. */
  private static int labelled(NeuroFuzzyStrategy strategy, FrozenData.Frozen frozen) {
    int warming =
        Math.max(
            strategy.training().labels().lead(), strategy.warmupBarsAtLeast() - frozen.before());
    return Math.max(0, frozen.within() - warming - strategy.training().labels().horizon());
  }

  private static void requireRows(RequestBody body, NeuroFuzzyStrategy strategy, long rows) {
    int need = strategy.training().rowsNeeded(strategy.model().sequenceLength());
    if (rows < need) {
      body.error(
          "symbols",
          "RANGE_TOO_SHORT",
          ("after a warm-up of %d bars, and %d without a label at the end, have %d bars to learn"
                  + " from, need %d for training, validation and test: choose a longer range")
              .formatted(
                  Math.max(strategy.warmupBarsAtLeast(), strategy.training().labels().lead()),
                  strategy.training().labels().horizon(),
                  rows,
                  need));
    }
    body.throwIfInvalid();
  }

  /** What the worker would refuse, or be busy with for days. */
  private static void requireTrainable(
      RequestBody body, String field, NeuroFuzzyStrategy strategy, int features, long rows) {
    long train = (long) Math.ceil(rows * strategy.training().split().train());
    TrainingSize.tooManyParameters(strategy.model(), strategy.training(), features)
        .or(() -> TrainingSize.tooLong(strategy.model(), strategy.training(), features, train))
        .ifPresent(why -> body.error(field, "PARAM_RANGE", why));
    body.throwIfInvalid();
  }

  private static ObjectNode metadata(
      OperationSpec.Training spec,
      NeuroFuzzyStrategy strategy,
      List<String> symbols,
      Timeframes timeframes,
      DataFields asked) {
    ObjectNode metadata =
        Json.mapper()
            .createObjectNode()
            .put("symbol", symbols.getFirst())
            .put("timeframe", timeframes.base().wireName())
            .put("mode", "distributed")
            .put("start_date", spec.startDate().toString())
            .put("end_date", spec.endDate().toString())
            .put("strategy_name", spec.strategyName());
    metadata.set("symbols", Json.mapper().valueToTree(symbols));
    metadata.set("timeframes", Json.mapper().valueToTree(timeframes.all()));
    metadata
        .putObject("parameters")
        .put("strategy_sha256", strategy.textSha256().hex())
        .put("seed", spec.seed())
        .put("gaps", asked.gaps().wireName())
        .put("calendar", asked.calendar().wireName())
        .put("strict_range", asked.strictRange());
    return metadata;
  }

  private static List<String> oneOrMany(RequestBody body, String one, String many) {
    List<String> values = body.texts(many);
    return values.isEmpty() ? body.text(one).map(List::of).orElse(List.of()) : values;
  }

  /**
   * @param base the bars a training runs on
   * @param all what its inputs with {@code timeframes: all} see, in order, the base among them
   */
  private record Timeframes(Timeframe base, List<Timeframe> all) {

    /** What the request leaves out of the strategy. */
    List<String> notes(NeuroFuzzyStrategy strategy) {
      List<Timeframe> own = strategy.trainingData().timeframes();
      boolean narrowed = own.size() > 1 && !all.containsAll(own);
      return narrowed && strategy.nnInputs().stream().anyMatch(NnInput::allTimeframes)
          ? List.of(
              "timeframes: inputs with 'timeframes: all' see %s, the strategy's own are %s"
                  .formatted(all, own))
          : List.of();
    }
  }

  /** The request's; those of the strategy when it names none. */
  private static Timeframes timeframes(
      RequestBody body, Optional<String> one, List<String> many, NeuroFuzzyStrategy strategy) {
    if (one.isEmpty() && many.isEmpty()) {
      TrainingData own = strategy.trainingData();
      return new Timeframes(own.baseTimeframe(), own.timeframes());
    }
    Optional<Timeframe> base = one.flatMap(text -> timeframe(body, "timeframe", text));
    List<Timeframe> all = new ArrayList<>();
    many.forEach(text -> timeframe(body, "timeframes", text).ifPresent(all::add));
    requireDistinct(body, "timeframes", all);
    if (many.isEmpty()) {
      base.ifPresent(all::add);
    } else if (base.isPresent() && !all.contains(base.get())) {
      body.error(
          "timeframe",
          "FIELD_CONFLICT",
          "is %s, which is not among timeframes %s".formatted(base.get(), all));
    }
    // Longer bars are made of the base's, so that any but the shortest would be refused.
    Timeframe shortest = all.stream().min(Comparator.naturalOrder()).orElse(Timeframe.D1);
    return new Timeframes(base.orElse(shortest), all);
  }

  private static Optional<Timeframe> timeframe(RequestBody body, String field, String text) {
    Optional<Timeframe> timeframe = Timeframe.find(text);
    if (timeframe.isEmpty()) {
      body.error(
          field,
          "TIMEFRAME_UNKNOWN",
          "is '%s', valid are: %s".formatted(text, Timeframe.validNames()));
    }
    return timeframe;
  }

  private static void requireDistinct(RequestBody body, String field, List<?> values) {
    if (Set.copyOf(values).size() < values.size()) {
      body.error(field, "PARAM_RANGE", "expected each of %s once".formatted(values));
    }
  }

  /** How many there are. */
  private static int checkFeatures(
      NeuroFuzzyStrategy strategy, Timeframes timeframes, String source) {
    try {
      FeatureBuilder unused = new FeatureBuilder(strategy, timeframes.base(), timeframes.all());
      if (unused.names().isEmpty()) {
        throw new ProblemException(
            422, "STRATEGY_INVALID", "%s has no features".formatted(strategy.name()));
      }
      return unused.names().size();
    } catch (StrategyInvalidException e) {
      throw StrategyFiles.invalid(source, e);
    }
  }
}
