package io.ktrdr.strategy.indicator;

import static io.ktrdr.strategy.indicator.IndicatorCatalogue.only;
import static io.ktrdr.strategy.indicator.IndicatorCatalogue.period;
import static io.ktrdr.strategy.indicator.IndicatorCatalogue.source;
import static io.ktrdr.strategy.indicator.IndicatorCatalogue.whole;
import static io.ktrdr.strategy.indicator.IndicatorType.ONLY_OUTPUT;

import java.util.List;

/** Momentum, bounded or not, trend strength and volume flow. */
final class OscillatorIndicators {

  /** What a bounded oscillator says when nothing moved. */
  private static final double RSI_FLAT = 50;

  private static final double STOCHASTIC_FLAT = 50;
  private static final double WILLIAMS_FLAT = -50;

  private OscillatorIndicators() {}

  static List<IndicatorType> types() {
    return List.of(rsi(), stochastic(), williamsR(), cci(), roc(), momentum(), adx(), obv());
  }

  /** Wilder's: 100 · up / (up + down), both smoothed by {@link Columns#wilder}. */
  private static IndicatorType rsi() {
    return new IndicatorType(
        "rsi",
        List.of("relativestrengthindex"),
        List.of(period(14, 2, 100), source()),
        List.of(ONLY_OUTPUT),
        p -> p.integer("period"),
        (prices, p) -> {
          double[] change = Columns.difference(prices.source(p), 1);
          int period = p.integer("period");
          double[] up = new double[change.length];
          double[] down = new double[change.length];
          for (int i = 1; i < change.length; i++) {
            up[i] = Math.max(0, change[i]);
            down[i] = Math.max(0, -change[i]);
          }
          double[] rsi =
              Columns.combine(
                  Columns.wilder(up, 1, period),
                  Columns.wilder(down, 1, period),
                  (u, d) -> 100 * u / (u + d));
          return only(Columns.whereUndefined(rsi, RSI_FLAT));
        });
  }

  /** Place of the close in the range of k_period bars, 0..100, smoothed; d is k's average. */
  private static IndicatorType stochastic() {
    return new IndicatorType(
        "stochastic",
        List.of("stoch"),
        List.of(
            whole("k_period", 14, 1, 200),
            whole("d_period", 3, 1, 50),
            whole("smooth_k", 3, 1, 50)),
        List.of("k", "d"),
        p -> p.integer("k_period") + p.integer("smooth_k") + p.integer("d_period") - 3,
        (prices, p) -> {
          Ta4jColumns ta4j = prices.ta4j();
          double[] raw =
              Columns.whereUndefined(ta4j.stochasticK(p.integer("k_period")), STOCHASTIC_FLAT);
          double[] k = ta4j.sma(raw, p.integer("smooth_k"));
          return new double[][] {k, ta4j.sma(k, p.integer("d_period"))};
        });
  }

  /** Distance of the close from the highest high, -100 (at the low) … 0 (at the high). */
  private static IndicatorType williamsR() {
    return new IndicatorType(
        "williamsr",
        List.of("willr"),
        List.of(period(14, 1, 200)),
        List.of(ONLY_OUTPUT),
        p -> p.integer("period") - 1,
        (prices, p) ->
            only(
                Columns.whereUndefined(
                    prices.ta4j().williamsR(p.integer("period")), WILLIAMS_FLAT)));
  }

  /** Distance of the typical price from its mean in units of 0.015 mean deviations. */
  private static IndicatorType cci() {
    return new IndicatorType(
        "cci",
        List.of("commoditychannelindex"),
        List.of(period(20, 2, 100)),
        List.of(ONLY_OUTPUT),
        p -> p.integer("period") - 1,
        (prices, p) ->
            only(
                Columns.whereUndefined(
                    prices.ta4j().commodityChannelIndex(p.integer("period")), 0)));
  }

  /** Change over {@code period} bars in percent. */
  private static IndicatorType roc() {
    return new IndicatorType(
        "roc",
        List.of("rateofchange"),
        List.of(period(10, 1, 200), source()),
        List.of(ONLY_OUTPUT),
        p -> p.integer("period"),
        (prices, p) -> only(prices.ta4j().rateOfChange(prices.source(p), p.integer("period"))));
  }

  /** Change over {@code period} bars in price. */
  private static IndicatorType momentum() {
    return new IndicatorType(
        "momentum",
        List.of(),
        List.of(period(10, 1, 200), source()),
        List.of(ONLY_OUTPUT),
        p -> p.integer("period"),
        (prices, p) -> only(Columns.difference(prices.source(p), p.integer("period"))));
  }

  /** Wilder's directional movement, all three from 0 to 100. */
  private static IndicatorType adx() {
    return new IndicatorType(
        "adx",
        List.of("averagedirectionalindex"),
        List.of(period(14, 2, 200)),
        List.of("adx", "plus_di", "minus_di"),
        p -> 2 * p.integer("period") - 1,
        (prices, p) -> directionalMovement(prices, p.integer("period")));
  }

  private static double[][] directionalMovement(PriceColumns prices, int period) {
    int n = prices.size();
    double[] plus = new double[n];
    double[] minus = new double[n];
    for (int i = 1; i < n; i++) {
      double up = prices.high()[i] - prices.high()[i - 1];
      double down = prices.low()[i - 1] - prices.low()[i];
      plus[i] = up > down && up > 0 ? up : 0;
      minus[i] = down > up && down > 0 ? down : 0;
    }
    double[] range = Columns.wilder(Columns.trueRange(prices), 1, period);
    double[] plusDi = share(Columns.wilder(plus, 1, period), range);
    double[] minusDi = share(Columns.wilder(minus, 1, period), range);
    double[] dx =
        Columns.whereUndefined(
            Columns.combine(plusDi, minusDi, (p, m) -> 100 * Math.abs(p - m) / (p + m)), 0);
    return new double[][] {Columns.wilder(dx, period, period), plusDi, minusDi};
  }

  private static double[] share(double[] movement, double[] range) {
    return Columns.whereUndefined(Columns.combine(movement, range, (m, r) -> 100 * m / r), 0);
  }

  /** Volume added on a higher close and taken off on a lower one, begun at 0. */
  private static IndicatorType obv() {
    return new IndicatorType(
        "obv",
        List.of("onbalancevolume"),
        List.of(),
        List.of(ONLY_OUTPUT),
        _ -> 0,
        (prices, _) -> only(prices.ta4j().onBalanceVolume()));
  }
}
