package io.ktrdr.strategy;

import static java.util.Objects.requireNonNull;

import io.ktrdr.market.BarSeries;
import io.ktrdr.market.HigherBars;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.strategy.indicator.IndicatorCache;
import io.ktrdr.strategy.indicator.IndicatorColumns;
import io.ktrdr.strategy.indicator.IndicatorSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns bars into what the network sees: indicators, then fuzzy memberships or the raw values.
 * Training and backtest use this one class, and row {@code i} depends on bars {@code 0..i} only, so
 * a backtest cannot know more than live trading would.
 *
 * <p>An input of a longer timeframe is computed on {@link HigherBars} made of the operation's own
 * bars; row {@code i} has the value of the newest one that is closed at the close of bar {@code i},
 * and none before its indicator has warmed up. Immutable and thread-safe.
 */
public final class FeatureBuilder {

  /** For results: where longer bars come from and when they count. */
  public static final String HIGHER_BARS_RULE =
      "longer bars are made of the operation's own, from round times UTC, weeks from Monday; a row"
          + " sees the newest one that is closed at its bar's close";

  /**
   * Rows that an input's columns are filled for before the next ones: few enough to stay in the
   * fastest cache while every column goes through them.
   */
  private static final int BLOCK = 128;

  private final Timeframe base;
  private final List<Input> inputs = new ArrayList<>();
  private final List<String> names = new ArrayList<>();

  private final Map<String, Normalization> normalizations = new LinkedHashMap<>();

  /**
   * An indicator's output over the bars of one timeframe.
   *
   * @param words a column each; none for one column of the values themselves
   */
  private record Input(
      Timeframe timeframe, IndicatorSpec indicator, String output, Collection<Membership> words) {}

  /** Indicators over the bars of one timeframe, and which of these bars a row sees. */
  // Never compared, so that arrays lack value equality costs nothing.
  @SuppressWarnings("ArrayRecordComponent")
  private record Source(IndicatorColumns columns, int[] barOfRow) {}

  /** Features of one timeframe only, unless an input lists its own. */
  public FeatureBuilder(NeuroFuzzyStrategy strategy, Timeframe timeframe) {
    this(strategy, timeframe, List.of(timeframe));
  }

  /**
   * @param base the bars of the operation
   * @param timeframes what an input with {@code timeframes: all} sees, in order; one that lists its
   *     own sees those
   * @throws StrategyInvalidException {@code TIMEFRAME_UNSUPPORTED} when an input needs bars shorter
   *     than the operation's
   */
  public FeatureBuilder(NeuroFuzzyStrategy strategy, Timeframe base, List<Timeframe> timeframes) {
    requireNonNull(strategy, "strategy is null");
    this.base = requireNonNull(base, "base is null");
    for (int i = 0; i < strategy.nnInputs().size(); i++) {
      NnInput input = strategy.nnInputs().get(i);
      for (Timeframe timeframe : input.allTimeframes() ? timeframes : input.timeframes()) {
        requireNotShorter(i, input, timeframe);
        add(strategy, input, timeframe);
      }
    }
  }

  private void add(NeuroFuzzyStrategy strategy, NnInput input, Timeframe timeframe) {
    IndicatorSpec indicator = strategy.indicatorOf(input);
    switch (input) {
      case NnInput.Words words -> {
        FuzzySet set = strategy.fuzzySet(words.fuzzySet());
        inputs.add(new Input(timeframe, indicator, set.output(), set.memberships().values()));
        for (String membership : set.memberships().keySet()) {
          names.add(timeframe + "_" + name(set, membership));
        }
      }
      case NnInput.Raw raw -> {
        inputs.add(new Input(timeframe, indicator, raw.output(), List.of()));
        String name = timeframe + "_" + name(raw);
        names.add(name);
        if (raw.normalization() != Normalization.NONE) {
          normalizations.put(name, raw.normalization());
        }
      }
    }
  }

  /** Without the timeframe. */
  static String name(FuzzySet set, String membership) {
    return set.id() + "_" + membership;
  }

  /** Without the timeframe. */
  static String name(NnInput.Raw raw) {
    return raw.reference() + "_raw";
  }

  /**
   * {@code {timeframe}_{fuzzy set}_{membership}}, and {@code {timeframe}_{indicator}_raw} of a raw
   * input: inputs in order, of each its timeframes in order, of each the memberships in order.
   */
  public List<String> names() {
    return List.copyOf(names);
  }

  /**
   * Raw features that are to be scaled, in the order of {@link #names()}. {@link #build} does not
   * scale: the scale is fitted in training, see {@link FeatureScaling}.
   */
  public Map<String, Normalization> normalizations() {
    return Collections.unmodifiableMap(normalizations);
  }

  /**
   * Checks that a model expects these features, and scales those it has to.
   *
   * @throws ModelInvalidException {@code MODEL_FEATURES_MISMATCH} naming what differs
   */
  public void requireFits(ModelBundle model) {
    Inference.requireSameFeatures(model.featureNames(), names);
    Map<String, Normalization> fitted = new LinkedHashMap<>();
    model.scalings().forEach(scaling -> fitted.put(scaling.feature(), scaling.normalization()));
    if (!fitted.equals(normalizations)) {
      throw new ModelInvalidException(
          "MODEL_FEATURES_MISMATCH",
          "the model scales %s, its strategy %s".formatted(fitted, normalizations));
    }
  }

