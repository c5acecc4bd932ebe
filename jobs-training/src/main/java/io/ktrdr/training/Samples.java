package io.ktrdr.training;

import io.ktrdr.strategy.ModelBundle;
import java.util.List;

/**
 * Rows to learn or to be judged by; never changed after they are made.
 *
 * @param features row-major, {@code rows() × columns}
 * @param classes one per row: 0 BUY, 1 HOLD, 2 SELL
 */
// Never compared, so that arrays lack value equality costs nothing.
@SuppressWarnings("ArrayRecordComponent")
record Samples(float[] features, int columns, byte[] classes) {

  int rows() {
    return classes.length;
  }

  /** How many rows each class has. */
  int[] counts() {
    int[] counts = new int[ModelBundle.OUTPUTS];
    for (byte label : classes) {
      counts[label]++;
    }
    return counts;
  }

  /** All rows, one part after the other. */
  static Samples stacked(List<Samples> parts) {
    int columns = parts.getFirst().columns();
    int rows = parts.stream().mapToInt(Samples::rows).sum();
    float[] features = new float[rows * columns];
    byte[] classes = new byte[rows];
    int row = 0;
    for (Samples part : parts) {
      System.arraycopy(part.features(), 0, features, row * columns, part.features().length);
      System.arraycopy(part.classes(), 0, classes, row, part.rows());
      row += part.rows();
    }
    return new Samples(features, columns, classes);
  }
}
