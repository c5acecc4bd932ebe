package io.ktrdr.backtest;

/** Why a position was closed. */
public enum ExitReason {
  /** The strategy wanted out. */
  EXIT_SIGNAL,
  /** The strategy wanted to be on the other side. */
  OPPOSITE_SIGNAL,
  /** The loss reached the stop. */
  STOP_LOSS,
  /** The gain reached the target. */
  TAKE_PROFIT,
  /** The price fell back from its best by the trailing distance. */
  TRAILING_STOP,
  /** It was held for as many bars as it may be. */
  MAX_BARS,
  /** Nothing was left of the equity. */
  CAPITAL_LOST,
  /** The range ended with the position still open. */
  END_OF_DATA
}
