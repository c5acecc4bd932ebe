package io.ktrdr.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ModelInsightTest {

  @Test
  void calibrationIsThatOfTheDefinition() {
    float[] p = {
      .75f, .25f, 0, // right
      .75f, 0, .25f, // wrong
      0, .5f, .5f, // right: the first of equals
      .25f, .25f, .5f, // wrong
      0, 0, 1, // right
    };
    Calibration c = Calibration.of(p, new byte[] {0, 1, 1, 0, 2});

    JsonNode bins = c.json().path("bins");
    assertThat(bins).hasSize(10);
    // 0.5 is an edge, and belongs below it.
    assertThat(bins.get(4).path("count").intValue()).isEqualTo(2);
    assertThat(bins.get(4).path("accuracy").doubleValue()).isEqualTo(0.5);
    assertThat(bins.get(7).path("count").intValue()).isEqualTo(2);
    assertThat(bins.get(7).path("mean_confidence").doubleValue()).isEqualTo(0.75);
    assertThat(bins.get(9).path("count").intValue()).isEqualTo(1);
    assertThat(bins.get(5).path("accuracy").isNull()).isTrue();
    assertThat(c.json().path("undefined").path("bins").asText()).contains("without a row");
    assertThat(c.expectedCalibrationError())
        .isCloseTo(2 / 5.0 * 0 + 2 / 5.0 * 0.25 + 1 / 5.0 * 0, within(1e-12));
    double brier = (0.0625 + 0.0625) + (0.5625 + 1 + 0.0625) + 0.5 + (0.5625 + 0.0625 + 0.25) + 0;
    assertThat(c.brierScore()).isCloseTo(brier / 5, within(1e-12));
  }

  /** Row by row and bin by bin, as the definition has it, beside what adds up in one go. */
  @Test
  void calibrationOfRandomRowsIsThatOfASecondImplementation() {
    Random random = new Random(7);
    int rows = 1_000;
    float[] p = new float[3 * rows];
    byte[] classes = new byte[rows];
    for (int row = 0; row < rows; row++) {
      float a = random.nextFloat();
      float b = random.nextFloat() * (1 - a);
      p[3 * row] = a;
      p[3 * row + 1] = b;
      p[3 * row + 2] = 1 - a - b;
      classes[row] = (byte) random.nextInt(3);
    }
    double error = 0;
    for (int bin = 0; bin < 10; bin++) {
      double confidence = 0;
      double right = 0;
      int n = 0;
      for (int row = 0; row < rows; row++) {
        float[] own = Arrays.copyOfRange(p, 3 * row, 3 * row + 3);
        float most = Math.max(own[0], Math.max(own[1], own[2]));
        if (most > bin / 10.0 && most <= (bin + 1) / 10.0) {
          n++;
          confidence += most;
          right += own[classes[row]] == most ? 1 : 0;
        }
      }
      error += n == 0 ? 0 : (double) n / rows * Math.abs(right / n - confidence / n);
    }

    assertThat(Calibration.of(p, classes).expectedCalibrationError())
        .isCloseTo(error, within(1e-12));
  }

  @Test
  void onlyAFeatureTheModelLooksAtIsWorthSomething() {
    Samples samples = twoColumns(400);

    FeatureImportance importance = of(samples, 400);

    assertThat(importance.balancedAccuracy()).isEqualTo(1);
    assertThat(importance.drops().getFirst().feature()).isEqualTo("told");
    // Shuffled, half the rows keep their answer by chance.
    assertThat(importance.drops().getFirst().mean()).isCloseTo(0.5, within(0.1));
    assertThat(importance.drops().getFirst().deviation()).isPositive();
    assertThat(importance.drops().getLast())
        .isEqualTo(new FeatureImportance.Drop("not told", 0, 0));
    assertThat(of(samples, 400)).isEqualTo(importance);
  }

  @Test
  void manyRowsAreThinnedEvenlyAndALargeNetworkGetsFewer() {
    FeatureImportance importance = of(twoColumns(1_000), 100);

    assertThat(importance.rows()).isEqualTo(100);
    assertThat(importance.json().path("rows_of_part").intValue()).isEqualTo(1_000);
    assertThat(FeatureImportance.affordable(1_000_000, 12, 1_000))
        .isEqualTo(FeatureImportance.ROWS_MAX);
    assertThat(FeatureImportance.affordable(50, 12, 1_000)).isEqualTo(50);
    assertThat(FeatureImportance.affordable(20_000, 100, 100_000)).isEqualTo(200);
    assertThat(FeatureImportance.affordable(20_000, 100, 2_000_000)).isZero();
  }

  private static FeatureImportance of(Samples samples, int rows) {
    return FeatureImportance.of(
        List.of("not told", "told"), samples, rows, 42, ModelInsightTest::bySecondColumn);
  }

  /** As sure of class 0 as the second column is large, else of class 1. */
  private static float[] bySecondColumn(Samples samples) {
    float[] probabilities = new float[3 * samples.rows()];
    for (int row = 0; row < samples.rows(); row++) {
      float told = samples.features()[2 * row + 1];
      probabilities[3 * row] = told;
      probabilities[3 * row + 1] = 1 - told;
    }
    return probabilities;
  }

  /** The second column tells the class, the first is noise. */
  private static Samples twoColumns(int rows) {
    Random random = new Random(1);
    float[] features = new float[2 * rows];
    byte[] classes = new byte[rows];
    for (int row = 0; row < rows; row++) {
      classes[row] = (byte) (row % 2);
      features[2 * row] = random.nextFloat();
      features[2 * row + 1] = classes[row] == 0 ? 0.9f : 0.1f;
    }
    return new Samples(features, 2, classes);
  }
}
