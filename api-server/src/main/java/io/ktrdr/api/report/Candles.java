package io.ktrdr.api.report;

import io.ktrdr.market.BarSeries;

/**
 * Bars to be drawn. When there are more than can be, as many as needed are merged into one: open of
 * the first, close of the last, highest high, lowest low. So no extreme is lost.
 *
 * @param first index of each candle's first bar in the series
 * @param last index of each candle's last bar in the series
 * @param barsEach how many bars a candle is made of; the last may have fewer
 */
// Never compared.
@SuppressWarnings("ArrayRecordComponent")
record Candles(
    int[] first,
    int[] last,
    double[] open,
    double[] high,
    double[] low,
    double[] close,
    int barsEach) {

  /**
   * The bars {@code from .. to - 1}, at least one.
   *
   * @param most candles at most
   */
  static Candles of(BarSeries bars, int from, int to, int most) {
    int each = Math.ceilDiv(to - from, most);
    int count = Math.ceilDiv(to - from, each);
    Candles candles =
        new Candles(
            new int[count],
            new int[count],
            new double[count],
            new double[count],
            new double[count],
            new double[count],
            each);
    for (int i = 0; i < count; i++) {
      int begin = from + i * each;
      int end = Math.min(to, begin + each);
      candles.first[i] = begin;
      candles.last[i] = end - 1;
      candles.open[i] = bars.open()[begin];
      candles.close[i] = bars.close()[end - 1];
      candles.high[i] = bars.high()[begin];
      candles.low[i] = bars.low()[begin];
      for (int bar = begin + 1; bar < end; bar++) {
        candles.high[i] = Math.max(candles.high[i], bars.high()[bar]);
        candles.low[i] = Math.min(candles.low[i], bars.low()[bar]);
      }
    }
    return candles;
  }

  int size() {
    return first.length;
  }
}
