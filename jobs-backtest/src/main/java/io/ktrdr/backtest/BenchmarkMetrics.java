package io.ktrdr.backtest;

/**
 * An equity curve beside holding the instrument itself: {@code r} are the curve's returns, {@code
 * b} those of the closes, over the same bars; P as in {@link EquityMetrics}. No risk-free rate.
 *
 * <ul>
 *   <li>beta {@code cov(r, b) / var(b)}
 *   <li>alpha, annualized {@code (1 + mean(r - beta b))^P - 1}
 *   <li>information ratio {@code mean(r - b) / std(r - b) √P}, sample deviation
 *   <li>correlation {@code cov(r, b) / (std(r) std(b))}
 * </ul>
 */
final class BenchmarkMetrics {

  private static final double DEVIATION_MIN = 1e-12;
  private static final String[] NAMES = {"beta", "alpha", "information_ratio", "correlation"};

  private final double[] equity;
  private final double[] closes;
  private final double periodsPerYear;

  /**
   * @param closes as many as points of {@code equity}
   */
  BenchmarkMetrics(double[] equity, double[] closes, double periodsPerYear) {
    this.equity = equity;
    this.closes = closes;
    this.periodsPerYear = periodsPerYear;
  }

  void addTo(Metrics metrics) {
    metrics.number("buy_and_hold_return_pct", closes[closes.length - 1] / closes[0] - 1);
    String reason = EquityMetrics.whyNoRatios(equity);
    if (!reason.isEmpty()) {
      for (String name : NAMES) {
        metrics.undefine(name, reason);
      }
      return;
    }
    double[] r = EquityMetrics.returns(equity);
    double[] b = EquityMetrics.returns(closes);
    int n = r.length;
    double meanR = mean(r);
    double meanB = mean(b);
    double covariance = 0;
    double squaresR = 0;
    double squaresB = 0;
    double squaresAhead = 0;
    for (int i = 0; i < n; i++) {
      double dr = r[i] - meanR;
      double db = b[i] - meanB;
      covariance += dr * db;
      squaresR += dr * dr;
      squaresB += db * db;
      squaresAhead += (dr - db) * (dr - db);
    }
    if (Math.sqrt(squaresB / n) < DEVIATION_MIN) {
      for (String name : NAMES) {
        metrics.undefine(name, "the price does not move");
      }
      return;
    }
    double beta = covariance / squaresB;
    metrics.number("beta", beta);
    metrics.number("alpha", Math.pow(1 + meanR - beta * meanB, periodsPerYear) - 1);
    double ahead = Math.sqrt(squaresAhead / (n - 1));
    metrics.number(
        "information_ratio",
        ahead < DEVIATION_MIN ? Double.NaN : (meanR - meanB) / ahead * Math.sqrt(periodsPerYear),
        "the equity moves as the price does");
    metrics.number(
        "correlation",
        Math.sqrt(squaresR / n) < DEVIATION_MIN
            ? Double.NaN
            : covariance / Math.sqrt(squaresR * squaresB),
        "the equity does not move");
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }
}
