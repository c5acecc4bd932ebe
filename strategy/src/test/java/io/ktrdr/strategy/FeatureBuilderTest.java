package io.ktrdr.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.ktrdr.market.BarSeries;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.strategy.indicator.IndicatorCache;
import io.ktrdr.strategy.indicator.SampleBars;
import java.util.Arrays;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FeatureBuilderTest {

  private final FeatureBuilder shipped =
      new FeatureBuilder(StrategyParser.parseNeuroFuzzy(Samples.shippedYaml()), Timeframe.D1);

  @Test
  void namesFeaturesInTheOrderOfInputsAndMemberships() {
    assertThat(shipped.names())
        .containsExactly(
            "1d_rsi_oversold",
            "1d_rsi_neutral",
            "1d_rsi_overbought",
            "1d_band_position_low",
            "1d_band_position_middle",
            "1d_band_position_high",
            "1d_momentum_fading",
            "1d_momentum_flat",
            "1d_momentum_building",
            "1d_volatility_calm",
            "1d_volatility_normal",
            "1d_volatility_agitated");
    // 26 + 9 - 2 bars of MACD are the longest warm-up.
    assertThat(shipped.warmupBars()).isEqualTo(33);
  }

  @Test
  void theRequestsTimeframeReplacesTheStrategys() {
    NeuroFuzzyStrategy strategy = StrategyParser.parseNeuroFuzzy(Samples.MINIMAL);

    assertThat(new FeatureBuilder(strategy, Timeframe.H4).names())
        .containsExactly("4h_rsi_low", "4h_rsi_high");
  }

  @Test
  void refusesBarsOfAnotherTimeframe() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> shipped.build(hourly(SampleBars.walk(50, 1))));
  }

  @Test
  void buildingIsLookedAtBeforeEachIndicatorAndEndsWhenItIsToldTo() {
    BarSeries bars = SampleBars.walk(100, 1);
    IndicatorCache cache = new IndicatorCache();
    AtomicInteger looks = new AtomicInteger();
    Runnable stops =
        () -> {
          if (looks.incrementAndGet() == 3) {
            throw new CancellationException();
          }
        };

    assertThatExceptionOfType(CancellationException.class)
        .isThrownBy(() -> shipped.build(bars, cache, stops));

    assertThat(cache.misses()).isEqualTo(2);
    assertThat(shipped.build(bars, cache, looks::incrementAndGet).values())
        .isEqualTo(shipped.build(bars).values());
    assertThat(looks).hasValue(3 + 4);
  }

  @Test
  void valuesAreTheMembershipsOfTheIndicator() {
    BarSeries bars = SampleBars.closes(10, 12, 11, 14);
    NeuroFuzzyStrategy strategy =
        StrategyParser.parseNeuroFuzzy(
            Samples.MINIMAL
                .replace("period: 14", "period: 2")
                .replace("[0, 20, 40]", "[0, 60, 100]"));

    FeatureMatrix features = new FeatureBuilder(strategy, Timeframe.D1).build(bars);

    // RSI is 66.67 and 88.89: see IndicatorsTest.
    assertThat(features.rows()).isEqualTo(4);
    assertThat(features.columns()).isEqualTo(2);
    assertThat(features.firstUsableRow()).isEqualTo(2);
    assertThat(features.values())
        .containsExactly(
            Float.NaN,
            Float.NaN,
            Float.NaN,
            Float.NaN,
            (float) ((100 - 200 / 3.0) / 40),
            (float) ((200 / 3.0 - 60) / 20),
            (float) ((100 - 800 / 9.0) / 40),
            1f);
  }

  @Test
  void rawFeaturesAreTheIndicatorsValues() {
    NeuroFuzzyStrategy strategy =
        StrategyParser.parseNeuroFuzzy(
            Samples.MINIMAL
                .replace("period: 14", "period: 2")
                .replace("- fuzzy_set: rsi", "- {raw_indicator: rsi_14, normalization: zscore}"));

    FeatureMatrix features =
        new FeatureBuilder(strategy, Timeframe.D1).build(SampleBars.closes(10, 12, 11, 14));

    assertThat(features.names()).containsExactly("1d_rsi_14_raw");
    assertThat(features.firstUsableRow()).isEqualTo(2);
    assertThat(features.values())
        .as("the scale belongs to the model")
        .containsExactly(Float.NaN, Float.NaN, (float) (200 / 3.0), (float) (800 / 9.0));
  }

  @Test
  void rawFeaturesOfLongerBarsKnowNothingOfLaterOnes() {
    NeuroFuzzyStrategy strategy =
        StrategyParser.parseNeuroFuzzy(
            Samples.MINIMAL
                .replace("{mode: single, timeframe: 1d}", "{list: [1d, 1w]}")
                .replace("period: 14", "period: 5")
                .replace(
                    "- fuzzy_set: rsi",
                    "- fuzzy_set: rsi\n  - {raw_indicator: rsi_14, normalization: minmax}"));
    BarSeries bars = SampleBars.shippedBars("EURUSD").slice(0, 300);
    FeatureBuilder builder =
        new FeatureBuilder(strategy, Timeframe.D1, strategy.trainingData().timeframes());
    assertThat(builder.names()).endsWith("1d_rsi_14_raw", "1w_rsi_14_raw");
    FeatureMatrix whole = builder.build(bars);
    assertThat(whole.firstUsableRow()).isLessThanOrEqualTo(strategy.warmupBars());

    for (int end = 1; end < bars.size(); end += 13) {
      assertThat(builder.build(bars.slice(0, end)).values())
          .isEqualTo(Arrays.copyOf(whole.values(), end * whole.columns()));
    }
    assertThat(LookaheadCheck.run(strategy, bars, 20).clean()).isTrue();
    assertThat(LookaheadCheck.run(strategy, bars, 0).columns())
        .extracting(LookaheadReport.Column::name)
        .contains("1w_rsi_14_raw");
  }

  @Test
  void aRowDoesNotChangeWhenLaterBarsAreAdded() {
    BarSeries bars = SampleBars.shippedBars("EURUSD").slice(0, 400);
    FeatureMatrix whole = shipped.build(bars);
    for (int end = 1; end < bars.size(); end += 13) {
      FeatureMatrix prefix = shipped.build(bars.slice(0, end));
      assertThat(prefix.values()).isEqualTo(Arrays.copyOf(whole.values(), end * whole.columns()));
      assertThat(prefix.firstUsableRow()).isEqualTo(Math.min(end, 33));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"EURUSD", "GBPUSD", "USDJPY"})
  void everyFeatureOfTheShippedStrategySaysSomethingOnEveryPair(String symbol) {
    FeatureMatrix features = shipped.build(SampleBars.shippedBars(symbol));

    int columns = features.columns();
    for (int column = 0; column < columns; column++) {
      double sum = 0;
      for (int row = features.firstUsableRow(); row < features.rows(); row++) {
        sum += features.values()[row * columns + column];
      }
      double mean = sum / (features.rows() - features.firstUsableRow());
      assertThat(mean).as(features.names().get(column)).isBetween(0.1, 0.6);
    }
  }

  @Test
  void aSeriesShorterThanTheWarmupHasNoUsableRow() {
    FeatureMatrix features = shipped.build(SampleBars.walk(20, 1));

    assertThat(features.firstUsableRow()).isEqualTo(20);
    assertThat(shipped.build(SampleBars.walk(20, 1).slice(0, 0)).rows()).isZero();
  }

  private static BarSeries hourly(BarSeries daily) {
    long first = daily.times()[0];
    long[] times = Arrays.stream(daily.times()).map(t -> first + (t - first) / 24).toArray();
    return BarSeries.of(
        daily.symbol(),
        Timeframe.H1,
        times,
        daily.open(),
        daily.high(),
        daily.low(),
        daily.close(),
        daily.volume());
  }
}
