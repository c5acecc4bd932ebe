package io.ktrdr.strategy.indicator;

/**
 * Means of windows over a block of bars whose values are of one size, as prices are: in multiples
 * of the last digit of the least of them they are integers, and sums of integers have no rounding
 * to keep. What waits for the bar before is one addition; all else is done for many bars at once.
 * The results have the bits of {@link ExactSum}, which is for every other block. Not thread-safe.
 */
final class IntegerWindows {

  /** Bars of a block; what is worked on then stays in the processor's first cache. */
  static final int BLOCK = 1_024;

  /** Bits after the first one of a double. */
  private static final int FRACTION = 52;

  /** Sums stay below this power of two with something to spare, so that they fit into a long. */
  private static final int SUM_BITS = 63;

  /** Scaled values and results are far from where doubles lose digits. */
  private static final int EXPONENT_MAX = 900;

  private final int period;
  private final int divisor;

  /** A value may be up to two to this power times the unit of the block. */
  private final int room;

  private final long[] units;

  /** Means are sums divided by {@code divisor}. */
  IntegerWindows(int period, int divisor) {
    this.period = period;
    this.divisor = divisor;
    int sumBits = Integer.SIZE - Integer.numberOfLeadingZeros(period - 1);
    this.room = SUM_BITS - 1 - FRACTION - sumBits;
    this.units = new long[room > 0 ? BLOCK + period : 0];
  }

  /**
   * Fills in the results of the bars from {@code begin} to before {@code end}, at most {@link
   * #BLOCK}, whose windows are all within the column.
   *
   * @return whether it could; else nothing was written
   */
  boolean means(double[] column, int begin, int end, double[] result) {
    int exponent = Math.getExponent(column[begin]) - room / 2;
    if (room <= 0 || Math.abs(exponent) > EXPONENT_MAX) {
      return false;
    }
    int first = begin - period + 1;
    if (!scale(column, first, end - first, Math.scalb(1.0, FRACTION - exponent))) {
      return false;
    }
    add(end - begin);
    divide(result, begin, end - begin, Math.scalb(1.0, exponent - FRACTION));
    return true;
  }

  /** Whether all values are integers when scaled, and small enough. */
  private boolean scale(double[] column, int first, int count, double factor) {
    long least = 1L << FRACTION;
    long all = 0;
    for (int i = 0; i < count; i++) {
      long scaled = (long) (column[first + i] * factor);
      units[i] = scaled;
      all |= scaled - least;
    }
    return all >>> (FRACTION + room) == 0;
  }

  /**
   * Each of the first {@code count} units becomes the sum of the window that begins with it. The
   * last pass makes one sum too many, of what an earlier block may have left.
   */
  private void add(int count) {
    long sum = 0;
    for (int i = 0; i < period; i++) {
      sum += units[i];
    }
    for (int i = 0; i < count; i++) {
      long leaves = units[i];
      units[i] = sum;
      sum += units[i + period] - leaves;
    }
  }

  private void divide(double[] result, int begin, int count, double factor) {
    double reciprocal = 1.0 / divisor;
    for (int i = 0; i < count; i++) {
      long sum = units[i];
      double high = (double) sum;
      double low = (double) (sum - (long) high);
      result[begin + i] = ExactSum.quotient(high, low, divisor, reciprocal) * factor;
    }
  }
}
