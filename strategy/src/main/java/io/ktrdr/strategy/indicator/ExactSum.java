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

  /**
   * The sum divided by {@code n}, rounded once: n equal values have themselves as mean. (With the
   * remainder of the quotient, which a fused multiplication gives exactly, it does not matter that
   * a multiplication by 1/n comes first.)
   */
  double mean(int n) {
    double reciprocal = 1.0 / n;
    double high = rounded + rest;
    double low = rest - (high - rounded);
    double mean = high * reciprocal;
    return mean + (Math.fma(-mean, n, high) + low) * reciprocal;
  }
}
