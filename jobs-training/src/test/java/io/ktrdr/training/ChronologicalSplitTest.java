package io.ktrdr.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.ktrdr.strategy.FeatureMatrix;
import io.ktrdr.strategy.TrainingSettings.Split;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChronologicalSplitTest {

  private static final Split SHARES = new Split(0.5, 0.25, 0.25);

  @Test
  void rowsWhoseLabelWasKnownTooLateAreDroppedBetweenTheParts() {
    // Twelve labelled bars, cut before bars 6 and 9; each label is known two bars later.
    ChronologicalSplit split = ChronologicalSplit.of(bars(12, 0), labels(12, 2), 0, SHARES);

    assertThat(split.train().features()).containsExactly(0, 1, 2, 3);
    assertThat(split.validation().features()).containsExactly(6);
    assertThat(split.test().features()).containsExactly(9, 10, 11);
    assertThat(split.purged()).isEqualTo(4);
  }

  @Test
  void barsWithoutFeaturesOrLabelsAreNotRows() {
    Labels labels = labels(14, 0);
    labels.classes()[13] = Labels.NONE;
    ChronologicalSplit split = ChronologicalSplit.of(bars(14, 1), labels, 0, SHARES);

    assertThat(split.train().features()).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(split.test().features()).containsExactly(10, 11, 12);
  }

  @Test
  void barsBeforeTheFirstDayAreNotRows() {
    ChronologicalSplit split = ChronologicalSplit.of(bars(10, 0), labels(10, 0), 6, SHARES);

    assertThat(split.train().features()).containsExactly(6, 7);
    assertThat(split.validation().features()).containsExactly(8);
    assertThat(split.test().features()).containsExactly(9);
  }

  /** One feature: the bar's own index. */
  private static FeatureMatrix bars(int count, int firstUsable) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = i;
    }
    return new FeatureMatrix(List.of("bar"), values, count, firstUsable);
  }

  private static Labels labels(int count, int knownAfter) {
    int[] knownAt = new int[count];
    for (int i = 0; i < count; i++) {
      knownAt[i] = i + knownAfter;
    }
    return new Labels(new byte[count], knownAt);
  }
}
