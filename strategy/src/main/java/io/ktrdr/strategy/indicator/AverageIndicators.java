package io.ktrdr.strategy.indicator;

import static io.ktrdr.strategy.indicator.IndicatorCatalogue.only;
import static io.ktrdr.strategy.indicator.IndicatorCatalogue.period;
import static io.ktrdr.strategy.indicator.IndicatorCatalogue.source;
import static io.ktrdr.strategy.indicator.IndicatorCatalogue.whole;
import static io.ktrdr.strategy.indicator.IndicatorType.ONLY_OUTPUT;

import java.util.List;

/** Moving averages and what is measured against them. */
final class AverageIndicators {

  private static final List<String> MACD_OUTPUTS = List.of("line", "signal", "histogram");

  private AverageIndicators() {}

  static List<IndicatorType> types() {
    return List.of(sma(), ema(), wma(), distanceFromMa(), macd(), ppo());
  }

  /** Mean of the last {@code period} values. */
  private static IndicatorType sma() {
    return new IndicatorType(
        "simplemovingaverage",
        List.of("sma"),
        List.of(period(20, 2, 500), source()),
        List.of(ONLY_OUTPUT),
        p -> p.integer("period") - 1,
        (prices, p) -> only(prices.ta4j().sma(prices.source(p), p.integer("period"))));
  }

  /** Weight 2 / (period + 1) on the newest value, begun with the first one. */
  private static IndicatorType ema() {
    return new IndicatorType(
        "exponentialmovingaverage",
        List.of("ema"),
        List.of(period(20, 2, 500), source()),
        List.of(ONLY_OUTPUT),
        p -> p.integer("period") - 1,
        (prices, p) -> only(Columns.exponential(prices.source(p), p.integer("period"))));
  }

  /** Weights 1 (oldest) … period (newest). */
  private static IndicatorType wma() {
    return new IndicatorType(
        "weightedmovingaverage",
        List.of("wma"),
        List.of(period(20, 2, 500), source()),
        List.of(ONLY_OUTPUT),
        p -> p.integer("period") - 1,
        (prices, p) -> only(prices.ta4j().wma(prices.source(p), p.integer("period"))));
  }

  /** Distance of the price from its average, in percent of the average. */
  private static IndicatorType distanceFromMa() {
    return new IndicatorType(
        "distancefromma",
        List.of(),
        List.of(
            period(20, 2, 500),
            new IndicatorParameter.Word("ma_type", "SMA", List.of("SMA", "EMA")),
            source()),
        List.of(ONLY_OUTPUT),
        p -> p.integer("period") - 1,
        (prices, p) -> {
          double[] price = prices.source(p);
          int period = p.integer("period");
          double[] average =
              p.word("ma_type").equals("SMA")
                  ? prices.ta4j().sma(price, period)
                  : Columns.exponential(price, period);
          return only(Columns.combine(price, average, (x, mean) -> 100 * (x - mean) / mean));
        });
  }

  /** Fast minus slow exponential average, its own average, and the gap between the two. */
  private static IndicatorType macd() {
    return new IndicatorType(
        "macd",
        List.of(),
        List.of(
            whole("fast_period", 12, 1, 200),
            whole("slow_period", 26, 2, 500),
            whole("signal_period", 9, 1, 200),
            source()),
        MACD_OUTPUTS,
        AverageIndicators::macdWarmup,
        (prices, p) -> {
          double[] fast = Columns.exponential(prices.source(p), p.integer("fast_period"));
          double[] slow = Columns.exponential(prices.source(p), p.integer("slow_period"));
          return withSignal(p, Columns.combine(fast, slow, (f, s) -> f - s));
        });
  }

  /**
   * MACD in percent of the slow average: comparable between EURUSD near 1 and USDJPY near 100,
   * which plain MACD is not.
   */
  private static IndicatorType ppo() {
    return new IndicatorType(
        "percentagepriceoscillator",
        List.of("ppo"),
        List.of(
            whole("fast_period", 12, 1, 200),
            whole("slow_period", 26, 2, 500),
            whole("signal_period", 9, 1, 200),
            source()),
        MACD_OUTPUTS,
        AverageIndicators::macdWarmup,
        (prices, p) -> {
          double[] fast = Columns.exponential(prices.source(p), p.integer("fast_period"));
          double[] slow = Columns.exponential(prices.source(p), p.integer("slow_period"));
          return withSignal(p, Columns.combine(fast, slow, (f, s) -> 100 * (f - s) / s));
        });
  }

  private static double[][] withSignal(IndicatorParameters p, double[] line) {
    double[] signal = Columns.exponential(line, p.integer("signal_period"));
    return new double[][] {line, signal, Columns.combine(line, signal, (l, s) -> l - s)};
  }

  private static int macdWarmup(IndicatorParameters p) {
    return Math.max(p.integer("fast_period"), p.integer("slow_period"))
        + p.integer("signal_period")
        - 2;
  }
}
