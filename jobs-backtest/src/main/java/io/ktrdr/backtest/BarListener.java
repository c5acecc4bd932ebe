package io.ktrdr.backtest;

/** Told after each bar; may stop the run by throwing. */
@FunctionalInterface
interface BarListener {

  /**
   * @param bar index into the series
   * @param done bars of the range finished, {@code bar} included
   * @param equity at the bar's close
   * @param trades closed so far
   * @param wins of them, those with a positive net result
   */
  void afterBar(int bar, int done, double equity, int trades, int wins) throws InterruptedException;
}
