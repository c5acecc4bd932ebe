package io.ktrdr.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ktrdr.strategy.FeatureScaling;
import io.ktrdr.strategy.Normalization;
import io.ktrdr.worker.OperationFailedException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ScalingFitTest {

  private static final List<String> NAMES = List.of("a", "b");

  @Test
  void zscoreIsByMeanAndPopulationDeviation() {
    FeatureScaling fitted = fit("b", Normalization.ZSCORE, 2, 4, 4, 4, 5, 5, 7, 9);

    assertThat(fitted.offset()).isCloseTo(5, within(1e-12));
    assertThat(fitted.divisor()).as("the sample's would be 2.138").isCloseTo(2, within(1e-12));
    assertThat(fitted.apply(9)).isEqualTo(2f);
  }

  @Test
  void minmaxIsByTheSmallestAndTheLargestAndCutsNothingOff() {
    FeatureScaling fitted = fit("b", Normalization.MINMAX, 3, -1, 7, 5);

    assertThat(fitted.offset()).isEqualTo(-1);
    assertThat(fitted.divisor()).isEqualTo(8);
    assertThat(fitted.apply(-1)).isZero();
    assertThat(fitted.apply(7)).isEqualTo(1f);
    assertThat(fitted.apply(15)).isEqualTo(2f);
  }

  @Test
  void aLargeLevelDoesNotDrownASmallDeviation() {
    FeatureScaling fitted = fit("b", Normalization.ZSCORE, 16_777_214, 16_777_215, 16_777_216);

    assertThat(fitted.offset()).isEqualTo(16_777_215);
    assertThat(fitted.divisor()).isCloseTo(Math.sqrt(2 / 3.0), within(1e-12));
  }

  @Test
  void aColumnWithoutAScaleIsRefusedByName() {
    for (Normalization normalization : List.of(Normalization.ZSCORE, Normalization.MINMAX)) {
      assertThatThrownBy(() -> fit("b", normalization, 1.1f, 1.1f, 1.1f))
          .isInstanceOfSatisfying(
              OperationFailedException.class,
              e -> {
                assertThat(e.failure().code()).isEqualTo("FEATURE_CONSTANT");
                assertThat(e.failure().message()).startsWith("b is 1.1").contains("all 3");
              });
    }
  }

  @Test
  void onlyWhatIsAskedForIsScaled() {
    assertThat(ScalingFit.of(NAMES, Map.of(), samples(1, 2))).isEmpty();
    Samples scaled = samples(3, 7).scaled(NAMES, List.of(fit("b", Normalization.MINMAX, 3, 7)));
    assertThat(scaled.features()).containsExactly(0, 0, 1, 1);
  }

  private static FeatureScaling fit(String name, Normalization normalization, float... values) {
    return ScalingFit.of(NAMES, Map.of(name, normalization), samples(values)).getFirst();
  }

  /** Column a is the number of the row, b the values. */
  private static Samples samples(float... values) {
    float[] features = new float[2 * values.length];
    for (int row = 0; row < values.length; row++) {
      features[2 * row] = row;
      features[2 * row + 1] = values[row];
    }
    return new Samples(features, 2, new byte[values.length]);
  }
}
