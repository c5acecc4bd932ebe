package io.ktrdr.training;

import io.ktrdr.market.BarSeries;
import io.ktrdr.strategy.FeatureMatrix;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The bars of one symbol that can be learnt from: within the dates, with all features, a whole
 * sequence of them, and a label. Features and labels are of this symbol's own series and no
 * other's.
 *
 * @param features of all bars of the series
 * @param labels of all bars of the series
 * @param times of all bars of the series, their opens in epoch seconds
 * @param bars the rows: indices of bars, ascending
 * @param sequence bars of a row, its own the last of them: 1 where a row sees only its own. Those
 *     before it may be before the dates, as bars that warm an indicator are, and need no label
 */
// Never compared, so that arrays lack value equality costs nothing.
@SuppressWarnings("ArrayRecordComponent")
record LabelledRows(FeatureMatrix features, Labels labels, long[] times, int[] bars, int sequence) {

  /**
   * @param from first bar that may be used
   */
  static LabelledRows of(
      BarSeries series, FeatureMatrix features, Labels labels, int from, int sequence) {
    int[] bars = new int[features.rows()];
    int count = 0;
    int whole = features.firstUsableRow() + sequence - 1;
    for (int bar = Math.max(from, whole); bar < features.rows(); bar++) {
      if (labels.classes()[bar] != Labels.NONE) {
        bars[count++] = bar;
      }
    }
    return new LabelledRows(features, labels, series.times(), Arrays.copyOf(bars, count), sequence);
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

  /**
   * First row from {@code row} on whose sequence begins at or after {@code time}; {@code end} when
   * there is none before it.
   */
  int firstWithin(int row, int end, long time) {
    int first = row;
    while (first < end && times[bars[first] - sequence + 1] < time) {
      first++;
    }
    return first;
  }

  /**
   * Those of the rows whose label was known before a time.
   *
   * @param knownBefore epoch seconds
   */
  Samples samples(int fromInclusive, int toExclusive, long knownBefore) {
    int[] kept =
        IntStream.range(fromInclusive, toExclusive)
            .filter(row -> knownAt(row) < knownBefore)
            .map(row -> bars[row])
            .toArray();
    byte[] classes = new byte[kept.length];
    for (int at = 0; at < kept.length; at++) {
      classes[at] = labels.classes()[kept[at]];
    }
    double[] returns =
        labels.returns().length == 0
            ? new double[0]
            : Arrays.stream(kept).mapToDouble(bar -> labels.returns()[bar]).toArray();
    return sequence == 1
        ? new Samples(featuresOf(kept), features.columns(), classes, returns)
        : sequences(kept, classes, returns);
  }

  /** Of the bars of the rows only: those between have no label and are part of no row. */
  private float[] featuresOf(int[] kept) {
    int columns = features.columns();
    float[] values = new float[kept.length * columns];
    for (int at = 0; at < kept.length; at++) {
      System.arraycopy(features.values(), kept[at] * columns, values, at * columns, columns);
    }
    return values;
  }

  private Samples sequences(int[] kept, byte[] classes, double[] returns) {
    int columns = features.columns();
    if (kept.length == 0) {
      return new Samples(new float[0], columns, sequence, kept, classes, returns);
    }
    int firstBar = kept[0] - sequence + 1;
    float[] values =
        Arrays.copyOfRange(
            features.values(), firstBar * columns, (kept[kept.length - 1] + 1) * columns);
    int[] lastBars = Arrays.stream(kept).map(bar -> bar - firstBar).toArray();
    return new Samples(values, columns, sequence, lastBars, classes, returns);
  }
}
