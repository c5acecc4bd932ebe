package io.ktrdr.backtest;

import java.util.Arrays;

/**
 * Figures of the distribution of the returns {@code r_1 … r_n} of an equity curve, and of its
 * drawdowns {@code d_i = 1 - E_i / max(E_0 … E_i)}. Nothing is annualized; no risk-free rate.
 *
 * <ul>
 *   <li>value at risk: the 5 % quantile of the returns, between neighbours linear (numpy's
 *       percentile); CVaR: the mean of the returns up to it
 *   <li>Omega {@code Σ max(r, 0) / Σ max(-r, 0)}
 *   <li>tail ratio {@code |q95| / |q5|}
 *   <li>skewness and kurtosis: population moments, 3 is normal
 *   <li>probabilistic Sharpe ratio against 0 {@code Φ(S √(n - 1) / √(1 - skew S + (kurt - 1) / 4
 *       S²))}, S = mean / sample deviation of one return (Bailey, López de Prado, The Sharpe Ratio
 *       Efficient Frontier, 2012)
 *   <li>stability: R² of a line through log equity over the bars
 *   <li>Ulcer index {@code √mean(d²)} over all points (Martin, McCann 1989)
 *   <li>longest drawdown: from a peak to the bar that reaches it again, or to the end; the longest
 *       in bars and the longest in days may be two
 * </ul>
 */
final class RiskMetrics {

  private static final double TAIL = 0.05;
  private static final double SECONDS_PER_DAY = 86_400;

  /** Deviations below this are rounding, not movement. */
  private static final double DEVIATION_MIN = 1e-12;

  /** From here on the normal distribution is taken from its tail. */
  private static final double SERIES_MAX = 2;

  /** More than enough for every digit of a double at {@value #SERIES_MAX}, where it needs most. */
  private static final int FRACTION_TERMS = 200;

  private static final String[] OF_RETURNS = {
    "value_at_risk_95",
    "cvar_95",
    "omega_ratio",
    "tail_ratio",
    "skewness",
    "kurtosis",
    "probabilistic_sharpe_ratio",
    "stability"
  };

  private final double[] equity;
  private final long[] times;
  private final int from;

  /**
   * @param times bar times of the series
   * @param from bar of the first point of {@code equity}
   */
  RiskMetrics(double[] equity, long[] times, int from) {
    this.equity = equity;
    this.times = times;
    this.from = from;
  }

  void addTo(Metrics metrics) {
    String reason = EquityMetrics.whyNoRatios(equity);
    if (reason.isEmpty()) {
      addReturns(metrics, EquityMetrics.returns(equity));
    } else {
      for (String name : OF_RETURNS) {
        metrics.undefine(name, reason);
      }
    }
    addDrawdowns(metrics);
  }

  private void addReturns(Metrics metrics, double[] returns) {
    Quantiles quantiles = new Quantiles(returns);
    double low = quantiles.at(TAIL);
    double high = quantiles.at(1 - TAIL);
    metrics.number("value_at_risk_95", low);
    metrics.number("cvar_95", quantiles.meanUpTo(low));
    double gains = Arrays.stream(returns).filter(r -> r > 0).sum();
    double losses = -Arrays.stream(returns).filter(r -> r < 0).sum();
    metrics.number("omega_ratio", gains / losses, "no bar with a loss");
    metrics.number("tail_ratio", Math.abs(high) / Math.abs(low), "the lower tail is zero");
    addMoments(metrics, returns);
    addStability(metrics);
  }

  private static void addMoments(Metrics metrics, double[] returns) {
    int n = returns.length;
    double mean = Arrays.stream(returns).average().orElse(0);
    double second = 0;
    double third = 0;
    double fourth = 0;
    for (double r : returns) {
      double d = r - mean;
      second += d * d;
      third += d * d * d;
      fourth += d * d * d * d;
    }
    double variance = second / n;
    String still = "the equity does not move";
    if (Math.sqrt(variance) < DEVIATION_MIN) {
      metrics.undefine("skewness", still);
      metrics.undefine("kurtosis", still);
      metrics.undefine("probabilistic_sharpe_ratio", still);
      return;
    }
    double skewness = third / n / Math.pow(variance, 1.5);
    double kurtosis = fourth / n / (variance * variance);
    double sharpe = mean / Math.sqrt(second / (n - 1));
    double width = 1 - skewness * sharpe + (kurtosis - 1) / 4 * sharpe * sharpe;
    metrics.number("skewness", skewness);
    metrics.number("kurtosis", kurtosis);
    metrics.number(
        "probabilistic_sharpe_ratio",
        normal(sharpe * Math.sqrt(n - 1) / Math.sqrt(width)),
        "the returns are too skewed");
  }

  private void addStability(Metrics metrics) {
    int points = equity.length;
    double[] logs = new double[points];
    for (int i = 0; i < points; i++) {
      logs[i] = Math.log(equity[i]);
    }
    double meanX = (points - 1) / 2.0;
    double meanY = Arrays.stream(logs).average().orElse(0);
    double xx = 0;
    double xy = 0;
    double yy = 0;
    for (int i = 0; i < points; i++) {
      double x = i - meanX;
      double y = logs[i] - meanY;
      xx += x * x;
      xy += x * y;
      yy += y * y;
    }
    if (!(equity[points - 1] > 0)) {
      metrics.undefine("stability", "the capital is used up");
    } else if (Math.sqrt(yy / points) < DEVIATION_MIN) {
      metrics.undefine("stability", "the equity does not move");
    } else {
      metrics.number("stability", xy * xy / (xx * yy));
    }
  }

  private void addDrawdowns(Metrics metrics) {
    double squares = 0;
    int peak = 0;
    int longest = 0;
    long longestSeconds = 0;
    boolean below = false;
    for (int i = 0; i < equity.length; i++) {
      boolean reached = equity[i] >= equity[peak];
      if (below || !reached) {
        longest = Math.max(longest, i - peak);
        longestSeconds = Math.max(longestSeconds, times[from + i] - times[from + peak]);
      }
      below = !reached;
      if (reached) {
        peak = i;
      }
      double drawdown = 1 - equity[i] / equity[peak];
      squares += drawdown * drawdown;
    }
    metrics.number("ulcer_index", Math.sqrt(squares / equity.length));
    metrics.count("longest_drawdown_bars", longest);
    metrics.number("longest_drawdown_days", longestSeconds / SECONDS_PER_DAY);
  }

  /**
   * The standard normal distribution function, to about 1e-14 of its value: the series of
   * Abramowitz, Stegun 26.2.11 inside, the continued fraction 26.2.14 outside, where the series
   * would be the difference of two numbers near a half.
   */
  static double normal(double x) {
    if (Double.isNaN(x)) {
      return x;
    }
    double density = Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
    if (Math.abs(x) < SERIES_MAX) {
      double term = x;
      double sum = x;
      for (int k = 3; Math.abs(term) > 1e-18 * Math.abs(sum); k += 2) {
        term *= x * x / k;
        sum += term;
      }
      return 0.5 + density * sum;
    }
    double fraction = 0;
    for (int k = FRACTION_TERMS; k >= 1; k--) {
      fraction = k / (Math.abs(x) + fraction);
    }
    double tail = density / (Math.abs(x) + fraction);
    return x > 0 ? 1 - tail : tail;
  }
}
