package io.ktrdr.backtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class QuantilesTest {

  /**
   * Of any number of values, of which many, few or all are equal, as returns without a position.
   */
  @Test
  void quantilesAndTailAreThoseOfTheSortedValues() {
    Random random = new Random(65);
    for (int round = 0; round < 3_000; round++) {
      int different = 1 + random.nextInt(1 << random.nextInt(12));
      double[] values =
          random
              .ints(1 + random.nextInt(200), 0, different)
              .mapToDouble(i -> (i - 0.5 * different) / 7)
              .toArray();
      double[] sorted = values.clone();
      Arrays.sort(sorted);
      Quantiles quantiles = new Quantiles(values);
      for (double share : new double[] {0.05, 0.95, 0, 1, random.nextDouble()}) {
        double place = share * (sorted.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, sorted.length - 1);
        double expected = sorted[below] + (place - below) * (sorted[above] - sorted[below]);
        assertThat(quantiles.at(share)).isEqualTo(expected);
        assertThat(quantiles.meanUpTo(expected))
            .isEqualTo(Arrays.stream(sorted).filter(v -> v <= expected).average().orElseThrow());
      }
    }
  }
}
