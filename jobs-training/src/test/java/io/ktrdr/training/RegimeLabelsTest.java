package io.ktrdr.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.ktrdr.market.BarSeries;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.strategy.LabelSettings.Regime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Regimes, by hand and against a second implementation. */
class RegimeLabelsTest {

  private static final byte UP = 0;
  private static final byte DOWN = 1;
  private static final byte RANGING = 2;
  private static final byte VOLATILE = 3;
  private static final byte NONE = Labels.NONE;

  /** An ATR of one bar, so it is the bar's true range; the median of two is their mean. */
  private static final Regime BY_HAND = new Regime(4, 2, 1, 2, 1.5, 1);

  @Test
  void swingsThatGoOnAreTrendsAndOthersRanges() {
    // Every true range is 1. Leg up from 10 at bar 3 to 20 at bar 15, by a fall of 4 from it.
    double[] close = {
      12, 11.5, 11, 10, 11, 12, 13, 14, 13, 12, 13, 14, 14.5, 13.5, 12.5, 20, 19, 18, 17, 16, 17
    };
    double[] smooth = withRangeOne(close);

    Labels labels = RegimeLabels.of(bars(smooth, 1), BY_HAND);

    // The path with its gaps filled: see stretched().
    int[] at = indexOf(smooth, close);
    assertThat(labelAt(labels, at, 3)).as("10 to 14, the first swing").isEqualTo(UP);
    assertThat(labelAt(labels, at, 7)).as("14 to 12, a pullback to above 10 + 1").isEqualTo(UP);
    assertThat(labelAt(labels, at, 9))
        .as("12 to 14.5, which is not above 14 by more than 1")
        .isEqualTo(RANGING);
    assertThat(labelAt(labels, at, 12)).as("14.5 to 12.5, from a level top").isEqualTo(RANGING);
    assertThat(labelAt(labels, at, 14)).as("12.5 is level with 12").isEqualTo(RANGING);
    assertThat(labelAt(labels, at, 15)).as("from the last confirmed turn on").isEqualTo(NONE);
    assertThat(labelAt(labels, at, 2)).as("before the first turn").isEqualTo(NONE);
    assertThat(labels.knownAt()[at[3]]).isEqualTo(at[19]);
    assertThat(labels.knownAt()[at[14]]).isEqualTo(at[19]);
  }

  @Test
  void aFallingLegMirrorsARisingOne() {
    double[] up = walk(new Random(4), 400).close();
    double[] mirrored = Arrays.stream(up).map(price -> 200 - price).toArray();
    Regime settings = new Regime(3, 1, 3, 5, 3, 0.25);

    byte[] one = RegimeLabels.of(bars(up, 0.5), settings).classes();
    byte[] other = RegimeLabels.of(bars(mirrored, 0.5), settings).classes();

    int checked = 0;
    for (int bar = 0; bar < one.length; bar++) {
      byte expected = one[bar] == UP ? DOWN : one[bar] == DOWN ? UP : one[bar];
      assertThat(other[bar]).as("bar %d", bar).isEqualTo(expected);
      checked += one[bar] == NONE ? 0 : 1;
    }
    assertThat(checked).isGreaterThan(200);
  }

  @Test
  void aBarIsVolatileWhereItsRangeIsFarFromUsual() {
    // A leg up from bar 2 to bar 10; the true range is 1, of bar 6 it is 5, and stays unusual once.
    double[] close = {12, 11, 10, 11, 12, 13, 18, 19, 20, 21, 22, 21, 20, 19, 18, 17};

    Labels labels = RegimeLabels.of(bars(close, 1), new Regime(4, 2, 1, 3, 2, 0));

    assertThat(Arrays.copyOfRange(labels.classes(), 0, 11))
        .containsExactly(NONE, NONE, UP, UP, UP, UP, VOLATILE, UP, UP, UP, NONE);
    assertThat(labels.knownAt()[6]).as("known at its own close").isEqualTo(6);
    assertThat(labels.knownAt()[7]).as("with the turn that ends its leg").isEqualTo(14);
    // Five times the usual range is not above five times the usual range.
    assertThat(RegimeLabels.of(bars(close, 1), new Regime(4, 2, 1, 3, 5, 0)).classes()[6])
        .isEqualTo(UP);
  }

