package io.ktrdr.strategy.indicator;

import static io.ktrdr.strategy.indicator.Parameters.FIRST;
import static io.ktrdr.strategy.indicator.Parameters.PERIOD;
import static io.ktrdr.strategy.indicator.Parameters.SEED;
import static io.ktrdr.strategy.indicator.Parameters.TALIB;
import static io.ktrdr.strategy.indicator.Parameters.TULIP;
import static io.ktrdr.strategy.indicator.Parameters.WILDER;
import static io.ktrdr.strategy.indicator.Parameters.period;
import static io.ktrdr.strategy.indicator.Parameters.word;

/** Wilder's directional movement, in the ways it is begun. */
final class DirectionalMovement {

  private DirectionalMovement() {}

  static IndicatorType type() {
    return IndicatorType.named("adx", "averagedirectionalindex")
        .definition(
            "`plus_di = 100 · avg(+DM) / avg(true range)`, `minus_di` likewise; +DM is the rise of"
                + " the high where that is above 0 and exceeds the fall of the low, else 0; -DM the"
                + " fall of the low where that is above 0 and exceeds the rise of the high; `dx ="
                + " 100 · |plus_di - minus_di| / (plus_di + minus_di)`, `adx = avg(dx)`; avg is"
                + " Wilder's smoothing.")
        .parameters(period(14, 2, 200), word(SEED, WILDER, FIRST, TALIB, TULIP))
        .outputs("adx", "plus_di", "minus_di")
        .range("0 to 100; 0 where nothing moved")
        .warmup(
            "2 · period - 1, one less with seed tulip",
            p -> 2 * p.integer(PERIOD) - (p.word(SEED).equals(TULIP) ? 2 : 1))
        .note(
            "`seed: wilder` (default): the averages begin at bar `period` with the mean of the"
                + " first `period` movements (bars 1 to `period`), and the ADX at bar `2 · period -"
                + " 1` with the mean of the first `period` dx. That is Wilder's book.")
        .note(
            "`seed: talib` and `seed: tulip`: the averages are sums that begin with the first"
                + " `period - 1` movements, then `sum - sum / period + x`. Tulip's first dx is that"
                + " of bar `period - 1`, TA-Lib's that of bar `period`.")
        .note(
            "`seed: first`: everything begins at the first bar, whose movement is 0 and whose true"
                + " range is `high - low`, and goes on with weight `1 / period`: pandas'"
                + " `ewm(alpha=1/period, adjust=False)`. ta4j begins its averages at bar `period`"
                + " with that bar's values; all of them agree after some hundred bars.")
        .formula((prices, p) -> compute(prices, p.integer(PERIOD), p.word(SEED)));
  }

  private static double[][] compute(PriceColumns prices, int period, String seed) {
    int n = prices.size();
    double[] plus = new double[n];
    double[] minus = new double[n];
    for (int i = 1; i < n; i++) {
      double up = prices.high()[i] - prices.high()[i - 1];
      double down = prices.low()[i - 1] - prices.low()[i];
      plus[i] = up > down && up > 0 ? up : 0;
      minus[i] = down > up && down > 0 ? down : 0;
    }
    double[] range = average(Columns.trueRange(prices), period, seed);
    double[] plusDi = share(average(plus, period, seed), range);
    double[] minusDi = share(average(minus, period, seed), range);
    double[] dx =
        Columns.whereUndefined(
            Columns.combine(plusDi, minusDi, (p, m) -> 100 * Math.abs(p - m) / (p + m)), 0);
    double[] adx =
        switch (seed) {
          case FIRST -> Columns.wilderFromFirst(dx, period);
          case TULIP -> Columns.wilder(dx, period - 1, period);
          default -> Columns.wilder(dx, period, period);
        };
    return new double[][] {adx, plusDi, minusDi};
  }

  private static double[] average(double[] column, int period, String seed) {
    return switch (seed) {
      case FIRST -> Columns.wilderFromFirst(column, period);
      case TALIB, TULIP -> sumsFromShortStart(column, period);
      default -> Columns.wilder(column, 1, period);
    };
  }

  /** Sums begun with the {@code period - 1} values after the first bar's. */
  private static double[] sumsFromShortStart(double[] column, int period) {
    double[] result = Rolling.unknown(column.length);
    double sum = 0;
    for (int i = 1; i < column.length; i++) {
      sum = i < period ? sum + column[i] : sum - sum / period + column[i];
      if (i >= period - 1) {
        result[i] = sum;
      }
    }
    return result;
  }

  private static double[] share(double[] movement, double[] range) {
    return Columns.whereUndefined(Columns.percent(movement, range), 0);
  }
}
