package io.ktrdr.backtest;

/** Why a position was closed. */
enum ExitReason {
  /** The model said the opposite. */
  OPPOSITE_SIGNAL,
  /** The range ended with the position still open. */
  END_OF_DATA
}
