package io.ktrdr.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ktrdr.market.BarSeries;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.strategy.LabelSettings.Context;
import io.ktrdr.strategy.LabelSettings.TripleBarrier;
import io.ktrdr.strategy.LabelSettings.TripleBarrier.Volatility;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Forward returns, contexts and barriers, by hand and against second implementations. */
class FurtherLabelsTest {

  private static final byte BUY = 0;
  private static final byte HOLD = 1;
  private static final byte SELL = 2;
  private static final byte NONE = Labels.NONE;

  @Test
  void forwardReturnsAreOfClosesAndTheLastBarsHaveNone() {
    Labels labels = ForwardReturnLabels.of(new double[] {100, 101, 110, 101, 99}, 2);

    assertThat(labels.returns())
        .containsExactly(
            new double[] {(110 - 100) / 100.0, 0, (99 - 110) / 110.0, Double.NaN, Double.NaN},
            within(0.0));
    assertThat(labels.classes()).containsExactly(BUY, HOLD, SELL, NONE, NONE);
    assertThat(labels.knownAt()).startsWith(2, 3, 4);
    assertThat(ForwardReturnLabels.of(new double[] {1, 2}, 2).classes()).containsOnly(NONE);
  }

  @Test
  void aContextIsTheReturnSortedByItsThresholdsWhichBelongToTheirSides() {
    double[] close = {100, 100, 100.5, 100.49, 99.5, 99.51, 100, 100};

    Labels labels = ContextLabels.of(close, new Context(2, 0.005, -0.005));

    // +0.5 %, +0.49 %, -1.0 %, -0.98 %, +0.5 % of 99.5, +0.49 %, and two that end too late.
    assertThat(labels.classes()).containsExactly(BUY, HOLD, SELL, SELL, BUY, HOLD, NONE, NONE);
    assertThat(labels.knownAt()).startsWith(2, 3, 4, 5, 6, 7);
    assertThat(labels.returns()).isEmpty();
    double[] falls = {100, 99.5, 99.01};
    assertThat(ContextLabels.of(falls, new Context(1, 0.005, -0.005)).classes())
        .as("-0.5 %, -0.49 %")
        .containsExactly(SELL, HOLD, NONE);
    assertThat(ContextLabels.of(falls, new Context(3, 0.005, -0.005)).classes()).containsOnly(NONE);
  }

  @Test
  void contextsAgreeWithASecondImplementation() {
    Random random = new Random(23);
    int[] seen = new int[3];
    for (int series = 0; series < 30; series++) {
      double[] close = walk(random, 120).close();
      Context settings =
          new Context(
              1 + random.nextInt(12), 0.02 * random.nextDouble(), -0.02 * random.nextDouble());
      Labels labels = ContextLabels.of(close, settings);
      for (int bar = 0; bar < close.length; bar++) {
        int end = bar + settings.horizon();
        byte label = NONE;
        if (end < close.length) {
          double ratio = close[end] / close[bar];
          // Bit by bit this is another number, so it must not be at a threshold.
          assertThat(Math.abs(ratio - 1 - settings.bullish())).isGreaterThan(1e-12);
          assertThat(Math.abs(ratio - 1 - settings.bearish())).isGreaterThan(1e-12);
          label =
              ratio > 1 + settings.bullish() ? BUY : ratio < 1 + settings.bearish() ? SELL : HOLD;
          assertThat(labels.knownAt()[bar]).isEqualTo(end);
          seen[label]++;
        }
        assertThat(labels.classes()[bar]).as("bar %d", bar).isEqualTo(label);
      }
    }
    assertThat(Arrays.stream(seen).min().orElseThrow()).isPositive();
  }

  @Test
  void theFirstBarrierTouchedDecides() {
    // Range 2 of a close of 100: a volatility of 0.02, barriers at 104 and 97 with 2 and 1.5.
    double[][] touchesUpper = {{101, 99, 100}, {104, 99, 100}, {101, 90, 100}, {101, 99, 100}};
    double[][] touchesLower = {{101, 99, 100}, {103.9, 97, 100}, {200, 99, 100}, {101, 99, 100}};
    double[][] bothClosesBelow = {{101, 99, 100}, {104, 97, 99.9}, {101, 99, 100}};
    double[][] bothClosesEven = {{101, 99, 100}, {104, 97, 100}, {101, 99, 100}};

    assertFirst(touchesUpper, 2, BUY, 1);
    assertFirst(touchesLower, 2, SELL, 1);
    assertFirst(bothClosesBelow, 2, SELL, 1);
    assertFirst(bothClosesEven, 2, BUY, 1);
  }

