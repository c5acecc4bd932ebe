package io.ktrdr.backtest;

import org.jspecify.annotations.Nullable;

/** Why a position was closed. */
public enum ExitReason {
  /** The strategy wanted out. */
  EXIT_SIGNAL(1),
  /** The strategy wanted to be on the other side. */
  OPPOSITE_SIGNAL(2),
  /** The loss reached the stop. */
  STOP_LOSS(3),
  /** The gain reached the target. */
  TAKE_PROFIT(4),
  /** The price fell back from its best by the trailing distance. */
  TRAILING_STOP(5),
  /** It was held for as many bars as it may be. */
  MAX_BARS(6),
  /** Nothing was left of the equity. */
  CAPITAL_LOST(7),
  /** The range ended with the position still open. */
  END_OF_DATA(8);

  private static final byte NONE = 0;

  private final byte code;

  ExitReason(int code) {
    this.code = (byte) code;
  }

  /** What a checkpoint keeps of it. */
  static byte code(@Nullable ExitReason reason) {
    return reason == null ? NONE : reason.code;
  }

  /**
   * The reverse of {@link #code}.
   *
   * @throws IllegalArgumentException when there is no such reason
   */
  static @Nullable ExitReason ofCode(byte code) {
    return switch (code) {
      case NONE -> null;
      case 1 -> EXIT_SIGNAL;
      case 2 -> OPPOSITE_SIGNAL;
      case 3 -> STOP_LOSS;
      case 4 -> TAKE_PROFIT;
      case 5 -> TRAILING_STOP;
      case 6 -> MAX_BARS;
      case 7 -> CAPITAL_LOST;
      case 8 -> END_OF_DATA;
      default -> throw new IllegalArgumentException("exit reason " + code);
    };
  }
}
