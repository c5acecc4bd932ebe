package io.ktrdr.strategy.indicator;

import static io.ktrdr.strategy.indicator.SampleBars.bars;
import static io.ktrdr.strategy.indicator.SampleBars.closes;
import static io.ktrdr.strategy.indicator.SampleBars.compute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ktrdr.market.BarSeries;
import java.util.Arrays;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Small vectors, worked out by hand. */
class IndicatorsTest {

  private static final Offset<Double> EXACT = within(1e-9);
  private static final double NAN = Double.NaN;

  @Test
  void smaIsTheMeanOfTheWindow() {
    assertColumn(compute("sma", closes(1, 2, 3, 5, 10), "period", 3)[0], NAN, NAN, 2, 10 / 3.0, 6);
  }

  @Test
  void emaBeginsWithTheFirstValue() {
    // weight 1/2: 4, 6, 5, 7.5
    assertColumn(compute("ema", closes(4, 8, 4, 10), "period", 3)[0], NAN, NAN, 5, 7.5);
  }

  @Test
  void wmaWeighsTheNewestMost() {
    assertColumn(
        compute("wma", closes(1, 2, 4, 8), "period", 3)[0],
        NAN,
        NAN,
        (1 + 4 + 12) / 6.0,
        (2 + 8 + 24) / 6.0);
  }

  @Test
  void rsiBeginsWithTheMeanOfTheFirstChanges() {
    // Changes +2 -1 +3: up (2+0)/2 = 1, down (0+1)/2 = 0.5; then up (1+3)/2 = 2, down 0.25.
    assertColumn(
        compute("rsi", closes(10, 12, 11, 14), "period", 2)[0],
        NAN,
        NAN,
        100 * 1 / 1.5,
        100 * 2 / 2.25);
  }

  @Test
  void macdIsTheGapBetweenTwoAveragesAndTheirOwnAverage() {
    BarSeries bars = closes(3, 6, 3, 9, 3, 3);
    double[][] macd = compute("macd", bars, "fast_period", 1, "slow_period", 3, "signal_period", 3);
    // slow: 3, 4.5, 3.75, 6.375, 4.6875, 3.84375
    // line: 0, 1.5, -0.75, 2.625, -1.6875, -0.84375
    // signal: 0, 0.75, 0, 1.3125, -0.1875, -0.515625
    assertColumn(macd[0], NAN, NAN, NAN, NAN, -1.6875, -0.84375);
    assertColumn(macd[1], NAN, NAN, NAN, NAN, -0.1875, -0.515625);
    assertColumn(macd[2], NAN, NAN, NAN, NAN, -1.5, -0.328125);
  }

  @Test
  void ppoDoesNotDependOnTheScaleOfThePrice() {
    BarSeries one = SampleBars.walk(200, 1);
    BarSeries hundred = closes(Arrays.stream(one.close()).map(x -> 100 * x).toArray());

    double[] histogram = compute("ppo", one)[2];

    assertThat(compute("ppo", hundred)[2]).containsExactly(histogram, EXACT);
    assertThat(compute("macd", hundred)[2]).isNotEqualTo(compute("macd", one)[2]);
  }

  @Test
  void bollingerBandsUseThePopulationDeviation() {
    // Mean of 2 4 6 is 4, variance (4 + 0 + 4) / 3.
    double deviation = Math.sqrt(8 / 3.0);
    double[][] bands = compute("bbands", closes(2, 4, 6), "period", 3, "multiplier", 2.0);

    assertColumn(bands[0], NAN, NAN, 4 + 2 * deviation);
    assertColumn(bands[1], NAN, NAN, 4);
    assertColumn(bands[2], NAN, NAN, 4 - 2 * deviation);
    assertColumn(
        compute("bollingerbandwidth", closes(2, 4, 6), "period", 3)[0], NAN, NAN, deviation);
    assertColumn(
        compute("percent_b", closes(2, 4, 6), "period", 3)[0],
        NAN,
        NAN,
        (2 + 2 * deviation) / (4 * deviation));
  }

  @Test
  void atrIsWildersAndNatrIsItsShareOfTheClose() {
    BarSeries bars =
        bars(
            new double[] {12, 13, 20, 21},
            new double[] {10, 11, 18, 18},
            new double[] {11, 12, 19, 20});
    // True ranges: 2, 2, 20 - 12 = 8, 3; first mean of two: 2, then (2 + 8) / 2, (5 + 3) / 2.
    assertColumn(compute("atr", bars, "period", 2)[0], NAN, 2, 5, 4);
    assertColumn(compute("natr", bars, "period", 2)[0], NAN, 200 / 12.0, 500 / 19.0, 400 / 20.0);
  }

