package io.ktrdr.backtest;

import java.util.Arrays;

/**
 * Quantiles of values, between neighbours linear (numpy's percentile), without sorting all of them:
 * only what is asked for is brought to its place (C. A. R. Hoare, Algorithm 65: FIND, CACM 4,
 * 1961). Not thread-safe.
 */
final class Quantiles {

  private final double[] values;

  /**
   * @param values at least one, none of them NaN; not changed
   */
  Quantiles(double[] values) {
    this.values = values.clone();
  }

  /**
   * @param share 0 for the smallest value, 1 for the largest
   */
  double at(double share) {
    double place = share * (values.length - 1);
    int below = (int) Math.floor(place);
    select(below);
    double lower = values[below];
    double upper = below == values.length - 1 ? lower : smallestFrom(below + 1);
    return lower + (place - below) * (upper - lower);
  }

  /** Mean of the values up to a limit, summed from the smallest on. */
  double meanUpTo(double limit) {
    return Arrays.stream(values).filter(value -> value <= limit).sorted().average().orElse(limit);
  }

  /** Brings the value that sorting would put there to its place, smaller ones before it. */
  private void select(int place) {
    int from = 0;
    int to = values.length - 1;
    while (from < to) {
      double pivot = values[(from + to) >>> 1];
      int left = from;
      int right = to;
      while (left <= right) {
        while (values[left] < pivot) {
          left++;
        }
        while (values[right] > pivot) {
          right--;
        }
        if (left <= right) {
          double swap = values[left];
          values[left++] = values[right];
          values[right--] = swap;
        }
      }
      if (place <= right) {
        to = right;
      } else if (place >= left) {
        from = left;
      } else {
        return;
      }
    }
  }

  private double smallestFrom(int first) {
    double smallest = values[first];
    for (int i = first + 1; i < values.length; i++) {
      smallest = Math.min(smallest, values[i]);
    }
    return smallest;
  }
}
