package io.ktrdr.strategy.indicator;

/**
 * A sum that values enter and leave without leaving anything behind: what rounding takes from it is
 * computed exactly (D. E. Knuth's TwoSum) and kept in a second double. A million values in and out
 * of a window of prices change nothing a double could show. Each addition waits for one rounding of
 * the one before, not for all of them: a window costs little more than a plain sum. Not
 * thread-safe.
 */
final class ExactSum {

  private double rounded;
  private double rest;

  void add(double x) {
    double sum = rounded + x;
    double part = sum - rounded;
    rest += (rounded - (sum - part)) + (x - part);
    rounded = sum;
  }

  double value() {
    return rounded + rest;
  }

  /** The sum divided by {@code n}, rounded once: n equal values have themselves as mean. */
  double mean(int n) {
    double high = rounded + rest;
    double part = high - rounded;
    double low = (rounded - (high - part)) + (rest - part);
    double mean = high / n;
    return mean + (Math.fma(-mean, n, high) + low) / n;
  }
}
