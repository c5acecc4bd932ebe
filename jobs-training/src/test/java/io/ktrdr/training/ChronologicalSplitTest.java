package io.ktrdr.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.ktrdr.market.BarSeries;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.strategy.FeatureMatrix;
import io.ktrdr.strategy.TrainingSettings.Split;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChronologicalSplitTest {

  private static final long DAY = 86_400;
  private static final Split SHARES = new Split(0.5, 0.25, 0.25, 0);

  @Test
  void rowsWhoseLabelWasKnownTooLateAreDroppedBetweenTheParts() {
    // Twelve labelled bars, cut before bars 6 and 9; each label is known two bars later.
    ChronologicalSplit split = split(rows(0, bars(12, 0), labels(12, 2), 0));

    assertThat(split.train().features()).containsExactly(0, 1, 2, 3);
    assertThat(split.validation().features()).containsExactly(6);
    assertThat(split.test().features()).containsExactly(9, 10, 11);
    assertThat(split.purged()).isEqualTo(4);
  }

  @Test
  void barsWithoutFeaturesOrLabelsAreNotRows() {
    Labels labels = labels(14, 0);
    labels.classes()[13] = Labels.NONE;
    ChronologicalSplit split = split(rows(0, bars(14, 1), labels, 0));

    assertThat(split.train().features()).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(split.test().features()).containsExactly(10, 11, 12);
  }

  @Test
  void barsBeforeTheFirstDayAreNotRows() {
    ChronologicalSplit split = split(rows(0, bars(10, 0), labels(10, 0), 6));

    assertThat(split.train().features()).containsExactly(6, 7);
    assertThat(split.validation().features()).containsExactly(8);
    assertThat(split.test().features()).containsExactly(9);
  }

  @Test
  void allSymbolsAreCutAtTheSameTimes() {
    // The second begins four days later: of the 20 rows the tenth is on day 7, the fifteenth on 9.
    LabelledRows early = rows(0, bars(12, 0), labels(12, 1), 0);
    LabelledRows late = rows(4, bars(8, 0), labels(8, 1), 0);

    SplitTimes times = SplitTimes.of(List.of(early, late), SHARES);
    ChronologicalSplit one = ChronologicalSplit.of(early, times);
    ChronologicalSplit two = ChronologicalSplit.of(late, times);

    assertThat(times).isEqualTo(new SplitTimes(7 * DAY, 9 * DAY, 7 * DAY, 9 * DAY));
    assertThat(one.train().features()).containsExactly(0, 1, 2, 3, 4, 5);
    assertThat(one.validation().features()).containsExactly(7);
    assertThat(one.test().features()).containsExactly(9, 10, 11);
    assertThat(two.train().features()).as("days 4 and 5").containsExactly(0, 1);
    assertThat(two.validation().features()).as("day 7").containsExactly(3);
    assertThat(two.test().features()).as("days 9 to 11").containsExactly(5, 6, 7);
    assertThat(one.purged()).isEqualTo(2);
    assertThat(two.purged()).isEqualTo(2);
  }

  @Test
  void symbolThatEndsBeforeTheTestBeginsHasNoRowsInIt() {
    LabelledRows whole = rows(0, bars(30, 0), labels(30, 0), 0);
    LabelledRows ended = rows(0, bars(5, 0), labels(5, 0), 0);

    SplitTimes times = SplitTimes.of(List.of(whole, ended), SHARES);
    ChronologicalSplit split = ChronologicalSplit.of(ended, times);

    assertThat(split.train().rows()).isEqualTo(5);
    assertThat(split.validation().rows()).isZero();
    assertThat(split.test().rows()).isZero();
    assertThat(split.purged()).isZero();
  }

  @Test
  void sequencesLieWithinOnePartAndMayBeginBeforeTheFirstDay() {
    // Sixteen bars, the rows from bar 4 on, cut before bars 10 and 13; a sequence is three bars.
    ChronologicalSplit split = split(rows(0, bars(16, 1), labels(16, 1), 4, 3));

    assertThat(sequences(split.train()))
        .containsExactly("2 3 4", "3 4 5", "4 5 6", "5 6 7", "6 7 8");
    assertThat(sequences(split.validation())).as("12 is told at 13").isEmpty();
    assertThat(sequences(split.test())).containsExactly("13 14 15");
    assertThat(split.purged()).as("9, 10, 11, 12, 13, 14").isEqualTo(6);
  }

  @Test
  void sequencesReachOverBarsWithoutALabelAndBeginWithTheFirstUsableOne() {
    Labels labels = labels(12, 0);
    labels.classes()[4] = Labels.NONE;
    ChronologicalSplit split = split(rows(0, bars(12, 2), labels, 0, 2));

    assertThat(sequences(split.train())).containsExactly("2 3", "4 5", "5 6", "6 7");
  }

  @Test
  void stackedSequencesKeepToTheirOwnBars() {
    Samples one = split(rows(0, bars(12, 0), labels(12, 0), 0, 2)).train();
    Samples two = split(rows(0, bars(8, 3), labels(8, 0), 0, 2)).train();

    assertThat(sequences(Samples.stacked(List.of(one, two))))
        .containsExactly("0 1", "1 2", "2 3", "3 4", "4 5", "3 4", "4 5");
  }

  @Test
  void rowsThatAreKnownInTimeStayThoughAnOlderOneIsNot() {
    Labels labels = labels(12, 0);
    labels.knownAt()[3] = 7;
    labels.knownAt()[7] = 9;
    ChronologicalSplit split = split(rows(0, bars(12, 0), labels, 0));

    assertThat(split.train().features()).containsExactly(0, 1, 2, 4, 5);
    assertThat(split.validation().features()).containsExactly(6, 8);
    assertThat(split.purged()).isEqualTo(2);
  }

  @Test
  void anEmbargoWidensTheGaps() {
    LabelledRows rows = rows(0, bars(12, 0), labels(12, 1), 0);

    // A tenth of twelve rows is two: before bars 4 and 7, instead of 6 and 9.
    ChronologicalSplit split =
        ChronologicalSplit.of(rows, SplitTimes.of(List.of(rows), new Split(0.5, 0.25, 0.25, 0.1)));

    assertThat(split.train().features()).containsExactly(0, 1, 2);
    assertThat(split.validation().features()).isEmpty();
    assertThat(split.test().features()).containsExactly(9, 10, 11);
    assertThat(split.purged()).isEqualTo(6);
  }

  private static List<String> sequences(Samples samples) {
    List<String> sequences = new ArrayList<>();
    float[] row = new float[samples.width()];
    for (int i = 0; i < samples.rows(); i++) {
      samples.copyRow(i, row, 0);
      StringBuilder text = new StringBuilder();
      for (float bar : row) {
        text.append(' ').append((int) bar);
      }
      sequences.add(text.toString().strip());
    }
    return sequences;
  }

  private static ChronologicalSplit split(LabelledRows rows) {
    return ChronologicalSplit.of(rows, SplitTimes.of(List.of(rows), SHARES));
  }

  private static LabelledRows rows(
      int firstDay, FeatureMatrix features, Labels labels, int fromBar) {
    return rows(firstDay, features, labels, fromBar, 1);
  }

  private static LabelledRows rows(
      int firstDay, FeatureMatrix features, Labels labels, int fromBar, int sequence) {
    int n = features.rows();
    long[] times = new long[n];
    Arrays.setAll(times, i -> (firstDay + i) * DAY);
    double[] ones = new double[n];
    Arrays.fill(ones, 1);
    BarSeries bars =
        BarSeries.of(
            "TEST",
            Timeframe.D1,
            times,
            ones.clone(),
            ones.clone(),
            ones.clone(),
            ones.clone(),
            new double[n]);
    return LabelledRows.of(bars, features, labels, fromBar, sequence);
  }

  /** One feature: the bar's own index. */
  private static FeatureMatrix bars(int count, int firstUsable) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = i;
    }
    return new FeatureMatrix(List.of("bar"), values, count, firstUsable);
  }

  /** The last ones are known at the last bar: there is none after it. */
  private static Labels labels(int count, int knownAfter) {
    int[] knownAt = new int[count];
    for (int i = 0; i < count; i++) {
      knownAt[i] = Math.min(count - 1, i + knownAfter);
    }
    return new Labels(new byte[count], knownAt);
  }
}