  /** Those of the inputs, each once, in order of appearance. */
  public List<Timeframe> timeframes() {
    return inputs.stream().map(Input::timeframe).distinct().toList();
  }

  /** Whether an input is computed on longer bars than the operation's. */
  public boolean usesHigherBars() {
    return inputs.stream().anyMatch(input -> input.timeframe() != base);
  }

  /**
   * Most leading bars without all features, however many bars there are. That many they are on one
   * timeframe. A longer one may have fewer, where bars are missing or the first longer bar is
   * whole: {@link FeatureMatrix#firstUsableRow()} is what they really are.
   */
  public int warmupBars() {
    return inputs.stream()
        .mapToInt(input -> warmupBars(input.indicator().warmupBars(), input.timeframe(), base))
        .max()
        .orElse(0);
  }

  /**
   * Of a longer timeframe, the bars before its first whole bar, and those of the bars the indicator
   * needs; at the close of the last of them there is a value.
   */
  static int warmupBars(int ofIndicator, Timeframe timeframe, Timeframe base) {
    long ratio = timeframe.length().dividedBy(base.length());
    return ratio <= 1 ? ofIndicator : Math.toIntExact((ofIndicator + 2) * ratio - 2);
  }

  /** As {@link #build(BarSeries, IndicatorCache)}, computing every indicator. */
  public FeatureMatrix build(BarSeries bars) {
    return build(bars, new IndicatorCache());
  }

  /** As the other, of a caller that will not want to stop. */
  public FeatureMatrix build(BarSeries bars, IndicatorCache cache) {
    return build(bars, cache, () -> {});
  }

  /**
   * One row per bar.
   *
   * @param cache of the process that builds features
   * @param between called before each indicator; what it throws ends the building
   * @throws IllegalArgumentException when the bars are of another timeframe
   */
  public FeatureMatrix build(BarSeries bars, IndicatorCache cache, Runnable between) {
    if (bars.timeframe() != base) {
      throw new IllegalArgumentException(
          "features are for %s bars, these are %s".formatted(base, bars.timeframe()));
    }
    Map<Timeframe, Source> sources = new EnumMap<>(Timeframe.class);
    int rows = bars.size();
    float[] values = new float[Math.multiplyExact(rows, names.size())];
    int firstUsable = 0;
    int column = 0;
    for (Input input : inputs) {
      Source source =
          sources.computeIfAbsent(
              input.timeframe(), timeframe -> source(bars, timeframe, cache, between));
      double[] indicator = source.columns().column(input.indicator(), input.output());
      fill(values, column, input, indicator, source.barOfRow());
      column += Math.max(1, input.words().size());
      firstUsable =
          Math.max(firstUsable, firstRowOf(source.barOfRow(), input.indicator().warmupBars()));
    }
    return new FeatureMatrix(names, values, rows, firstUsable);
  }

  private static Source source(
      BarSeries bars, Timeframe timeframe, IndicatorCache cache, Runnable between) {
    if (timeframe == bars.timeframe()) {
      int[] itself = new int[bars.size()];
      Arrays.setAll(itself, row -> row);
      return new Source(new IndicatorColumns(bars, cache, between), itself);
    }
    HigherBars higher = HigherBars.of(bars, timeframe);
    return new Source(new IndicatorColumns(higher.bars(), cache, between), higher.newestClosed());
  }

  /** The input's columns, from {@code column} on. */
  private void fill(float[] values, int column, Input input, double[] indicator, int[] barOfRow) {
    double[] seen = new double[BLOCK];
    float[] filled = new float[BLOCK];
    for (int first = 0; first < barOfRow.length; first += BLOCK) {
      int rows = Math.min(BLOCK, barOfRow.length - first);
      for (int r = 0; r < rows; r++) {
        int bar = barOfRow[first + r];
        seen[r] = bar == HigherBars.NONE ? Double.NaN : indicator[bar];
      }
      int at = first * names.size() + column;
      if (input.words().isEmpty()) {
        for (int r = 0; r < rows; r++) {
          filled[r] = (float) seen[r];
        }
        put(values, at, filled, rows);
      }
      for (Membership membership : input.words()) {
        membership.degrees(seen, rows, filled);
        put(values, at, filled, rows);
        at++;
      }
    }
  }

  private void put(float[] values, int at, float[] filled, int rows) {
    int columns = names.size();
    for (int r = 0; r < rows; r++) {
      values[at + r * columns] = filled[r];
    }
  }

  /** First row that sees that bar, or a later one; the number of rows when none does. */
  private static int firstRowOf(int[] barOfRow, int bar) {
    int row = 0;
    while (row < barOfRow.length && barOfRow[row] < bar) {
      row++;
    }
    return row;
  }

  private void requireNotShorter(int index, NnInput input, Timeframe wanted) {
    if (wanted.compareTo(base) < 0) {
      throw new StrategyInvalidException(
          "nn_inputs[%d].timeframes".formatted(index),
          "TIMEFRAME_UNSUPPORTED",
          "input '%s' needs %s bars, shorter than the operation's %s, of which they cannot be made: run on %s, or leave it out"
              .formatted(input.reference(), wanted, base, wanted));
    }
  }
}