  @Test
  void withoutAUsualRangeThereIsNoLabel() {
    double[] close = {12, 11, 10, 11, 12, 13, 14, 15, 16, 17, 18, 17, 16, 15, 14, 13};

    assertThat(RegimeLabels.of(bars(close, 1), new Regime(4, 2, 2, 5, 2, 0)).classes())
        .as("the fifth ATR of two bars is that of bar 5")
        .containsExactly(
            NONE, NONE, NONE, NONE, NONE, UP, UP, UP, UP, UP, NONE, NONE, NONE, NONE, NONE, NONE);
    double[] flat = new double[60];
    Arrays.fill(flat, 1.1);
    assertThat(RegimeLabels.of(bars(flat, 0), new Regime(4, 2, 2, 5, 2, 0)).classes())
        .containsOnly(NONE);
    assertThat(RegimeLabels.of(bars(new double[] {1, 2}, 1), BY_HAND).classes()).containsOnly(NONE);
    assertThat(RegimeLabels.of(bars(new double[] {1}, 1), new Regime(4, 2, 9, 5, 2, 0)).classes())
        .containsOnly(NONE);
  }

  @Test
  void mediansAreThoseOfSortedWindows() {
    Random random = new Random(3);
    for (int count : new int[] {2, 3, 8, 9}) {
      double[] values = new double[200];
      for (int i = 0; i < values.length; i++) {
        // Few different ones, so that some are equal.
        values[i] = i < 5 ? Double.NaN : random.nextInt(12);
      }
      double[] medians = RegimeLabels.medians(values, count);
      for (int i = 0; i < values.length; i++) {
        assertThat(medians[i])
            .as("bar %d", i)
            .isEqualTo(Double.valueOf(naiveMedian(values, 5, i, count)));
      }
    }
  }

  @Test
  void regimesAgreeWithASecondImplementation() {
    Random random = new Random(17);
    int[] seen = new int[4];
    for (int series = 0; series < 40; series++) {
      BarSeries bars = walk(random, 250);
      double micro = 0.5 + random.nextDouble();
      Regime settings =
          new Regime(
              micro + 0.5 + 4 * random.nextDouble(),
              micro,
              1 + random.nextInt(15),
              2 + random.nextInt(30),
              1.1 + 0.5 * random.nextDouble(),
              random.nextDouble());
      byte[] classes = RegimeLabels.of(bars, settings).classes();
      byte[] naive = new Naive(bars, settings).classes();
      assertThat(classes).as("%s", settings).isEqualTo(naive);
      for (byte label : classes) {
        if (label != NONE) {
          seen[label]++;
        }
      }
    }
    assertThat(Arrays.stream(seen).min().orElseThrow()).isGreaterThan(100);
  }

  @Test
  void aLabelIsFixedOnceItIsKnownAndNotBefore() {
    BarSeries bars = walk(new Random(8), 300);
    Regime settings = new Regime(3, 1, 5, 20, 1.3, 0.3);
    Labels all = RegimeLabels.of(bars, settings);
    int checked = 0;
    for (int bar = 0; bar < bars.size(); bar++) {
      byte label = all.classes()[bar];
      if (label == NONE) {
        continue;
      }
      int known = all.knownAt()[bar];
      byte after = RegimeLabels.of(bars.slice(0, known + 1), settings).classes()[bar];
      byte before =
          RegimeLabels.of(bars.slice(0, known), settings).classes()[bar < known ? bar : 0];
      if (label == VOLATILE) {
        assertThat(known).isEqualTo(bar);
        assertThat(after).as("its leg is not over yet").isEqualTo(NONE);
      } else {
        assertThat(known).isGreaterThan(bar + 1);
        assertThat(after).as("bar %d", bar).isEqualTo(label);
        assertThat(before).as("bar %d", bar).isEqualTo(NONE);
      }
      checked++;
    }
    assertThat(checked).isGreaterThan(200);
  }

  /** Looks for each turn anew from its definition, and judges each bar by itself. */
  private static final class Naive {

    private final double[] close;
    private final double[] atr;
    private final Regime settings;
    private final int start;

    Naive(BarSeries bars, Regime settings) {
      this.close = bars.close();
      this.settings = settings;
      this.start = settings.atrPeriod() - 1;
      this.atr = new double[close.length];
      double sum = 0;
      for (int i = 0; i < close.length; i++) {
        double before = i == 0 ? bars.high()[0] : close[i - 1];
        double top = Math.max(bars.high()[i], before);
        double bottom = Math.min(bars.low()[i], i == 0 ? bars.low()[0] : before);
        sum += i <= start ? top - bottom : 0;
        int p = settings.atrPeriod();
        atr[i] =
            i < start
                ? Double.NaN
                : i == start ? sum / p : (atr[i - 1] * (p - 1) + top - bottom) / p;
      }
    }

    byte[] classes() {
      byte[] classes = new byte[close.length];
      Arrays.fill(classes, NONE);
      List<int[]> macro = turns(start, close.length - 1, 0, settings.macroMultiplier());
      for (int bar = start; bar < close.length; bar++) {
        for (int leg = 1; leg < macro.size(); leg++) {
          if (bar >= macro.get(leg - 1)[0] && bar < macro.get(leg)[0]) {
            classes[bar] = judged(bar, macro.get(leg - 1)[0], macro.get(leg)[0]);
          }
        }
      }
      return classes;
    }