  @Test
  void oscillatorsPlaceTheCloseInItsRange() {
    BarSeries bars =
        bars(new double[] {10, 12, 14}, new double[] {6, 8, 9}, new double[] {8, 11, 12});
    // Range of three bars 6..14, close 12.
    assertColumn(compute("williamsr", bars, "period", 3)[0], NAN, NAN, -25);
    double[][] stochastic =
        compute("stochastic", bars, "k_period", 3, "smooth_k", 1, "d_period", 1);
    assertColumn(stochastic[0], NAN, NAN, 75);
    assertColumn(stochastic[1], NAN, NAN, 75);
    double[][] donchian = compute("donchianchannels", bars, "period", 2);
    assertColumn(donchian[0], NAN, 12, 14);
    assertColumn(donchian[1], NAN, 9, 11);
    assertColumn(donchian[2], NAN, 6, 8);
  }

  @Test
  void cciMeasuresInMeanDeviations() {
    // Typical prices 1 2 6: mean 3, mean deviation (2 + 1 + 3) / 3 = 2.
    double[] typical = {1, 2, 6};
    assertColumn(
        compute("cci", bars(typical, typical.clone(), typical.clone()), "period", 3)[0],
        NAN,
        NAN,
        3 / (0.015 * 2));
  }

  @Test
  void changesAreMeasuredInPercentOrInPrice() {
    assertColumn(compute("roc", closes(4, 5, 6), "period", 2)[0], NAN, NAN, 50);
    assertColumn(compute("momentum", closes(4, 5, 6), "period", 2)[0], NAN, NAN, 2);
    assertColumn(compute("distancefromma", closes(4, 6), "period", 2)[0], NAN, 20);
    assertColumn(
        compute("distancefromma", closes(4, 8, 4), "period", 3, "ma_type", "EMA")[0],
        NAN,
        NAN,
        -20);
  }

  @Test
  void obvAddsVolumeOnAHigherClose() {
    // Volumes 100, 101, 102, 103.
    assertColumn(compute("obv", closes(5, 6, 6, 4))[0], 0, 101, 101, -2);
  }

  @Test
  void adxOfASteadyTrendIsFull() {
    double[] high = new double[30];
    double[] low = new double[30];
    double[] close = new double[30];
    for (int i = 0; i < 30; i++) {
      high[i] = 102 + i;
      low[i] = 100 + i;
      close[i] = 101 + i;
    }
    double[][] adx = compute("adx", bars(high, low, close), "period", 5);

    // Each bar moves up 1 and its true range is 2.
    assertThat(adx[0][29]).isEqualTo(100, EXACT);
    assertThat(adx[1][29]).isEqualTo(50, EXACT);
    assertThat(adx[2][29]).isEqualTo(0, EXACT);
    assertThat(adx[0][8]).isNaN();
    assertThat(adx[0][9]).isEqualTo(100, EXACT);
  }

  @Test
  void isFoundByNameAndAliasInAnyCase() {
    assertThat(IndicatorCatalogue.find("sma"))
        .isEqualTo(IndicatorCatalogue.find("SimpleMovingAverage"))
        .isPresent();
    assertThat(IndicatorCatalogue.find("smaa")).isEmpty();
  }

  @Test
  void theTypesStrategiesAreWrittenAgainstAreThere() {
    String types =
        "rsi simplemovingaverage exponentialmovingaverage weightedmovingaverage macd bollingerbands"
            + " bollingerbandwidth atr adx stochastic williamsr cci roc momentum mfi obv cmf adline"
            + " vwap volumeratio distancefromma squeezeintensity donchianchannels keltnerchannels"
            + " supertrend parabolicsar ichimoku aroon rvi fishertransform zigzag"
            + " percentagepriceoscillator normalizedatr percent_b";
    assertThat(IndicatorCatalogue.types())
        .extracting(IndicatorType::name)
        .containsExactlyInAnyOrder(types.split(" ", -1));
  }

  private static void assertColumn(double[] column, double... expected) {
    assertThat(column).hasSize(expected.length);
    for (int i = 0; i < expected.length; i++) {
      if (Double.isNaN(expected[i])) {
        assertThat(column[i]).as("value %d", i).isNaN();
      } else {
        assertThat(column[i]).as("value %d", i).isEqualTo(expected[i], EXACT);
      }
    }
  }
}