  @Test
  void afterTheLastBarTheReturnDecidesWhereItIsLargeEnough() {
    // Half of 0.02 · √2 is 0.01414.
    assertFirst(new double[][] {{101, 99, 100}, {102, 99, 101}, {102, 99, 101.5}}, 2, BUY, 2);
    assertFirst(new double[][] {{101, 99, 100}, {102, 99, 101}, {102, 99, 101.4}}, 2, HOLD, 2);
    assertFirst(new double[][] {{101, 99, 100}, {102, 98, 99}, {100, 98, 98.5}}, 2, SELL, 2);
  }

  @Test
  void withoutVolatilityThereIsNoLabel() {
    double[][] still = {{100, 100, 100}, {100, 100, 100}, {101, 99, 100}, {101, 99, 100}};
    TripleBarrier byRange = new TripleBarrier(2, 1.5, 1, 10, Volatility.ATR);
    assertThat(TripleBarrierLabels.of(bars(still), byRange).classes())
        .containsExactly(NONE, NONE, HOLD, NONE);
    TripleBarrier byReturns = new TripleBarrier(2, 1.5, 1, 10, Volatility.CLOSE);
    double[][] moving = {{100, 100, 100}, {101, 101, 101}, {100, 100, 100}, {103, 103, 103}};
    assertThat(TripleBarrierLabels.of(bars(moving), byReturns).classes())
        .as("two returns at bar 2")
        .containsExactly(NONE, NONE, BUY, NONE);
  }

  @ParameterizedTest
  @EnumSource(Volatility.class)
  void barriersAgreeWithASecondImplementation(Volatility method) {
    Random random = new Random(11);
    int[] seen = new int[3];
    for (int series = 0; series < 30; series++) {
      BarSeries bars = walk(random, 120);
      TripleBarrier settings =
          new TripleBarrier(
              1 + random.nextDouble(),
              1 + random.nextDouble(),
              1 + random.nextInt(12),
              2 + random.nextInt(20),
              method);
      Labels labels = TripleBarrierLabels.of(bars, settings);
      for (int bar = 0; bar < bars.size(); bar++) {
        assertThat(labels.classes()[bar]).as("bar %d", bar).isEqualTo(naive(bars, settings, bar));
        if (labels.classes()[bar] != NONE) {
          seen[labels.classes()[bar]]++;
        }
      }
    }
    assertThat(seen[0]).isPositive();
    assertThat(seen[1]).isPositive();
    assertThat(seen[2]).isPositive();
  }

  @ParameterizedTest
  @EnumSource(Volatility.class)
  void aLabelIsFixedOnceItIsKnownAndNotBefore(Volatility method) {
    BarSeries bars = walk(new Random(5), 150);
    TripleBarrier settings = new TripleBarrier(2, 1.5, 8, 10, method);
    Labels all = TripleBarrierLabels.of(bars, settings);
    boolean falls = false;
    for (int bar = 0; bar < bars.size(); bar++) {
      if (all.classes()[bar] == NONE) {
        continue;
      }
      int known = all.knownAt()[bar];
      assertThat(known).isBetween(bar + 1, bar + 8);
      falls |= bar > 0 && all.classes()[bar - 1] != NONE && known < all.knownAt()[bar - 1];
      // Bars after it may be anything.
      double[] close = bars.close().clone();
      double[] high = bars.high().clone();
      double[] low = bars.low().clone();
      for (int later = known + 1; later < close.length; later++) {
        close[later] *= 2;
        high[later] *= 2;
        low[later] *= 2;
      }
      BarSeries other = bars(high, low, close);
      assertThat(TripleBarrierLabels.of(other, settings).classes()[bar])
          .isEqualTo(all.classes()[bar]);
    }
    assertThat(falls).as("an older label may be told later than a newer one").isTrue();
  }

