package io.ktrdr.backtest;

import io.ktrdr.strategy.Decisions;

/**
 * From what the network says to a signal that may be traded.
 *
 * <p>In this order it becomes {@link Signal#HOLD} when
 *
 * <ol>
 *   <li>its probability is below {@code confidence_threshold}; where returns are predicted, the
 *       costs have decided already;
 *   <li>less than {@code min_signal_separation} hours lie between the last fill and this decision,
 *       which is made at the bar's close;
 *   <li>with {@code position_awareness}: it asks for the side already held, or for a sale while
 *       flat although {@code allow_short_from_flat} is off.
 * </ol>
 */
final class DecisionFilter {

  private final Decisions decisions;
  private final double separationSeconds;

  DecisionFilter(Decisions decisions) {
    this.decisions = decisions;
    this.separationSeconds = decisions.minSignalSeparationHours() * 3600;
  }

  /** Whether a sale may open a short position. */
  boolean shortsAllowed() {
    return decisions.allowShortFromFlat() || !decisions.positionAwareness();
  }

  /**
   * @param raw what the network says
   * @param confidence its probability; not looked at where returns are predicted
   * @param decisionTime the bar's close, epoch seconds
   * @param lastFillTime epoch seconds; {@link Long#MIN_VALUE} before the first fill
   * @param position 1 long, -1 short, 0 flat
   */
  Signal filter(Signal raw, float confidence, long decisionTime, long lastFillTime, int position) {
    boolean doubtful =
        decisions.costModel() == null && confidence < decisions.confidenceThreshold();
    if (raw == Signal.HOLD || doubtful) {
      return Signal.HOLD;
    }
    if (lastFillTime != Long.MIN_VALUE && decisionTime - lastFillTime < separationSeconds) {
      return Signal.HOLD;
    }
    if (!decisions.positionAwareness()) {
      return raw;
    }
    boolean alreadyHeld = position == (raw == Signal.BUY ? 1 : -1);
    boolean shortFromFlat = raw == Signal.SELL && position == 0 && !shortsAllowed();
    return alreadyHeld || shortFromFlat ? Signal.HOLD : raw;
  }
}
