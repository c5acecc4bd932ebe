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

  /** These rows, the named columns scaled; the same object when there are none. */
  public FeatureMatrix scaled(List<FeatureScaling> scalings) {
    if (scalings.isEmpty()) {
      return this;
    }
    float[] scaled = values.clone();
    for (FeatureScaling scaling : scalings) {
      int column = names.indexOf(scaling.feature());
      if (column < 0) {
        throw new IllegalArgumentException("no feature '%s'".formatted(scaling.feature()));
      }
      for (int at = column; at < scaled.length; at += columns()) {
        scaled[at] = scaling.apply(scaled[at]);
      }
    }
    return new FeatureMatrix(names, scaled, rows, firstUsableRow);
  }

  public int columns() {
    return names.size();
  }
}
