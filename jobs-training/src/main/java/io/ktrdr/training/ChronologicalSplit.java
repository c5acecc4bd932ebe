package io.ktrdr.training;

import io.ktrdr.strategy.FeatureMatrix;
import io.ktrdr.strategy.TrainingSettings;

/**
 * One symbol's labelled rows, cut by time into training, validation and test.
 *
 * <p>The oldest rows train, the newest test. Between the parts is a gap: a row whose label could
 * only be told at or after the first bar of the next part is dropped, so no part has seen prices
 * that judge it. With zigzag labels the gap is as long as the leg that was running at the cut.
 *
 * @param purged rows dropped for the gaps
 */
record ChronologicalSplit(Samples train, Samples validation, Samples test, int purged) {

  /**
   * @param from first bar that may be used
   */
  static ChronologicalSplit of(
      FeatureMatrix features, Labels labels, int from, TrainingSettings.Split shares) {
    int[] rows = new int[features.rows()];
    int count = 0;
    for (int bar = Math.max(from, features.firstUsableRow()); bar < features.rows(); bar++) {
      if (labels.classes()[bar] != Labels.NONE) {
        rows[count++] = bar;
      }
    }
    int trainEnd = (int) Math.floor(count * shares.train());
    int validationEnd = (int) Math.floor(count * (shares.train() + shares.validation()));
    int trainKept = withoutLate(rows, 0, trainEnd, count, labels);
    int validationKept = withoutLate(rows, trainEnd, validationEnd, count, labels);
    return new ChronologicalSplit(
        samples(features, labels, rows, 0, trainKept),
        samples(features, labels, rows, trainEnd, validationKept),
        samples(features, labels, rows, validationEnd, count),
        trainEnd - trainKept + validationEnd - validationKept);
  }

  /** End of the rows from {@code start} whose labels were known before bar {@code rows[end]}. */
  private static int withoutLate(int[] rows, int start, int end, int count, Labels labels) {
    if (end >= count) {
      return end;
    }
    int kept = end;
    while (kept > start && labels.knownAt()[rows[kept - 1]] >= rows[end]) {
      kept--;
    }
    return kept;
  }

  private static Samples samples(
      FeatureMatrix features, Labels labels, int[] rows, int start, int end) {
    int columns = features.columns();
    float[] values = new float[(end - start) * columns];
    byte[] classes = new byte[end - start];
    for (int i = start; i < end; i++) {
      System.arraycopy(
          features.values(), rows[i] * columns, values, (i - start) * columns, columns);
      classes[i - start] = labels.classes()[rows[i]];
    }
    return new Samples(values, columns, classes);
  }
}
