package io.ktrdr.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ZigzagLabelsTest {

  private static final byte BUY = 0;
  private static final byte HOLD = 1;
  private static final byte SELL = 2;
  private static final byte NONE = Labels.NONE;

  @Test
  void legsAreLabelledAndTurnsHeld() {
    // Low 90 at bar 2, confirmed by 100; high 110 at bar 5, confirmed by 98; low 95 at bar 8,
    // confirmed by 105. After it, 112 is not confirmed.
    double[] close = {97, 95, 90, 100, 105, 110, 105, 98, 95, 105, 112};

    Labels labels = ZigzagLabels.of(close, 0.10);

    assertThat(labels.classes())
        .containsExactly(NONE, NONE, HOLD, BUY, BUY, HOLD, SELL, SELL, HOLD, NONE, NONE);
    assertThat(Arrays.copyOfRange(labels.knownAt(), 2, 9)).containsExactly(3, 7, 7, 7, 9, 9, 9);
  }

  @Test
  void aReversalOfExactlyTheThresholdCounts() {
    assertThat(ZigzagLabels.of(new double[] {100, 125}, 0.25).classes())
        .containsExactly(HOLD, NONE);
    assertThat(ZigzagLabels.of(new double[] {100, 124.9}, 0.25).classes())
        .containsExactly(NONE, NONE);
  }

  @Test
  void aFlatPriceHasNoLabels() {
    double[] close = new double[50];
    Arrays.fill(close, 1.1);

    assertThat(ZigzagLabels.of(close, 0.01).classes()).containsOnly(NONE);
  }

  @Test
  void everyLabelIsTheOneThatWasKnownAtItsTime() {
    double[] close = new double[300];
    for (int i = 0; i < close.length; i++) {
      close[i] = TrainingInputs.price(i);
    }
    Labels all = ZigzagLabels.of(close, 0.02);

    int checked = 0;
    for (int bar = 0; bar < close.length; bar++) {
      if (all.classes()[bar] == NONE) {
        continue;
      }
      int known = all.knownAt()[bar];
      assertThat(ZigzagLabels.of(Arrays.copyOf(close, known + 1), 0.02).classes()[bar])
          .isEqualTo(all.classes()[bar]);
      assertThat(ZigzagLabels.of(Arrays.copyOf(close, known), 0.02).classes()[bar]).isEqualTo(NONE);
      checked++;
    }
    assertThat(checked).isGreaterThan(200);
  }
}
