package io.ktrdr.strategy;

import java.util.List;

/**
 * Features of consecutive bars.
 *
 * @param names one per column
 * @param values row-major, rows × columns; kept, not copied: read only
 * @param firstUsableRow rows before it contain NaN, rows from it on never do; {@code rows} when
 *     none is usable
 */
// Compared by digest or not at all, so that arrays lack value equality costs nothing.
@SuppressWarnings("ArrayRecordComponent")
public record FeatureMatrix(List<String> names, float[] values, int rows, int firstUsableRow) {

  public FeatureMatrix {
    names = List.copyOf(names);
    if (values.length != (long) rows * names.size()) {
      throw new IllegalArgumentException(
          "%d values for %d rows of %d columns".formatted(values.length, rows, names.size()));
    }
    if (firstUsableRow < 0 || firstUsableRow > rows) {
      throw new IllegalArgumentException("firstUsableRow " + firstUsableRow + " of " + rows);
    }
  }

  public int columns() {
    return names.size();
  }
}
