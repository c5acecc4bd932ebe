package io.ktrdr.training;

import io.ktrdr.strategy.FeatureMatrix;
import io.ktrdr.strategy.FeatureScaling;
import io.ktrdr.strategy.LabelClasses;
import java.util.Arrays;
import java.util.List;

/**
 * Rows to learn or to be judged by; never changed after they are made. A row is a sequence of bars,
 * its own the last of them; without sequences it is its own bar alone.
 *
 * @param features of bars, row-major, a bar's {@code columns} together
 * @param sequence bars of a row, at least 1
 * @param lastBars one per row: where its own bar is in {@code features}
 * @param classes one per row: an output of the network's classes
 * @param returns one per row, where these are to be predicted; else empty
 */
// Never compared, so that arrays lack value equality costs nothing.
@SuppressWarnings("ArrayRecordComponent")
record Samples(
    float[] features, int columns, int sequence, int[] lastBars, byte[] classes, double[] returns) {

  /** Rows that are bars. */
  Samples(float[] features, int columns, byte[] classes, double[] returns) {
    this(features, columns, 1, ascending(classes.length), classes, returns);
  }

  /** Rows that are bars, of classes only. */
  Samples(float[] features, int columns, byte[] classes) {
    this(features, columns, classes, new double[0]);
  }

  int rows() {
    return classes.length;
  }

  int bars() {
    return features.length / columns;
  }

  /** Values a row has: those of all its bars. */
  int width() {
    return sequence * columns;
  }

  /** Copies a row's values, oldest bar first. */
  void copyRow(int row, float[] into, int at) {
    System.arraycopy(
        features, (lastBars[row] - sequence + 1) * columns, into, at * width(), width());
  }

  /**
   * Of answers for every bar, those for the rows.
   *
   * @param outputs numbers of an answer
   */
  float[] answersOfRows(float[] ofBars, int outputs) {
    float[] ofRows = new float[rows() * outputs];
    for (int row = 0; row < rows(); row++) {
      System.arraycopy(ofBars, lastBars[row] * outputs, ofRows, row * outputs, outputs);
    }
    return ofRows;
  }

  /** How many rows each class has. */
  int[] counts(LabelClasses kinds) {
    int[] counts = new int[kinds.count()];
    for (byte label : classes) {
      counts[label]++;
    }
    return counts;
  }

  /** These rows with features as the network sees them. */
  Samples scaled(List<String> names, List<FeatureScaling> scalings) {
    FeatureMatrix as = new FeatureMatrix(names, features, bars(), 0);
    return new Samples(as.scaled(scalings).values(), columns, sequence, lastBars, classes, returns);
  }

  /** All rows, one part after the other; each keeps to the bars of its own part. */
  static Samples stacked(List<Samples> parts) {
    Samples first = parts.getFirst();
    int values = parts.stream().mapToInt(part -> part.features().length).sum();
    int rows = parts.stream().mapToInt(Samples::rows).sum();
    float[] features = new float[values];
    int[] lastBars = new int[rows];
    byte[] classes = new byte[rows];
    int bar = 0;
    int row = 0;
    for (Samples part : parts) {
      System.arraycopy(part.features(), 0, features, bar * first.columns(), part.features().length);
      System.arraycopy(part.classes(), 0, classes, row, part.rows());
      for (int i = 0; i < part.rows(); i++) {
        lastBars[row + i] = bar + part.lastBars()[i];
      }
      bar += part.bars();
      row += part.rows();
    }
    double[] returns =
        parts.stream().flatMapToDouble(part -> Arrays.stream(part.returns())).toArray();
    return new Samples(features, first.columns(), first.sequence(), lastBars, classes, returns);
  }

  private static int[] ascending(int n) {
    int[] bars = new int[n];
    Arrays.setAll(bars, i -> i);
    return bars;
  }
}
