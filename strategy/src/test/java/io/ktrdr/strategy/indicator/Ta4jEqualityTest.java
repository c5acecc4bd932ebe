package io.ktrdr.strategy.indicator;

import static org.assertj.core.api.Assertions.assertThat;

import io.ktrdr.market.BarSeries;
import java.time.Duration;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.ta4j.core.BaseBarSeriesBuilder;
import org.ta4j.core.Indicator;
import org.ta4j.core.indicators.ATRIndicator;
import org.ta4j.core.indicators.CCIIndicator;
import org.ta4j.core.indicators.MACDIndicator;
import org.ta4j.core.indicators.PPOIndicator;
import org.ta4j.core.indicators.ROCIndicator;
import org.ta4j.core.indicators.RSIIndicator;
import org.ta4j.core.indicators.StochasticOscillatorKIndicator;
import org.ta4j.core.indicators.WilliamsRIndicator;
import org.ta4j.core.indicators.adx.ADXIndicator;
import org.ta4j.core.indicators.adx.MinusDIIndicator;
import org.ta4j.core.indicators.adx.PlusDIIndicator;
import org.ta4j.core.indicators.aroon.AroonDownIndicator;
import org.ta4j.core.indicators.aroon.AroonUpIndicator;
import org.ta4j.core.indicators.averages.EMAIndicator;
import org.ta4j.core.indicators.averages.SMAIndicator;
import org.ta4j.core.indicators.averages.WMAIndicator;
import org.ta4j.core.indicators.bollinger.BollingerBandWidthIndicator;
import org.ta4j.core.indicators.bollinger.BollingerBandsLowerIndicator;
import org.ta4j.core.indicators.bollinger.BollingerBandsMiddleIndicator;
import org.ta4j.core.indicators.bollinger.BollingerBandsUpperIndicator;
import org.ta4j.core.indicators.bollinger.PercentBIndicator;
import org.ta4j.core.indicators.donchian.DonchianChannelLowerIndicator;
import org.ta4j.core.indicators.donchian.DonchianChannelUpperIndicator;
import org.ta4j.core.indicators.helpers.ClosePriceIndicator;
import org.ta4j.core.indicators.ichimoku.IchimokuLineIndicator;
import org.ta4j.core.indicators.numeric.NumericIndicator;
import org.ta4j.core.indicators.statistics.StandardDeviationIndicator;
import org.ta4j.core.indicators.volume.ChaikinMoneyFlowIndicator;
import org.ta4j.core.indicators.volume.OnBalanceVolumeIndicator;
import org.ta4j.core.indicators.volume.VWAPIndicator;
import org.ta4j.core.num.DoubleNumFactory;
import org.ta4j.core.num.Num;

/**
 * Where ta4j has an indicator in the same definition, ours is the same to 1e-9. Its recursive
 * averages begin elsewhere, so of those the bars are compared by which how they began has faded.
 */
class Ta4jEqualityTest {

  /** Bars after which even a twice smoothed beginning is below the last digit. */
  private static final int FADED = 1000;

  interface Theirs
      extends BiFunction<org.ta4j.core.BarSeries, ClosePriceIndicator, Indicator<Num>> {}

  static Stream<Arguments> pairs() {
    return Stream.of(
        pair("sma", 0, (_, x) -> new SMAIndicator(x, 20)),
        faded("ema", 0, (_, x) -> new EMAIndicator(x, 20)),
        pair("wma", 0, (_, x) -> new WMAIndicator(x, 20)),
        faded("macd", 0, (_, x) -> new MACDIndicator(x, 12, 26)),
        faded("macd", 1, (_, x) -> new EMAIndicator(new MACDIndicator(x, 12, 26), 9)),
        faded("ppo", 0, (_, x) -> new PPOIndicator(x, 12, 26)),
        faded("rsi", 0, (_, x) -> new RSIIndicator(x, 14)),
        pair("stochastic", 0, (s, _) -> new StochasticOscillatorKIndicator(s, 14), "smooth_k", 1),
        pair("williamsr", 0, (s, _) -> new WilliamsRIndicator(s, 14)),
        pair("cci", 0, (s, _) -> new CCIIndicator(s, 20)),
        pair("roc", 0, (_, x) -> new ROCIndicator(x, 10)),
        faded("atr", 0, (s, _) -> new ATRIndicator(s, 14)),
        faded("adx", 0, (s, _) -> new ADXIndicator(s, 14)),
        faded("adx", 1, (s, _) -> new PlusDIIndicator(s, 14)),
        faded("adx", 2, (s, _) -> new MinusDIIndicator(s, 14)),
        pair("bbands", 0, (_, x) -> new BollingerBandsUpperIndicator(middle(x), deviation(x))),
        pair("bbands", 1, (_, x) -> middle(x)),
        pair("bbands", 2, (_, x) -> new BollingerBandsLowerIndicator(middle(x), deviation(x))),
        pair("bbwidth", 0, (_, x) -> NumericIndicator.of(width(x)).dividedBy(100)),
        pair("percentb", 0, (_, x) -> new PercentBIndicator(x, 20, 2)),
        pair("donchian", 0, (s, _) -> new DonchianChannelUpperIndicator(s, 20)),
        pair("donchian", 2, (s, _) -> new DonchianChannelLowerIndicator(s, 20)),
        pair("aroon", 0, (s, _) -> new AroonUpIndicator(s, 14)),
        pair("aroon", 1, (s, _) -> new AroonDownIndicator(s, 14)),
        pair("ichimoku", 0, (s, _) -> new IchimokuLineIndicator(s, 9)),
        pair("ichimoku", 1, (s, _) -> new IchimokuLineIndicator(s, 26)),
        pair("obv", 0, (s, _) -> new OnBalanceVolumeIndicator(s)),
        pair("cmf", 0, (s, _) -> new ChaikinMoneyFlowIndicator(s, 21)),
        pair("vwap", 0, (s, _) -> new VWAPIndicator(s, 20)));
  }

