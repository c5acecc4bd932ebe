package io.ktrdr.backtest;

import io.ktrdr.market.BarSeries;
import io.ktrdr.protocol.Sizing;

/**
 * Shares of the equity that make a position move by a target volatility a year.
 *
 * <p>At bar {@code i}: target / σ, at most 1; σ is the sample deviation (n - 1) of the last {@value
 * #BARS} returns {@code close / close before - 1} up to that bar, times √P; P is the number of bars
 * a year seen so far, {@code i} by the years of 365.25 days between the first bar and this one.
 * Prices that do not move take the whole equity.
 */
final class VolatilityTarget {

  /** Returns looked at. */
  static final int BARS = Sizing.VOLATILITY_BARS;

  private static final double SECONDS_PER_YEAR = 365.25 * 24 * 3600;

  private VolatilityTarget() {}

  /** One share a bar; 0 at the first {@value #BARS}, whose volatility is not known. */
  static double[] shares(BarSeries bars, double target) {
    double[] close = bars.close();
    double[] shares = new double[bars.size()];
    for (int i = BARS; i < shares.length; i++) {
      double mean = 0;
      for (int k = i - BARS + 1; k <= i; k++) {
        mean += (close[k] / close[k - 1] - 1) / BARS;
      }
      double squares = 0;
      for (int k = i - BARS + 1; k <= i; k++) {
        double difference = close[k] / close[k - 1] - 1 - mean;
        squares += difference * difference;
      }
      double years = (bars.times()[i] - bars.times()[0]) / SECONDS_PER_YEAR;
      double volatility = Math.sqrt(squares / (BARS - 1)) * Math.sqrt(i / years);
      shares[i] = Math.min(1, target / volatility);
    }
    return shares;
  }
}