  /** Sums over all bars up to this one, weights by powers, as the definition has it. */
  private static byte naive(BarSeries bars, TripleBarrier settings, int bar) {
    int hold = settings.maxHoldingBars();
    double volatility = naiveVolatility(bars, settings, bar);
    if (bar + hold >= bars.size() || !(volatility > 0)) {
      return NONE;
    }
    double entry = bars.close()[bar];
    double upper = entry * (1 + settings.profitMultiplier() * volatility);
    double lower = entry * (1 - settings.lossMultiplier() * volatility);
    for (int i = 1; i <= hold; i++) {
      int up = bars.high()[bar + i] >= upper ? 1 : 0;
      int down = bars.low()[bar + i] <= lower ? 1 : 0;
      if (up + down == 2) {
        return bars.close()[bar + i] >= entry ? BUY : SELL;
      }
      if (up + down == 1) {
        return up == 1 ? BUY : SELL;
      }
    }
    double moved = bars.close()[bar + hold] / entry - 1;
    if (Math.abs(moved) < volatility * Math.sqrt(hold) * 0.5) {
      return HOLD;
    }
    return moved > 0 ? BUY : SELL;
  }

  private static double naiveVolatility(BarSeries bars, TripleBarrier settings, int bar) {
    double alpha = 2.0 / (settings.volatilitySpan() + 1);
    boolean range = settings.volatility() == Volatility.ATR;
    int first = range ? 0 : 1;
    double weights = 0;
    double squares = 0;
    double sum = 0;
    for (int i = first; i <= bar; i++) {
      double w = Math.pow(1 - alpha, bar - i);
      weights += w;
      squares += w * w;
      sum += w * value(bars, range, i);
    }
    double mean = sum / weights;
    if (range) {
      return mean;
    }
    double variance = 0;
    for (int i = first; i <= bar; i++) {
      double distance = value(bars, false, i) - mean;
      variance += Math.pow(1 - alpha, bar - i) * distance * distance;
    }
    double corrected = variance / weights * (weights * weights / (weights * weights - squares));
    double step = TripleBarrierLabels.deviation(bars.close(), settings.volatilitySpan())[bar];
    if (bar >= 2) {
      assertThat(step).isCloseTo(Math.sqrt(corrected), within(1e-12));
    }
    return bar < 2 ? Double.NaN : step;
  }

  private static double value(BarSeries bars, boolean range, int i) {
    return range
        ? (bars.high()[i] - bars.low()[i]) / bars.close()[i]
        : Math.log(bars.close()[i] / bars.close()[i - 1]);
  }

  private static void assertFirst(double[][] highLowClose, int hold, byte label, int known) {
    Labels labels =
        TripleBarrierLabels.of(
            bars(highLowClose), new TripleBarrier(2, 1.5, hold, 10, Volatility.ATR));
    assertThat(labels.classes()[0]).isEqualTo(label);
    assertThat(labels.knownAt()[0]).isEqualTo(known);
  }

  private static BarSeries walk(Random random, int n) {
    double[] close = new double[n];
    double[] high = new double[n];
    double[] low = new double[n];
    double price = 100;
    for (int i = 0; i < n; i++) {
      double open = price;
      price *= Math.exp(0.01 * random.nextGaussian());
      close[i] = price;
      high[i] = Math.max(open, price) * (1 + 0.005 * random.nextDouble());
      low[i] = Math.min(open, price) * (1 - 0.005 * random.nextDouble());
    }
    return bars(high, low, close);
  }

  private static BarSeries bars(double[][] highLowClose) {
    return bars(column(highLowClose, 0), column(highLowClose, 1), column(highLowClose, 2));
  }

  private static double[] column(double[][] rows, int column) {
    return Arrays.stream(rows).mapToDouble(row -> row[column]).toArray();
  }

  private static BarSeries bars(double[] high, double[] low, double[] close) {
    long[] times = new long[close.length];
    Arrays.setAll(times, i -> i * 86_400L);
    return BarSeries.of(
        "TEST", Timeframe.D1, times, close.clone(), high, low, close, new double[close.length]);
  }
}
