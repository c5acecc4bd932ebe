package io.ktrdr.training;

import io.ktrdr.market.BarSeries;
import io.ktrdr.strategy.FeatureMatrix;
import java.util.Arrays;

/**
 * The bars of one symbol that can be learnt from: within the dates, with all features and a label.
 * Features and labels are of this symbol's own series and no other's.
 *
 * @param features of all bars of the series
 * @param labels of all bars of the series
 * @param times of all bars of the series, their opens in epoch seconds
 * @param bars the rows: indices of bars, ascending
 */
// Never compared, so that arrays lack value equality costs nothing.
@SuppressWarnings("ArrayRecordComponent")
record LabelledRows(FeatureMatrix features, Labels labels, long[] times, int[] bars) {

  /**
   * @param from first bar that may be used
   */
  static LabelledRows of(BarSeries series, FeatureMatrix features, Labels labels, int from) {
    int[] bars = new int[features.rows()];
    int count = 0;
    for (int bar = Math.max(from, features.firstUsableRow()); bar < features.rows(); bar++) {
      if (labels.classes()[bar] != Labels.NONE) {
        bars[count++] = bar;
      }
    }
    return new LabelledRows(features, labels, series.times(), Arrays.copyOf(bars, count));
  }

  int count() {
    return bars.length;
  }

  /** When the bar of that row opened. */
  long time(int row) {
    return times[bars[row]];
  }

  /** Open of the bar at whose close the row's label could first be told. */
  long knownAt(int row) {
    return times[labels.knownAt()[bars[row]]];
  }

  /** First row that opens at or after {@code time}; their number when there is none. */
  int firstAtOrAfter(long time) {
    int row = 0;
    while (row < bars.length && time(row) < time) {
      row++;
    }
    return row;
  }

  Samples samples(int fromInclusive, int toExclusive) {
    int columns = features.columns();
    float[] values = new float[(toExclusive - fromInclusive) * columns];
    byte[] classes = new byte[toExclusive - fromInclusive];
    for (int row = fromInclusive; row < toExclusive; row++) {
      int at = row - fromInclusive;
      System.arraycopy(features.values(), bars[row] * columns, values, at * columns, columns);
      classes[at] = labels.classes()[bars[row]];
    }
    return new Samples(values, columns, classes);
  }
}