    private byte judged(int bar, int from, int to) {
      double usual = naiveMedian(atr, start, bar, settings.volatilityLookback());
      if (Double.isNaN(usual)) {
        return NONE;
      }
      if (atr[bar] / usual > settings.volatilityThreshold()) {
        return VOLATILE;
      }
      int side = close[to] > close[from] ? 1 : -1;
      List<Integer> ends = new ArrayList<>(List.of(from));
      turns(from, to, side, settings.microMultiplier()).forEach(turn -> ends.add(turn[0]));
      if (ends.size() % 2 == 0) {
        ends.removeLast();
      }
      ends.add(to);
      int end = 0;
      while (ends.get(end) <= bar) {
        end++;
      }
      boolean trend = true;
      for (int i = Math.max(2, end - 1); i <= end; i++) {
        double gained = side * (close[ends.get(i)] - close[ends.get(i - 2)]);
        trend &= gained > settings.progressionTolerance() * atr[ends.get(i)];
      }
      return trend ? side > 0 ? UP : DOWN : RANGING;
    }

    /**
     * Bars of turns and of their confirmation.
     *
     * @param first 1 when a high comes first, -1 a low, 0 whichever does
     */
    private List<int[]> turns(int from, int last, int first, double multiplier) {
      List<int[]> turns = new ArrayList<>();
      int looking = first;
      int since = from;
      for (int bar = from + 1; bar <= last; bar++) {
        for (int side : new int[] {-1, 1}) {
          int turn = since;
          for (int i = since; i <= bar; i++) {
            turn = side * close[i] > side * close[turn] ? i : turn;
          }
          double back = side * (close[turn] - close[bar]);
          if (looking != -side && back > 0 && back >= multiplier * atr[turn]) {
            turns.add(new int[] {turn, bar});
            looking = -side;
            since = bar;
            break;
          }
        }
      }
      return turns;
    }
  }

  private static double naiveMedian(double[] values, int first, int bar, int count) {
    if (bar - count + 1 < first) {
      return Double.NaN;
    }
    double[] window = Arrays.copyOfRange(values, bar - count + 1, bar + 1);
    Arrays.sort(window);
    return count % 2 == 1 ? window[count / 2] : (window[count / 2 - 1] + window[count / 2]) / 2;
  }

  /** The closes with steps of at most 1, so that the true range of bars that are 1 high is 1. */
  private static double[] withRangeOne(double[] close) {
    List<Double> path = new ArrayList<>(List.of(close[0]));
    for (double next : close) {
      while (Math.abs(next - path.getLast()) > 1) {
        path.add(path.getLast() + Math.signum(next - path.getLast()));
      }
      if (next != path.getLast()) {
        path.add(next);
      }
    }
    return path.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** Where in the path each of the closes is. */
  private static int[] indexOf(double[] path, double[] close) {
    int[] at = new int[close.length];
    int bar = 0;
    for (int i = 0; i < close.length; i++) {
      while (path[bar] != close[i]) {
        bar++;
      }
      at[i] = bar;
    }
    return at;
  }

  private static byte labelAt(Labels labels, int[] at, int i) {
    return labels.classes()[at[i]];
  }

  private static BarSeries walk(Random random, int n) {
    double[] close = new double[n];
    double[] high = new double[n];
    double[] low = new double[n];
    double price = 100;
    for (int i = 0; i < n; i++) {
      double open = price;
      price *= Math.exp((i % 60 < 10 ? 0.02 : 0.008) * random.nextGaussian());
      close[i] = price;
      high[i] = Math.max(open, price) * (1 + 0.005 * random.nextDouble());
      low[i] = Math.min(open, price) * (1 - 0.005 * random.nextDouble());
    }
    return bars(high, low, close);
  }

  /** Bars of that height, from the close before to this one and no farther where it is larger. */
  private static BarSeries bars(double[] close, double height) {
    double[] high = new double[close.length];
    double[] low = new double[close.length];
    for (int i = 0; i < close.length; i++) {
      double before = i == 0 ? close[0] : close[i - 1];
      low[i] = Math.min(before, close[i]);
      high[i] = Math.max(Math.max(before, close[i]), low[i] + height);
    }
    return bars(high, low, close);
  }

  private static BarSeries bars(double[] high, double[] low, double[] close) {
    long[] times = new long[close.length];
    Arrays.setAll(times, i -> i * 86_400L);
    return BarSeries.of(
        "TEST", Timeframe.D1, times, close.clone(), high, low, close, new double[close.length]);
  }
}
