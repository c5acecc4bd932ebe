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

  /** One value leaves and another enters. */
  void replace(double old, double x) {
    double difference = x - old;
    // Of two values neither of which is more than twice the other, the difference is exact (P. H.
    // Sterbenz, Floating-Point Computation, 1974): one addition will do. What it rounds off takes
    // half the work where the sum is the larger of the two (T. J. Dekker, 1971).
    if (x <= 2 * old && old <= 2 * x && Math.abs(difference) <= rounded) {
      double sum = rounded + difference;
      rest += difference - (sum - rounded);
      rounded = sum;
    } else {
      add(x);
      add(-old);
    }
  }

  double value() {
    return rounded + rest;
  }

  /** The sum divided by {@code n}, rounded once: n equal values have themselves as mean. */
  double mean(int n) {
    double high = rounded + rest;
    return quotient(high, rest - (high - rounded), n, 1.0 / n);
  }

  /**
   * {@code high + low} divided by {@code n}, rounded once. With the remainder of the quotient,
   * which a fused multiplication gives exactly, it does not matter that a multiplication by 1/n
   * comes first.
   */
  static double quotient(double high, double low, int n, double reciprocal) {
    double quotient = high * reciprocal;
    return quotient + (Math.fma(-quotient, n, high) + low) * reciprocal;
  }
}
