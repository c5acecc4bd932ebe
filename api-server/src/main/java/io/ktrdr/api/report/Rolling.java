package io.ktrdr.api.report;

import java.util.Arrays;
import java.util.Optional;

/**
 * Figures of the last {@link #window} returns, bar by bar, by the formulas of the whole run: sample
 * deviations, √P of the whole run, no risk-free rate; beta against the returns of the closes. Not a
 * number where they are not defined.
 *
 * @param times of the bars they belong to
 * @param step how many bars lie between two of them
 */
// Never compared.
@SuppressWarnings("ArrayRecordComponent")
record Rolling(
    int window, int step, long[] times, double[] sharpe, double[] volatility, double[] beta) {

  /**
   * Returns of a window: half a year of days. A run of fewer than two windows has a smaller one.
   */
  static final int WINDOW = 126;

  /** Smallest window that says anything. */
  static final int WINDOW_MIN = 20;

  /** Most values of one figure: of longer runs, every second bar's and so on. */
  static final int POINTS_MAX = 4_000;

  /** Deviations below this are rounding, not movement; as in the figures of the whole run. */
  private static final double DEVIATION_MIN = 1e-12;

  /** Empty when the run is too short. */
  static Optional<Rolling> of(Curve curve) {
    double[] returns = curve.returns();
    int window = Math.min(WINDOW, returns.length / 2);
    if (window < WINDOW_MIN) {
      return Optional.empty();
    }
    double[] benchmark = Curve.returns(curve.prices());
    int windows = returns.length - window + 1;
    int step = Math.ceilDiv(windows, POINTS_MAX);
    int count = Math.ceilDiv(windows, step);
    Rolling rolling =
        new Rolling(
            window, step, new long[count], new double[count], new double[count], new double[count]);
    double rootPeriods = Math.sqrt(curve.periodsPerYear());
    for (int i = 0; i < count; i++) {
      // Counted from the end, so that the last bar is among them.
      int from = windows - 1 - (count - 1 - i) * step;
      rolling.times[i] = curve.times()[from + window];
      rolling.add(i, returns, benchmark, from, rootPeriods);
    }
    return Optional.of(rolling);
  }

  private void add(int i, double[] returns, double[] benchmark, int from, double rootPeriods) {
    double meanR = mean(returns, from);
    double meanB = mean(benchmark, from);
    double squaresR = 0;
    double squaresB = 0;
    double covariance = 0;
    for (int k = from; k < from + window; k++) {
      double r = returns[k] - meanR;
      double b = benchmark[k] - meanB;
      squaresR += r * r;
      squaresB += b * b;
      covariance += r * b;
    }
    double deviation = Math.sqrt(squaresR / (window - 1));
    volatility[i] = finite(deviation * rootPeriods);
    sharpe[i] = deviation < DEVIATION_MIN ? Double.NaN : finite(meanR * rootPeriods / deviation);
    beta[i] =
        Math.sqrt(squaresB / window) < DEVIATION_MIN ? Double.NaN : finite(covariance / squaresB);
  }

  private double mean(double[] values, int from) {
    double sum = 0;
    for (int k = from; k < from + window; k++) {
      sum += values[k];
    }
    return sum / window;
  }

  private static double finite(double value) {
    return Double.isFinite(value) ? value : Double.NaN;
  }

  /** Whether there is anything to draw. */
  static boolean any(double[] values) {
    return !Arrays.stream(values).allMatch(Double::isNaN);
  }
}
