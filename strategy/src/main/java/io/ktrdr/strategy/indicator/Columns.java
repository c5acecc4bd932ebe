package io.ktrdr.strategy.indicator;

import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;

/** Causal functions over columns of doubles that several formulas need. */
final class Columns {

  private Columns() {}

  /** {@code f(a[i], b[i])} for every i. */
  static double[] combine(double[] a, double[] b, DoubleBinaryOperator f) {
    double[] result = new double[a.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = f.applyAsDouble(a[i], b[i]);
    }
    return result;
  }

  /** {@code a[i] - b[i]}; most columns that are combined are, and this takes no call a bar. */
  static double[] minus(double[] a, double[] b) {
    double[] result = new double[a.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = a[i] - b[i];
    }
    return result;
  }

  /** {@code a[i] + b[i]}. */
  static double[] plus(double[] a, double[] b) {
    double[] result = new double[a.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = a[i] + b[i];
    }
    return result;
  }

  /** {@code 100 · part[i] / whole[i]}. */
  static double[] percent(double[] part, double[] whole) {
    double[] result = new double[part.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = 100 * part[i] / whole[i];
    }
    return result;
  }

  /** {@code part[i] / whole[i] · factor}; {@code flat} where the whole is 0. */
  static double[] share(double[] part, double[] whole, double factor, double flat) {
    double[] result = new double[part.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = whole[i] == 0 ? flat : part[i] / whole[i] * factor;
    }
    return result;
  }

  /** Replaces what is not finite: the value an indicator has when its window is flat. */
  static double[] whereUndefined(double[] column, double flat) {
    double[] result = column.clone();
    for (int i = 0; i < result.length; i++) {
      if (!Double.isFinite(result[i])) {
        result[i] = flat;
      }
    }
    return result;
  }

  /** {@code column[i] - column[i - bars]}; NaN for the first {@code bars}. */
  static double[] difference(double[] column, int bars) {
    double[] result = new double[column.length];
    Arrays.fill(result, 0, Math.min(bars, result.length), Double.NaN);
    for (int i = bars; i < result.length; i++) {
      result[i] = column[i] - column[i - bars];
    }
    return result;
  }

  /** {@code (column[i] - column[i - bars]) / column[i - bars]}; NaN for the first {@code bars}. */
  static double[] change(double[] column, int bars) {
    double[] result = difference(column, bars);
    for (int i = bars; i < result.length; i++) {
      result[i] /= column[i - bars];
    }
    return result;
  }

  /** The column {@code bars} bars later; NaN for the first {@code bars}. */
  static double[] delayed(double[] column, int bars) {
    double[] result = Rolling.unknown(column.length);
    if (bars < result.length) {
      System.arraycopy(column, 0, result, bars, result.length - bars);
    }
    return result;
  }

  /**
   * Wilder's smoothing of {@code column[first..]}: the mean of its first {@code period} values,
   * then {@code (previous · (period - 1) + x) / period}. The first value is at {@code first +
   * period - 1}, before it NaN. (J. W. Wilder, New Concepts in Technical Trading Systems, 1978.)
   */
  static double[] wilder(double[] column, int first, int period) {
    double[] result = new double[column.length];
    int start = first + period - 1;
    Arrays.fill(result, 0, Math.min(start, result.length), Double.NaN);
    if (start >= result.length) {
      return result;
    }
    double sum = 0;
    for (int i = first; i <= start; i++) {
      sum += column[i];
    }
    result[start] = sum / period;
    for (int i = start + 1; i < result.length; i++) {
      result[i] = (result[i - 1] * (period - 1) + column[i]) / period;
    }
    return result;
  }

  /** Wilder's smoothing begun with the column's first value. */
  static double[] wilderFromFirst(double[] column, int period) {
    double[] result = column.clone();
    for (int i = 1; i < result.length; i++) {
      result[i] = (result[i - 1] * (period - 1) + column[i]) / period;
    }
    return result;
  }

  /** Exponential average with weight 2 / (period + 1), begun with the first value. */
  static double[] exponential(double[] column, int period) {
    return exponential(column, 0, period);
  }

  /** The same, begun with {@code column[first]}; NaN before it. */
  static double[] exponential(double[] column, int first, int period) {
    double[] result = column.clone();
    Arrays.fill(result, 0, Math.min(first, result.length), Double.NaN);
    continueExponential(result, column, first, period);
    return result;
  }

  /** The same, begun with the mean of {@code period} values, at {@code first + period - 1}. */
  static double[] exponentialFromMean(double[] column, int first, int period) {
    double[] result = Rolling.unknown(column.length);
    int start = first + period - 1;
    if (start < result.length) {
      double sum = 0;
      for (int i = first; i <= start; i++) {
        sum += column[i];
      }
      result[start] = sum / period;
      continueExponential(result, column, start, period);
    }
    return result;
  }

  private static void continueExponential(double[] result, double[] column, int start, int period) {
    double weight = 2.0 / (period + 1);
    for (int i = start + 1; i < result.length; i++) {
      result[i] = result[i - 1] + weight * (column[i] - result[i - 1]);
    }
  }

  /**
   * The exponential average whose weights add up to 1 at every bar: of the values there are, each
   * counts (1 - 2 / (period + 1)) times what the next one does.
   */
  static double[] exponentialAdjusted(double[] column, int period) {
    double[] result = new double[column.length];
    double kept = 1 - 2.0 / (period + 1);
    double values = 0;
    double weights = 0;
    for (int i = 0; i < result.length; i++) {
      values = values * kept + column[i];
      weights = weights * kept + 1;
      result[i] = values / weights;
    }
    return result;
  }

  /** The bar's range, widened by a gap from the close before; the first bar's is high - low. */
  static double[] trueRange(PriceColumns prices) {
    double[] result = new double[prices.size()];
    for (int i = 0; i < result.length; i++) {
      double high = prices.high()[i];
      double low = prices.low()[i];
      if (i > 0) {
        high = Math.max(high, prices.close()[i - 1]);
        low = Math.min(low, prices.close()[i - 1]);
      }
      result[i] = high - low;
    }
    return result;
  }
}
