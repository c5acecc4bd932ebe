package io.ktrdr.strategy;

/**
 * How much a value belongs to a fuzzy word, from 0 to 1. Peaks and plateaus count in full, also on
 * a shoulder ({@code [0, 0, 10]} at 0 is 1). NaN gives NaN: an unknown value is not a non-member.
 */
public sealed interface Membership {

  double degree(double x);

  /** The degrees of the first {@code n} values, each rounded to a float. */
  default void degrees(double[] x, int n, float[] degrees) {
    for (int i = 0; i < n; i++) {
      degrees[i] = (float) degree(x[i]);
    }
  }

  /**
   * Rises from {@code a} to 1 at {@code b}, falls to {@code c}; {@code a ≤ b ≤ c}, {@code a < c}.
   */
  record Triangular(double a, double b, double c) implements Membership {

    @Override
    public double degree(double x) {
      return slopes(x, a, b, b, c);
    }

    @Override
    public void degrees(double[] x, int n, float[] degrees) {
      slopes(x, n, a, b, b, c, degrees);
    }
  }

  /** 1 from {@code b} to {@code c}; {@code a ≤ b ≤ c ≤ d}, {@code a < d}. */
  record Trapezoidal(double a, double b, double c, double d) implements Membership {

    @Override
    public double degree(double x) {
      return slopes(x, a, b, c, d);
    }

    @Override
    public void degrees(double[] x, int n, float[] degrees) {
      slopes(x, n, a, b, c, d, degrees);
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

  /**
   * As of one value, to the same bits: the smaller of how far it is up one slope and up the other.
   * Without branches, which a processor guesses wrongly at every other bar.
   */
  private static void slopes(
      double[] x, int n, double a, double b, double c, double d, float[] degrees) {
    double rise = b - a;
    double fall = d - c;
    if (rise == 0) {
      for (int i = 0; i < n; i++) {
        degrees[i] = x[i] >= b ? 1 : x[i] < b ? 0 : Float.NaN;
      }
    } else {
      for (int i = 0; i < n; i++) {
        degrees[i] = (float) Math.max(0, Math.min(1, (x[i] - a) / rise));
      }
    }
    if (fall == 0) {
      for (int i = 0; i < n; i++) {
        degrees[i] = x[i] > c ? 0 : degrees[i];
      }
    } else {
      for (int i = 0; i < n; i++) {
        degrees[i] = Math.min(degrees[i], (float) Math.max(0, (d - x[i]) / fall));
      }
    }
  }
}
