package io.ktrdr.api.report;

import java.util.Arrays;

/** Which points of a long line are enough to draw it: no extreme is left out. */
final class Outline {

  /** Between two points that are not joined. */
  static final int BREAK = -1;

  private Outline() {}

  /**
   * Of each of the columns the lowest and the highest point, in their order; {@link #BREAK} where a
   * column has no number in it.
   */
  static int[] of(double[] values, int most) {
    int count = values.length;
    int columns = Math.min(count, most);
    int[] chosen = new int[2 * columns];
    int size = 0;
    for (int column = 0; column < columns; column++) {
      int from = (int) ((long) column * count / columns);
      int to = (int) ((long) (column + 1) * count / columns);
      int lowest = BREAK;
      int highest = BREAK;
      for (int i = from; i < to; i++) {
        if (!Double.isNaN(values[i])) {
          lowest = lowest < 0 || values[i] < values[lowest] ? i : lowest;
          highest = highest < 0 || values[i] > values[highest] ? i : highest;
        }
      }
      chosen[size++] = Math.min(lowest, highest);
      if (lowest != highest) {
        chosen[size++] = Math.max(lowest, highest);
      }
    }
    return Arrays.copyOf(chosen, size);
  }
}
