package io.ktrdr.strategy;

import static java.util.Objects.requireNonNull;

import io.ktrdr.market.BarSeries;
import io.ktrdr.market.MarketDataException;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.strategy.LookaheadReport.Column;
import io.ktrdr.strategy.LookaheadReport.Difference;
import io.ktrdr.strategy.LookaheadReport.Kind;
import io.ktrdr.strategy.LookaheadReport.StartDifference;
import io.ktrdr.strategy.indicator.IndicatorSpec;
import io.ktrdr.strategy.indicator.PriceColumns;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Whether a strategy knows at a bar what only later bars tell. Every column the engine decides by
 * is computed on all bars and again on data that ends earlier; up to that end both have to be the
 * same to the last bit.
 *
 * <p>Data is cut after each of the first bars behind the warm-up, before each of the last bars, and
 * at evenly spaced ones between. A column that peeks at every bar, or uses a figure of the whole
 * series, is found by the first cut. One that peeks at rare bars only can slip between two cuts:
 * more cuts see more.
 *
 * <p>It also says how a column depends on where the data begins, as recursive averages do
 * (freqtrade calls this recursive analysis): each is computed from data that begins one, two and
 * four warm-ups before a bar. That is no look-ahead and never fails the check. A large figure means
 * that figures of live trading, which begins with short data, differ from a backtest's.
 *
 * <p>The same strategy and bars give the same report. Stateless apart from its inputs, for any
 * number of threads. The work is bounded by {@value #BARS_MAX} bars and {@value #VALUES_MAX}
 * values: a few seconds of one core at most.
 */
public final class LookaheadCheck {

  /** Evenly spaced cuts when nobody says how many. */
  public static final int CUTS_DEFAULT = 50;

  /** Most evenly spaced cuts. */
  public static final int CUTS_MAX = 1_000;

  /** Bars that are looked at, the oldest ones: computing begins where a backtest's does. */
  public static final int BARS_MAX = 50_000;

  /** Values computed for cuts, all columns together; what does not fit is not cut. */
  static final long VALUES_MAX = 10_000_000;

  /** Bars behind the warm-up that are each the last of a cut. */
  static final int FIRST_CUTS = 20;

  /** Bars at the end that are each the first to be cut off. */
  static final int LAST_CUTS = 2;

  /** Bars at which shorter histories are compared. */
  static final int SAMPLES = 10;

  /** Shorter histories, in warm-ups. */
  private static final int[] HISTORIES = {1, 2, 4};

  /** Taken for a warm-up where there is none. */
  private static final int WARMUP_MIN = 10;

  private final ColumnSource source;
  private final BarSeries bars;
  private final List<NamedColumn> whole;
  private final int warmup;

  /** Computes every column over all bars, the same ones in the same order for any bars. */
  @FunctionalInterface
  interface ColumnSource {

    List<NamedColumn> over(BarSeries bars);
  }

  /** One value a bar. */
  // Never compared, so that arrays lack value equality costs nothing.
  @SuppressWarnings("ArrayRecordComponent")
  record NamedColumn(String name, Kind kind, double[] values) {}

  private LookaheadCheck(ColumnSource source, int warmupBars, BarSeries bars) {
    this.source = source;
    this.bars = bars;
    this.whole = source.over(bars);
    this.warmup = Math.max(warmupBars, firstKnown(whole, bars.size()));
    if (bars.size() < warmup + 2) {
      throw new MarketDataException(
          "RANGE_TOO_SHORT",
          "%s %s has %d bars, the strategy needs %d to warm up, so need %d: use longer data"
              .formatted(bars.symbol(), bars.timeframe(), bars.size(), warmup, warmup + 2));
    }
  }

  /**
   * Checks a strategy on bars.
   *
   * @param cuts evenly spaced ones, 0 to {@link #CUTS_MAX}; fewer when there are too many values
   * @throws MarketDataException {@code RANGE_TOO_SHORT} when no bar can be cut off after the
   *     warm-up
   * @throws StrategyInvalidException {@code TIMEFRAME_UNSUPPORTED} when its inputs cannot be made
   *     of these bars
   */
  public static LookaheadReport run(Strategy strategy, BarSeries bars, int cuts) {
    requireNonNull(strategy, "strategy is null");
    return run(part -> columns(strategy, part), strategy.warmupBarsAtLeast(), bars, cuts);
  }

  static LookaheadReport run(ColumnSource source, int warmupBars, BarSeries bars, int cuts) {
    if (cuts < 0 || cuts > CUTS_MAX) {
      throw new IllegalArgumentException("%d cuts, 0 to %d".formatted(cuts, CUTS_MAX));
    }
    BarSeries looked = bars.size() <= BARS_MAX ? bars : bars.slice(0, BARS_MAX);
    return new LookaheadCheck(source, warmupBars, looked).report(cuts);
  }

  private LookaheadReport report(int evenCuts) {
    List<Integer> lengths = cuts(bars.size(), warmup, whole.size(), evenCuts);
    @Nullable Difference[] found = new Difference[whole.size()];
    for (int length : lengths) {
      List<NamedColumn> part = source.over(bars.slice(0, length));
      for (int c = 0; c < found.length; c++) {
        found[c] = earlier(found[c], difference(column(part, c, length), c, length));
      }
    }
    List<List<StartDifference>> starts = starts();
    List<Column> columns = new ArrayList<>();
    for (int c = 0; c < found.length; c++) {
      NamedColumn column = whole.get(c);
      columns.add(new Column(column.name(), column.kind(), found[c], starts.get(c)));
    }
    return new LookaheadReport(bars.size(), warmup, lengths.size(), columns);
  }

  /** Lengths the data is cut to, ascending. */
  static List<Integer> cuts(int bars, int warmup, int columns, int evenCuts) {
    TreeSet<Integer> lengths = new TreeSet<>();
    lengths.add(warmup + 1);
    lengths.add(bars - 1);
    long budget = VALUES_MAX / columns - warmup - bars;
    for (int i = 2; i <= FIRST_CUTS && warmup + i < bars && warmup + i <= budget; i++) {
      budget -= lengths.add(warmup + i) ? warmup + i : 0;
    }
    for (int i = 2; i <= LAST_CUTS && warmup + i < bars && bars - i <= budget; i++) {
      budget -= lengths.add(bars - i) ? bars - i : 0;
    }
    int after = bars - warmup;
    int spaced = Math.clamp(budget / (warmup + after / 2), 0, evenCuts);
    for (int i = 1; i <= spaced; i++) {
      lengths.add(warmup + Math.clamp((long) after * i / (spaced + 1), 1, after - 1));
    }
    return List.copyOf(lengths);
  }

  private @Nullable Difference difference(double[] part, int c, int length) {
    double[] all = whole.get(c).values();
    for (int bar = 0; bar < length; bar++) {
      if (Double.doubleToLongBits(part[bar]) != Double.doubleToLongBits(all[bar])) {
        return new Difference(bar, bars.time(bar), length, part[bar], all[bar]);
      }
    }
    return null;
  }

  private static @Nullable Difference earlier(@Nullable Difference a, @Nullable Difference b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return b.bar() < a.bar() ? b : a;
  }

  /** Of each column, how it depends on the start of the data. */
  private List<List<StartDifference>> starts() {
    List<List<StartDifference>> starts = new ArrayList<>();
    whole.forEach(_ -> starts.add(new ArrayList<>()));
    for (int warmups : HISTORIES) {
      long history = (long) warmups * Math.max(warmup, WARMUP_MIN);
      if (history < bars.size()) {
        double[] largest = largestChanges((int) history);
        for (int c = 0; c < largest.length; c++) {
          starts.get(c).add(new StartDifference((int) history, largest[c]));
        }
      }
    }
    return starts;
  }

  private double[] largestChanges(int history) {
    long cost = (history + 1L) * whole.size() * HISTORIES.length;
    int samples = Math.clamp(VALUES_MAX / cost, 1, SAMPLES);
    double[] largest = new double[whole.size()];
    for (int s = 1; s <= samples; s++) {
      int bar = history + (int) ((long) (bars.size() - 1 - history) * s / samples);
      List<NamedColumn> late = source.over(bars.slice(bar - history, bar + 1));
      for (int c = 0; c < largest.length; c++) {
        double change = column(late, c, history + 1)[history] - whole.get(c).values()[bar];
        // Math.max keeps a NaN.
        largest[c] = Math.max(largest[c], Math.abs(change));
      }
    }
    for (int c = 0; c < largest.length; c++) {
      double scale = largestValue(whole.get(c).values());
      largest[c] = largest[c] == 0 ? 0 : largest[c] / scale;
    }
    return largest;
  }

  private double largestValue(double[] values) {
    double largest = 0;
    for (int bar = warmup; bar < values.length; bar++) {
      largest = Math.max(largest, Math.abs(values[bar]));
    }
    return largest;
  }

  private double[] column(List<NamedColumn> part, int c, int length) {
    NamedColumn column = part.get(c);
    if (!column.name().equals(whole.get(c).name()) || column.values().length != length) {
      throw new IllegalStateException(
          "column %d is %s with %d values for %d bars"
              .formatted(c, column.name(), column.values().length, length));
    }
    return column.values();
  }

  /** First bar at which all columns have a value. */
  private static int firstKnown(List<NamedColumn> columns, int bars) {
    int known = 0;
    for (NamedColumn column : columns) {
      int first = 0;
      while (first < bars && Double.isNaN(column.values()[first])) {
        first++;
      }
      known = Math.max(known, first);
    }
    return known;
  }

  /** What the strategy's decisions go by: the indicators, and what is made of them. */
  private static List<NamedColumn> columns(Strategy strategy, BarSeries bars) {
    List<NamedColumn> columns = new ArrayList<>();
    PriceColumns prices = new PriceColumns(bars);
    for (IndicatorSpec spec : strategy.indicators().values()) {
      columns.addAll(outputs(spec, prices));
    }
    switch (strategy) {
      case RulesStrategy rules ->
          addRules(columns, new RuleColumns(rules.rules(), bars), bars.size());
      case NeuroFuzzyStrategy fuzzy ->
          addFeatures(columns, features(fuzzy, bars.timeframe()).build(bars));
    }
    return columns;
  }

  /** On its own timeframe a strategy sees all of its timeframes, on another one only that. */
  private static FeatureBuilder features(NeuroFuzzyStrategy strategy, Timeframe base) {
    TrainingData own = strategy.trainingData();
    return new FeatureBuilder(
        strategy, base, base == own.baseTimeframe() ? own.timeframes() : List.of(base));
  }

  private static List<NamedColumn> outputs(IndicatorSpec spec, PriceColumns prices) {
    List<NamedColumn> columns = new ArrayList<>();
    double[][] values = spec.type().compute(prices, spec.parameters());
    for (int i = 0; i < values.length; i++) {
      String output = spec.type().outputs().get(i);
      String name = spec.type().hasSingleOutput() ? spec.id() : spec.id() + "." + output;
      columns.add(new NamedColumn(name, Kind.INDICATOR, values[i]));
    }
    return columns;
  }

  private static void addRules(List<NamedColumn> columns, RuleColumns rules, int size) {
    columns.add(rule("enter_long", rules.enterLong(), size));
    columns.add(rule("exit_long", rules.exitLong(), size));
    columns.add(rule("enter_short", rules.enterShort(), size));
    columns.add(rule("exit_short", rules.exitShort(), size));
  }

  private static NamedColumn rule(String name, BitSet held, int size) {
    double[] values = new double[size];
    held.stream().forEach(bar -> values[bar] = 1);
    return new NamedColumn(name, Kind.RULE, values);
  }

  private static void addFeatures(List<NamedColumn> columns, FeatureMatrix features) {
    for (int c = 0; c < features.columns(); c++) {
      double[] values = new double[features.rows()];
      for (int row = 0; row < values.length; row++) {
        // Every float is a double, so no difference is lost.
        values[row] = features.values()[row * features.columns() + c];
      }
      columns.add(new NamedColumn(features.names().get(c), Kind.FEATURE, values));
    }
  }
}
