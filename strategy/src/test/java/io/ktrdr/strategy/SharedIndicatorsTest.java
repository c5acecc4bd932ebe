package io.ktrdr.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.ktrdr.market.BarSeries;
import io.ktrdr.strategy.indicator.IndicatorCache;
import io.ktrdr.strategy.indicator.IndicatorCatalogue;
import io.ktrdr.strategy.indicator.IndicatorColumns;
import io.ktrdr.strategy.indicator.IndicatorParameters;
import io.ktrdr.strategy.indicator.IndicatorSpec;
import io.ktrdr.strategy.indicator.IndicatorType;
import io.ktrdr.strategy.indicator.SampleBars;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Strategies that share one {@link IndicatorCache}. */
class SharedIndicatorsTest {

  private static final int BARS = 100;

  private final BarSeries bars = SampleBars.walk(BARS, 1);

  @Test
  void oneIndicatorOverOneSeriesIsComputedOnceForAllStrategiesThatUseIt() {
    IndicatorCache cache = new IndicatorCache();
    RulesStrategy rules =
        StrategyParser.parseRules(
            """
            name: low
            indicators: {strength: {type: rsi, period: 14}, trend: {type: sma, period: 20}}
            decisions:
              kind: rules
              enter_long: {all: [{less: [strength, 30]}, {greater: [close, trend]}]}
            """);
    FeatureBuilder features =
        new FeatureBuilder(StrategyParser.parseNeuroFuzzy(Samples.MINIMAL), bars.timeframe());

    FeatureMatrix first = features.build(bars, cache);
    assertThat(cache.misses()).isEqualTo(1);
    assertThat(cache.hits()).isZero();
    RuleColumns judged = new RuleColumns(rules.rules(), bars, cache);
    assertThat(cache.misses()).as("the average is new, the RSI is not").isEqualTo(2);
    assertThat(cache.hits()).isEqualTo(1);
    // The same bars in other arrays, as the next run reads them.
    BarSeries again = bars.slice(0, BARS);
    FeatureMatrix second = features.build(again, cache);
    RuleColumns judgedAgain = new RuleColumns(rules.rules(), again, cache);

    assertThat(cache.misses()).isEqualTo(2);
    assertThat(cache.hits()).isEqualTo(4);
    assertThat(cache.bytes()).isEqualTo(2 * BARS * Double.BYTES);
    assertThat(second.values()).isEqualTo(first.values()).isEqualTo(features.build(bars).values());
    assertThat(judgedAgain.enterLong()).isEqualTo(judged.enterLong());
  }

  @Test
  void nobodyWritesToColumnsThatAreShared() {
    IndicatorCache cache = new IndicatorCache();
    RulesStrategy rules =
        StrategyParser.parseRules(
            """
            name: many
            indicators: {fast: {type: sma, period: 5}, slow: {type: sma, period: 9}, r: {type: rsi}}
            decisions:
              kind: rules
              enter_long: {crosses_above: [fast, slow]}
              exit_long: {not: {greater: [fast, slow]}}
              enter_short: {for_bars: {bars: 2, condition: {less: [r, 40]}}}
              exit_short: {any: [{greater: [r, 50]}, {less: [r, 10]}]}
            """);
    double[] shared = new IndicatorColumns(bars, cache).column(sma(5), "value");
    double[] before = shared.clone();

    RuleColumns first = new RuleColumns(rules.rules(), bars, cache);
    first.enterLong().flip(BARS - 1);
    RuleColumns second = new RuleColumns(rules.rules(), bars, cache);

    assertThat(new IndicatorColumns(bars, cache).column(sma(5), "value")).isSameAs(shared);
    assertThat(shared).isEqualTo(before);
    assertThat(second.enterLong()).isEqualTo(new RuleColumns(rules.rules(), bars).enterLong());
  }

  /** As columns of millions of bars are, which are too large to be kept for others. */
  @Test
  void whatTheCacheDoesNotKeepIsComputedOnceARun() {
    IndicatorCache cache = new IndicatorCache(0);
    RulesStrategy rules =
        StrategyParser.parseRules(
            """
            name: cross
            indicators: {fast: {type: sma, period: 5}, slow: {type: sma, period: 9}}
            decisions:
              kind: rules
              enter_long: {crosses_above: [fast, slow]}
              exit_long: {crosses_below: [fast, slow]}
            """);

    new RuleColumns(rules.rules(), bars, cache);

    assertThat(cache.misses()).isEqualTo(2);
    assertThat(cache.bytes()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"wma", "obv"})
  void anIndicatorThatTakesLongCanBeStoppedOnTheWay(String type) {
    BarSeries many = SampleBars.walk(20_000, 2);
    IndicatorCache cache = new IndicatorCache();
    IndicatorType indicator = IndicatorCatalogue.find(type).orElseThrow();
    IndicatorSpec spec = new IndicatorSpec("slow", indicator, indicator.defaults());
    AtomicInteger looks = new AtomicInteger();
    IndicatorColumns stopped =
        new IndicatorColumns(
            many,
            cache,
            () -> {
              if (looks.incrementAndGet() == 9) {
                throw new CancellationException("cancelled");
              }
            });

    assertThatExceptionOfType(CancellationException.class)
        .isThrownBy(() -> stopped.column(spec, "value"));

    assertThat(looks).hasValue(9);
    assertThat(cache.bytes()).isZero();
    assertThat(new IndicatorColumns(many, cache).column(spec, "value")).hasSize(20_000);
  }

  private static IndicatorSpec sma(int period) {
    return new IndicatorSpec(
        "average",
        IndicatorCatalogue.find("sma").orElseThrow(),
        new IndicatorParameters(Map.of("period", period, "source", "close")));
  }
}
