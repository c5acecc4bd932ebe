package io.ktrdr.backtest;

/**
 * What a strategy wants, asked at bars' closes, in order. Answers are sums of the constants; {@link
 * FillLoop} says what becomes of them.
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

  /**
   * The first bar from {@code bar} on that has to be asked as long as this position is held, or
   * {@code end}. Those before it want nothing that would change anything. One that counts what it
   * is asked leaves none out.
   */
  default int next(int bar, int end, int position) {
    return Math.min(bar, end);
  }
}
