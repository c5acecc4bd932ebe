package io.ktrdr.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class EvaluationTest {

  private static final float[] EQUAL = {1, 1, 1};

  @Test
  void figuresAreThoseOfTheConfusionMatrix() {
    // true 0,0,0,1,2,2 predicted 0,0,1,1,2,0
    float[] p = {
      .8f, .1f, .1f,
      .8f, .1f, .1f,
      .1f, .8f, .1f,
      .1f, .8f, .1f,
      .1f, .1f, .8f,
      .8f, .1f, .1f
    };
    Evaluation e = Evaluation.of(p, new byte[] {0, 0, 0, 1, 2, 2}, EQUAL, 0);

    assertThat(e.confusion()).isDeepEqualTo(new int[][] {{2, 1, 0}, {0, 1, 0}, {1, 0, 1}});
    assertThat(e.accuracy()).isCloseTo(4 / 6.0, within(1e-12));
    assertThat(e.precision()).isCloseTo((3 * 2 / 3.0 + 0.5 + 2 * 1) / 6, within(1e-12));
    assertThat(e.recall()).isCloseTo(4 / 6.0, within(1e-12));
    assertThat(e.f1()).isCloseTo((3 * 2 / 3.0 + 2 / 3.0 + 2 * 2 / 3.0) / 6, within(1e-12));
    assertThat(e.balancedAccuracy()).isCloseTo((2 / 3.0 + 1 + 0.5) / 3, within(1e-12));
    assertThat(e.majorityBaseline()).isEqualTo(0.5);
    assertThat(e.loss()).isCloseTo(-(4 * Math.log(.8) + 2 * Math.log(.1)) / 6, within(1e-6));
    assertThat(e.collapsed()).isFalse();
  }

  @Test
  void classWeightsWeighTheLoss() {
    float[] p = {.5f, .25f, .25f, .5f, .25f, .25f};

    Evaluation e = Evaluation.of(p, new byte[] {0, 1}, new float[] {1, 3, 1}, 0);

    assertThat(e.loss()).isCloseTo((Math.log(2) + 3 * Math.log(4)) / 2, within(1e-9));
    assertThat(e.collapsed()).isTrue();
    assertThat(e.precision()).isEqualTo(0.25);
  }

  @Test
  void weightsAreInverseToTheRowsAndAddUpToTheClasses() {
    assertThat(ClassWeights.of(new int[] {10, 20, 20}))
        .containsExactly(new float[] {1.5f, 0.75f, 0.75f}, within(1e-6f));
    assertThat(ClassWeights.of(new int[] {10, 0, 10}))
        .containsExactly(new float[] {1.5f, 0, 1.5f}, within(1e-6f));
  }
}