  private static Arguments pair(String type, int output, Theirs theirs, Object... parameters) {
    return Arguments.of(type, output, theirs, parameters, 0);
  }

  private static Arguments faded(String type, int output, Theirs theirs) {
    return Arguments.of(type, output, theirs, new Object[0], FADED);
  }

  private static BollingerBandsMiddleIndicator middle(ClosePriceIndicator x) {
    return new BollingerBandsMiddleIndicator(new SMAIndicator(x, 20));
  }

  private static Indicator<Num> width(ClosePriceIndicator x) {
    return new BollingerBandWidthIndicator(
        new BollingerBandsUpperIndicator(middle(x), deviation(x)),
        middle(x),
        new BollingerBandsLowerIndicator(middle(x), deviation(x)));
  }

  private static Indicator<Num> deviation(ClosePriceIndicator x) {
    return new StandardDeviationIndicator(x, 20);
  }

  @ParameterizedTest(name = "{0}[{1}]")
  @MethodSource("pairs")
  void isTa4js(String type, int output, Theirs theirs, Object[] parameters, int from) {
    for (BarSeries bars : List.of(SampleBars.walk(1500, 5), SampleBars.shippedBars("USDJPY"))) {
      if (bars.symbol().equals("USDJPY") && !usesPrices(type)) {
        continue;
      }
      org.ta4j.core.BarSeries series = ta4j(bars);
      Indicator<Num> indicator = theirs.apply(series, new ClosePriceIndicator(series));
      double[] ours = SampleBars.compute(type, bars, parameters)[output];
      int compared = 0;
      for (int i = from; i < ours.length; i++) {
        if (!Double.isNaN(ours[i])) {
          double expected = indicator.getValue(i).doubleValue();
          assertThat(Math.abs(ours[i] - expected))
              .as("%s bar %d: %s, theirs %s", bars.symbol(), i, ours[i], expected)
              .isLessThanOrEqualTo(1e-9 * Math.max(1, Math.abs(expected)));
          compared++;
        }
      }
      assertThat(compared).isGreaterThan(400);
    }
  }

  /** The shipped files have fixings, no volume. */
  private static boolean usesPrices(String type) {
    return !List.of("obv", "cmf", "vwap").contains(type);
  }

  @Test
  void everyTypeThatSaysSoIsCompared() {
    List<String> compared =
        pairs()
            .map(p -> IndicatorCatalogue.find(String.valueOf(p.get()[0])).orElseThrow().name())
            .distinct()
            .toList();
    for (IndicatorType type : IndicatorCatalogue.types()) {
      if (type.source() != IndicatorType.Source.OWN) {
        assertThat(compared).contains(type.name());
      }
    }
  }

  private static org.ta4j.core.BarSeries ta4j(BarSeries bars) {
    org.ta4j.core.BarSeries series =
        new BaseBarSeriesBuilder().withNumFactory(DoubleNumFactory.getInstance()).build();
    Duration length = bars.timeframe().length();
    for (int i = 0; i < bars.size(); i++) {
      series
          .barBuilder()
          .timePeriod(length)
          .endTime(bars.time(i).plus(length))
          .openPrice(bars.open()[i])
          .highPrice(bars.high()[i])
          .lowPrice(bars.low()[i])
          .closePrice(bars.close()[i])
          .volume(bars.volume()[i])
          .add();
    }
    return series;
  }
}
