package io.ktrdr.backtest;

/**
 * What a strategy wants, asked once at each bar's close, in order. Answers are sums of the
 * constants; {@link FillLoop} says what becomes of them.
 */
@FunctionalInterface
interface SignalSource {

  int NOTHING = 0;
  int ENTER_LONG = 1;
  int EXIT_LONG = 2;
  int ENTER_SHORT = 4;
  int EXIT_SHORT = 8;

  /**
   * @param bar index into the series; nothing after it may be looked at
   * @param position 1 long, -1 short, 0 flat
   * @param lastFillTime epoch seconds; {@link Long#MIN_VALUE} before the first fill
   */
  int at(int bar, int position, long lastFillTime);
}
