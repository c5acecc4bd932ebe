package io.ktrdr.strategy.indicator;

import java.util.Arrays;

/**
 * Windows that end at each bar. Every result has the length of its column and is NaN until {@code
 * period} values from {@code first} on are there; what the column has before {@code first} does not
 * matter. No value depends on how long ago the column began.
 */
final class Rolling {

  private Rolling() {}

  static double[] mean(double[] column, int period) {
    return mean(column, 0, period);
  }

  static double[] mean(double[] column, int first, int period) {
    return sumOverDivisor(column, first, period, period);
  }

  static double[] sum(double[] column, int first, int period) {
    return sumOverDivisor(column, first, period, 1);
  }

  private static double[] sumOverDivisor(double[] column, int first, int period, int divisor) {
    double[] result = new double[column.length];
    int start = first + period - 1;
    Arrays.fill(result, 0, Math.min(start, result.length), Double.NaN);
    if (start >= result.length) {
      return result;
    }
    IntegerWindows integers = new IntegerWindows(period, divisor);
    for (int begin = start; begin < result.length; begin += IntegerWindows.BLOCK) {
      int end = Math.min(result.length, begin + IntegerWindows.BLOCK);
      if (!integers.means(column, begin, end, result)) {
        sumsOverDivisor(column, begin, end, period, divisor, result);
      }
    }
    return result;
  }

  /** Any values. */
  private static void sumsOverDivisor(
      double[] column, int begin, int end, int period, int divisor, double[] result) {
    ExactSum sum = new ExactSum();
    for (int i = begin - period + 1; i <= begin; i++) {
      sum.add(column[i]);
    }
    result[begin] = sum.mean(divisor);
    for (int i = begin + 1; i < end; i++) {
      sum.replace(column[i - period], column[i]);
      result[i] = sum.mean(divisor);
    }
  }

  /** Mean of the values of the window, of which there are fewer at the beginning. */
  static double[] meanOfUpTo(double[] column, int period) {
    double[] result = unknown(column.length);
    ExactSum sum = new ExactSum();
    for (int i = 0; i < result.length; i++) {
      sum.add(column[i]);
      if (i >= period) {
        sum.add(-column[i - period]);
      }
      result[i] = sum.mean(Math.min(i + 1, period));
    }
    return result;
  }

  /**
   * Standard deviation around {@code mean}, the window's own. In two passes, each window for
   * itself: a difference of two large sums would lose the digits of a quiet market. Equal values
   * have 0.
   *
   * @param sample divided by {@code period - 1} instead of {@code period}
   */
  static double[] deviation(double[] column, double[] mean, int period, boolean sample) {
    double[] result = unknown(column.length);
    int divisor = sample ? period - 1 : period;
    for (int i = period - 1; i < result.length; i++) {
      result[i] = Math.sqrt(squares(column, i - period + 1, i + 1, mean[i]) / divisor);
    }
    return result;
  }

  /**
   * Sum of squared distances from {@code mean}. Four sums that do not wait for each other take
   * little more than half the time of one over long windows; which value goes into which depends on
   * its place in the window only.
   */
  private static double squares(double[] column, int from, int to, double mean) {
    double first = 0;
    double second = 0;
    double third = 0;
    double fourth = 0;
    int i = from;
    for (; i + 3 < to; i += 4) {
      double a = column[i] - mean;
      double b = column[i + 1] - mean;
      double c = column[i + 2] - mean;
      double d = column[i + 3] - mean;
      first += a * a;
      second += b * b;
      third += c * c;
      fourth += d * d;
    }
    for (; i < to; i++) {
      double away = column[i] - mean;
      first += away * away;
    }
    return (first + second) + (third + fourth);
  }

  /** Mean distance from {@code mean}, the window's own. */
  static double[] meanDeviation(double[] column, double[] mean, int period) {
    double[] result = unknown(column.length);
    for (int i = period - 1; i < result.length; i++) {
      double sum = 0;
      for (int j = i - period + 1; j <= i; j++) {
        sum += Math.abs(column[j] - mean[i]);
      }
      result[i] = sum / period;
    }
    return result;
  }

  static double[] highest(double[] column, int period) {
    double[] result = unknown(column.length);
    int[] at = highestAt(column, period);
    for (int i = period - 1; i < result.length; i++) {
      result[i] = column[at[i]];
    }
    return result;
  }

  static double[] lowest(double[] column, int period) {
    double[] result = unknown(column.length);
    int[] at = lowestAt(column, period);
    for (int i = period - 1; i < result.length; i++) {
      result[i] = column[at[i]];
    }
    return result;
  }

  /** Where the window has its highest value, the newest of equal ones; windows may be short. */
  static int[] highestAt(double[] column, int period) {
    return extremeAt(column, period, 1);
  }

  /** Where the window has its lowest value, the newest of equal ones; windows may be short. */
  static int[] lowestAt(double[] column, int period) {
    return extremeAt(column, period, -1);
  }

  /** Keeps the places of what may still become the extreme, best first, in a ring. */
  private static int[] extremeAt(double[] column, int period, int sign) {
    int[] result = new int[column.length];
    int[] ring = new int[period];
    int oldest = 0;
    int count = 0;
    for (int i = 0; i < result.length; i++) {
      if (count > 0 && ring[oldest] <= i - period) {
        oldest = oldest + 1 == period ? 0 : oldest + 1;
        count--;
      }
      while (count > 0) {
        int last = oldest + count - 1;
        last = last >= period ? last - period : last;
        if (sign * column[ring[last]] > sign * column[i]) {
          break;
        }
        count--;
      }
      int next = oldest + count;
      ring[next >= period ? next - period : next] = i;
      count++;
      result[i] = ring[oldest];
    }
    return result;
  }

  static double[] unknown(int length) {
    double[] result = new double[length];
    Arrays.fill(result, Double.NaN);
    return result;
  }
}
