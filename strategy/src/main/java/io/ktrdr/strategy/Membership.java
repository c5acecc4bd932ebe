package io.ktrdr.strategy;

/**
 * How much a value belongs to a fuzzy word, from 0 to 1. Peaks and plateaus count in full, also on
 * a shoulder ({@code [0, 0, 10]} at 0 is 1). NaN gives NaN: an unknown value is not a non-member.
 */
public sealed interface Membership {

  double degree(double x);

  /**
   * Rises from {@code a} to 1 at {@code b}, falls to {@code c}; {@code a ≤ b ≤ c}, {@code a < c}.
   */
  record Triangular(double a, double b, double c) implements Membership {

    @Override
    public double degree(double x) {
      return slopes(x, a, b, b, c);
    }
  }

  /** 1 from {@code b} to {@code c}; {@code a ≤ b ≤ c ≤ d}, {@code a < d}. */
  record Trapezoidal(double a, double b, double c, double d) implements Membership {

    @Override
    public double degree(double x) {
      return slopes(x, a, b, c, d);
    }
  }

  /** {@code exp(-½((x - mean) / sigma)²)}; {@code sigma > 0}. */
  record Gaussian(double mean, double sigma) implements Membership {

    @Override
    public double degree(double x) {
      double z = (x - mean) / sigma;
      return StrictMath.exp(-0.5 * z * z);
    }
  }

  private static double slopes(double x, double a, double b, double c, double d) {
    if (Double.isNaN(x)) {
      return Double.NaN;
    }
    if (x >= b && x <= c) {
      return 1;
    }
    if (x <= a || x >= d) {
      return 0;
    }
    return x < b ? (x - a) / (b - a) : (d - x) / (d - c);
  }
}
