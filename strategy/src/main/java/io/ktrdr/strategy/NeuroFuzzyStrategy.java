package io.ktrdr.strategy;

import static java.util.Objects.requireNonNull;

import io.ktrdr.protocol.Execution;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.protocol.Sizing;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.strategy.indicator.IndicatorSpec;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A strategy whose decisions come from a network that sees fuzzy words for indicators, or their raw
 * values. It has to be trained before it can be run.
 *
 * @param fuzzySets by id, in the file's order
 * @param nnInputs what the network sees, in order
 * @param execution used where a request says nothing else
 * @param sizing used where a request says nothing else
 */
public record NeuroFuzzyStrategy(
    String name,
    String description,
    String version,
    TrainingData trainingData,
    Map<String, IndicatorSpec> indicators,
    Map<String, FuzzySet> fuzzySets,
    List<NnInput> nnInputs,
    ModelSpec model,
    Decisions decisions,
    TrainingSettings training,
    Execution execution,
    Sizing sizing,
    List<String> warnings,
    String text,
    Sha256 textSha256)
    implements Strategy {

  /** What is meant where a strategy says nothing: a reserve of 5 % of the equity. */
  public static final Sizing SIZING_DEFAULT = new Sizing(Sizing.Kind.EQUITY_FRACTION, 0.95, true);

  public NeuroFuzzyStrategy {
    requireNonNull(name, "name is null");
    requireNonNull(description, "description is null");
    requireNonNull(version, "version is null");
    requireNonNull(trainingData, "trainingData is null");
    indicators = Collections.unmodifiableMap(new LinkedHashMap<>(indicators));
    fuzzySets = Collections.unmodifiableMap(new LinkedHashMap<>(fuzzySets));
    nnInputs = List.copyOf(nnInputs);
    requireNonNull(model, "model is null");
    requireNonNull(decisions, "decisions is null");
    requireNonNull(training, "training is null");
    requireNonNull(execution, "execution is null");
    requireNonNull(sizing, "sizing is null");
    warnings = List.copyOf(warnings);
    requireNonNull(text, "text is null");
    requireNonNull(textSha256, "textSha256 is null");
  }

  /**
   * {@inheritDoc} At most, on its own timeframes; see {@link FeatureBuilder#warmupBars()}. A
   * sequence of features has to be whole, too.
   */
  @Override
  public int warmupBars() {
    return nnInputs.stream().mapToInt(this::warmupBars).max().orElse(0) + sequenceBefore();
  }

  /** {@inheritDoc} A longer bar may be made of a single one. */
  @Override
  public int warmupBarsAtLeast() {
    return sequenceBefore()
        + nnInputs.stream().mapToInt(input -> indicatorOf(input).warmupBars()).max().orElse(0);
  }

  /** Bars of a sequence before the one that is decided at. */
  private int sequenceBefore() {
    return model.sequenceLength() - 1;
  }

  private int warmupBars(NnInput input) {
    int ofIndicator = indicatorOf(input).warmupBars();
    List<Timeframe> timeframes =
        input.allTimeframes() ? trainingData.timeframes() : input.timeframes();
    return timeframes.stream()
        .mapToInt(timeframe ->
            FeatureBuilder.warmupBars(ofIndicator, timeframe, trainingData.baseTimeframe()))
        .max()
        .orElse(ofIndicator);
  }

  /** The indicator an input sees, as words or as it is. */
  IndicatorSpec indicatorOf(NnInput input) {
    return switch (input) {
      case NnInput.Words words -> indicator(fuzzySet(words.fuzzySet()).indicatorId());
      case NnInput.Raw raw -> indicator(raw.indicatorId());
    };
  }

  /**
   * The indicator of that id.
   *
   * @throws IllegalArgumentException when the strategy has none
   */
  public IndicatorSpec indicator(String id) {
    return found(indicators, id);
  }

  /**
   * The fuzzy set of that id.
   *
   * @throws IllegalArgumentException when the strategy has none
   */
  public FuzzySet fuzzySet(String id) {
    return found(fuzzySets, id);
  }

  private static <T> T found(Map<String, T> map, String id) {
    T value = map.get(id);
    if (value == null) {
      throw new IllegalArgumentException("no '%s' in %s".formatted(id, map.keySet()));
    }
    return value;
  }
}
