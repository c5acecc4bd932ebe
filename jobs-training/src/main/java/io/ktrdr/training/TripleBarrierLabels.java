package io.ktrdr.training;

import io.ktrdr.market.BarSeries;
import io.ktrdr.strategy.LabelSettings;
import io.ktrdr.strategy.ModelBundle;
import java.util.Arrays;

/**
 * Which barrier a price touches first, from each bar's close on.
 *
 * <p>With the volatility v of the bar as a fraction of the price, the barriers are {@code close ·
 * (1 + profit · v)} and {@code close · (1 - loss · v)}. Of the H bars after it, the first whose
 * high is at or above the upper one is BUY, whose low is at or below the lower one SELL; where one
 * bar does both, its close decides: at or above the entry's close BUY, else SELL. After H bars
 * without a touch it is HOLD when the return of the closes is smaller in size than {@code ½ · v ·
 * √H}, else by its sign.
 *
 * <p>The volatility is over the labelled bars up to the bar itself: the exponential mean of {@code
 * (high - low) / close}, or the exponential standard deviation of logarithmic returns of closes,
 * both weighted by {@code (1 - 2 / (span + 1))^age} and adjusted for the bars there are, the
 * deviation for its bias, too. A bar without volatility, that is with none or before two returns,
 * has no label: nothing is filled in from later bars. Neither have the last H bars, also where they
 * touched a barrier: only early touches would be left of them.
 */
final class TripleBarrierLabels {

  private final BarSeries bars;
  private final LabelSettings.TripleBarrier settings;

  private TripleBarrierLabels(BarSeries bars, LabelSettings.TripleBarrier settings) {
    this.bars = bars;
    this.settings = settings;
  }

  static Labels of(BarSeries bars, LabelSettings.TripleBarrier settings) {
    return new TripleBarrierLabels(bars, settings).label();
  }

  private Labels label() {
    double[] volatility =
        switch (settings.volatility()) {
          case ATR -> meanRange(bars, settings.volatilitySpan());
          case CLOSE -> deviation(bars.close(), settings.volatilitySpan());
        };
    int n = bars.size();
    byte[] classes = new byte[n];
    Arrays.fill(classes, Labels.NONE);
    int[] knownAt = new int[n];
    for (int bar = 0; bar + settings.maxHoldingBars() < n; bar++) {
      if (volatility[bar] > 0) {
        label(bar, volatility[bar], classes, knownAt);
      }
    }
    return new Labels(classes, knownAt);
  }

  private void label(int bar, double volatility, byte[] classes, int[] knownAt) {
    double entry = bars.close()[bar];
    double upper = entry * (1 + settings.profitMultiplier() * volatility);
    double lower = entry * (1 - settings.lossMultiplier() * volatility);
    int last = bar + settings.maxHoldingBars();
    for (int later = bar + 1; later <= last; later++) {
      boolean profit = bars.high()[later] >= upper;
      boolean loss = bars.low()[later] <= lower;
      if (profit || loss) {
        boolean buy = profit && (!loss || bars.close()[later] >= entry);
        classes[bar] = (byte) (buy ? ModelBundle.BUY : ModelBundle.SELL);
        knownAt[bar] = later;
        return;
      }
    }
    double moved = bars.close()[last] / entry - 1;
    double small = 0.5 * volatility * Math.sqrt(settings.maxHoldingBars());
    classes[bar] =
        (byte)
            (Math.abs(moved) < small
                ? ModelBundle.HOLD
                : moved > 0 ? ModelBundle.BUY : ModelBundle.SELL);
    knownAt[bar] = last;
  }

  /** {@code Σ w_i x_i / Σ w_i}, step by step. */
  static double[] meanRange(BarSeries bars, int span) {
    double keep = 1 - 2.0 / (span + 1);
    double[] means = new double[bars.size()];
    double sum = 0;
    double weights = 0;
    for (int bar = 0; bar < means.length; bar++) {
      sum = sum * keep + (bars.high()[bar] - bars.low()[bar]) / bars.close()[bar];
      weights = weights * keep + 1;
      means[bar] = sum / weights;
    }
    return means;
  }

  /**
   * {@code √(Σ w_i (x_i - mean)² / (Σ w_i - Σ w_i² / Σ w_i))} of the returns up to a bar, step by
   * step; NaN before there are two.
   */
  static double[] deviation(double[] close, int span) {
    double keep = 1 - 2.0 / (span + 1);
    double[] deviations = new double[close.length];
    Arrays.fill(deviations, Double.NaN);
    double mean = 0;
    double squares = 0;
    double weights = 0;
    double weightsSquared = 0;
    for (int bar = 1; bar < close.length; bar++) {
      double x = Math.log(close[bar] / close[bar - 1]);
      double old = weights * keep;
      weights = old + 1;
      weightsSquared = weightsSquared * keep * keep + 1;
      double step = x - mean;
      mean += step / weights;
      squares = squares * keep + step * step * old / weights;
      if (bar >= 2) {
        deviations[bar] = Math.sqrt(squares / (weights - weightsSquared / weights));
      }
    }
    return deviations;
  }
}
