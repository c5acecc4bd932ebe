package io.ktrdr.strategy.indicator;

/**
 * A sum that values enter and leave without leaving anything behind: it is kept in two doubles, the
 * second of which holds what the first rounds away (T. J. Dekker's double length). A million values
 * in and out of a window of prices change nothing a double could show. Not thread-safe.
 */
final class ExactSum {

  private double high;
  private double low;

  void add(double x) {
    double sum = high + x;
    double part = sum - high;
    double lost = low + ((high - (sum - part)) + (x - part));
    high = sum + lost;
    low = lost - (high - sum);
  }

  double value() {
    return high;
  }

  /** The sum divided by {@code n}, rounded once: n equal values have themselves as mean. */
  double mean(int n) {
    double mean = high / n;
    return mean + (Math.fma(-mean, n, high) + low) / n;
  }
}
