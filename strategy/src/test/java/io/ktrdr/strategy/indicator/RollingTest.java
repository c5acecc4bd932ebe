package io.ktrdr.strategy.indicator;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Means of windows, over columns that are summed as integers and columns that are not. */
class RollingTest {

  private static final int BARS = 3 * IntegerWindows.BLOCK + 100;
  private static final int[] PERIODS = {2, 3, 10, 30, 64, 200, 500, 513, 900};

  /** What a column may hold. */
  enum Values {
    PRICES,
    PRICES_AROUND_A_POWER_OF_TWO,
    PRICES_OF_FIVE_DECIMALS,
    PRICES_THAT_GROW_A_THOUSANDFOLD,
    ABOVE_AND_BELOW_ZERO,
    VOLUMES_SOME_ZERO,
    TINY,
    SUBNORMAL,
    HUGE;

    double[] column() {
      Random random = new Random(7);
      double[] column = new double[BARS];
      double walk = 1;
      for (int i = 0; i < BARS; i++) {
        walk += 0.02 * random.nextGaussian() + 0.01 * (1.2 - walk);
        column[i] = of(walk);
      }
      return column;
    }

    private double of(double walk) {
      return switch (this) {
        case PRICES -> walk;
        case PRICES_AROUND_A_POWER_OF_TWO -> 1 + (walk - 1.2) / 1e3;
        case PRICES_OF_FIVE_DECIMALS -> Math.rint(walk * 1e5) / 1e5;
        case PRICES_THAT_GROW_A_THOUSANDFOLD -> Math.exp(15 * walk);
        case ABOVE_AND_BELOW_ZERO -> walk - 1.2;
        case VOLUMES_SOME_ZERO -> Math.max(0, Math.rint((walk - 1.2) * 1e6));
        case TINY -> walk * 1e-290;
        case SUBNORMAL -> Math.rint(walk * 1e6) * Double.MIN_VALUE;
        case HUGE -> walk * 1e300;
      };
    }
  }

  @ParameterizedTest
  @EnumSource(Values.class)
  void meanIsTheExactOneRounded(Values values) {
    double[] column = values.column();
    for (int period : PERIODS) {
      double[] mean = Rolling.mean(column, period);

      for (int i = period - 1; i < BARS; i += 7) {
        double exact = exactMean(column, i, period);
        assertThat(Math.abs(mean[i] - exact))
            .as("period %d, bar %d: %s, exactly %s", period, i, mean[i], exact)
            .isLessThanOrEqualTo(Math.ulp(exact));
      }
    }
  }

  /** Which way a block is summed depends on bars that come later; the bits must not. */
  @ParameterizedTest
  @EnumSource(Values.class)
  void laterValuesChangeNoBit(Values values) {
    double[] column = values.column();
    for (int period : PERIODS) {
      double[] mean = Rolling.mean(column, period);
      double[] spoilt = column.clone();
      for (int cut : new int[] {period, 1_000, 1_500, 2_047, 2_600, BARS - 1}) {
        spoilt[cut] = -1;

        assertThat(bits(Rolling.mean(Arrays.copyOf(column, cut), period)))
            .as("period %d, %d bars", period, cut)
            .isEqualTo(bits(Arrays.copyOf(mean, cut)));
        assertThat(bits(Arrays.copyOf(Rolling.mean(spoilt, period), cut)))
            .as("period %d, bar %d another", period, cut)
            .isEqualTo(bits(Arrays.copyOf(mean, cut)));
        spoilt[cut] = column[cut];
      }
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {1.1, 0.1, 1e-5, 123_456.789, 3})
  void equalValuesHaveThemselvesAsMean(double value) {
    double[] column = new double[BARS];
    Arrays.fill(column, value);
    for (int period : PERIODS) {
      assertThat(Arrays.stream(Rolling.mean(column, period)).skip(period - 1).distinct())
          .as("period %d", period)
          .containsExactly(value);
    }
  }

  private static double exactMean(double[] column, int last, int period) {
    BigDecimal sum = BigDecimal.ZERO;
    for (int i = last - period + 1; i <= last; i++) {
      sum = sum.add(new BigDecimal(column[i]));
    }
    return sum.divide(BigDecimal.valueOf(period), new MathContext(400)).doubleValue();
  }

  private static long[] bits(double[] values) {
    return Arrays.stream(values).mapToLong(Double::doubleToLongBits).toArray();
  }
}
