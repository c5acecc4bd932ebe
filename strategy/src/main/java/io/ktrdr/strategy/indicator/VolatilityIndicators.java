package io.ktrdr.strategy.indicator;

import static io.ktrdr.strategy.indicator.IndicatorCatalogue.only;
import static io.ktrdr.strategy.indicator.IndicatorCatalogue.period;
import static io.ktrdr.strategy.indicator.IndicatorCatalogue.source;
import static io.ktrdr.strategy.indicator.IndicatorType.ONLY_OUTPUT;

import java.util.List;

/** Ranges, bands and channels. */
final class VolatilityIndicators {

  /** Place of the price in bands that have closed to a line. */
  private static final double PERCENT_B_FLAT = 0.5;

  private VolatilityIndicators() {}

  static List<IndicatorType> types() {
    return List.of(atr(), natr(), bands(), bandWidth(), percentB(), donchian());
  }

  /** Wilder's average of the true range, in price. */
  private static IndicatorType atr() {
    return new IndicatorType(
        "atr",
        List.of("averagetruerange"),
        List.of(period(14, 1, 100)),
        List.of(ONLY_OUTPUT),
        p -> p.integer("period") - 1,
        (prices, p) -> only(Columns.wilder(Columns.trueRange(prices), 0, p.integer("period"))));
  }

  /** ATR in percent of the close: volatility that compares between symbols. */
  private static IndicatorType natr() {
    return new IndicatorType(
        "normalizedatr",
        List.of("natr", "atr_percent"),
        List.of(period(14, 1, 100)),
        List.of(ONLY_OUTPUT),
        p -> p.integer("period") - 1,
        (prices, p) -> {
          double[] atr = Columns.wilder(Columns.trueRange(prices), 0, p.integer("period"));
          return only(Columns.combine(atr, prices.close(), (a, c) -> 100 * a / c));
        });
  }

  /** Mean ± multiplier population standard deviations. */
  private static IndicatorType bands() {
    return new IndicatorType(
        "bollingerbands",
        List.of("bbands"),
        bandParameters(),
        List.of("upper", "middle", "lower"),
        p -> p.integer("period") - 1,
        VolatilityIndicators::bollinger);
  }

  /** (upper - lower) / middle. */
  private static IndicatorType bandWidth() {
    return new IndicatorType(
        "bollingerbandwidth",
        List.of("bbwidth"),
        bandParameters(),
        List.of(ONLY_OUTPUT),
        p -> p.integer("period") - 1,
        (prices, p) -> {
          double[][] bands = bollinger(prices, p);
          double[] width = Columns.combine(bands[0], bands[2], (upper, lower) -> upper - lower);
          return only(Columns.combine(width, bands[1], (w, middle) -> w / middle));
        });
  }

  /** Place of the price between the bands: 0 at the lower, 1 at the upper, outside beyond. */
  private static IndicatorType percentB() {
    return new IndicatorType(
        "percent_b",
        List.of("percentb", "bollingerpercentb"),
        bandParameters(),
        List.of(ONLY_OUTPUT),
        p -> p.integer("period") - 1,
        (prices, p) -> {
          double[][] bands = bollinger(prices, p);
          double[] width = Columns.combine(bands[0], bands[2], (upper, lower) -> upper - lower);
          double[] above = Columns.combine(prices.source(p), bands[2], (x, lower) -> x - lower);
          return only(Columns.combine(above, width, (a, w) -> w > 0 ? a / w : PERCENT_B_FLAT));
        });
  }

  /** Highest high and lowest low of {@code period} bars, this one included, and their middle. */
  private static IndicatorType donchian() {
    return new IndicatorType(
        "donchianchannels",
        List.of("donchian"),
        List.of(period(20, 1, 500)),
        List.of("upper", "middle", "lower"),
        p -> p.integer("period") - 1,
        (prices, p) -> {
          double[] upper = prices.ta4j().highest(prices.high(), p.integer("period"));
          double[] lower = prices.ta4j().lowest(prices.low(), p.integer("period"));
          return new double[][] {
            upper, Columns.combine(upper, lower, (u, l) -> (u + l) / 2), lower
          };
        });
  }

  private static List<IndicatorParameter> bandParameters() {
    return List.of(
        period(20, 2, 500), new IndicatorParameter.Real("multiplier", 2.0, 0, 10), source());
  }

  private static double[][] bollinger(PriceColumns prices, IndicatorParameters p) {
    double[] middle = prices.ta4j().sma(prices.source(p), p.integer("period"));
    double[] deviation = prices.ta4j().standardDeviation(prices.source(p), p.integer("period"));
    double k = p.real("multiplier");
    return new double[][] {
      Columns.combine(middle, deviation, (m, s) -> m + k * s),
      middle,
      Columns.combine(middle, deviation, (m, s) -> m - k * s)
    };
  }
}
