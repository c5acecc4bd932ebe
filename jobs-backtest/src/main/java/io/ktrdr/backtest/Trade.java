package io.ktrdr.backtest;

import java.time.Instant;

/**
 * One position from its opening to its closing. Money is in the quote currency.
 *
 * @param entryTime when it was filled: a bar's open
 * @param exitTime when it was closed: a bar's open, or the last bar's close
 * @param entryPrice paid or received per unit, slippage included
 * @param exitPrice received or paid per unit, slippage included
 * @param quantity whole units, positive
 * @param grossPnl from the two prices, before commissions
 * @param slippageCost what slippage took; already inside the prices and {@code grossPnl}
 * @param netPnl {@code grossPnl} less both commissions
 * @param barsHeld bars at whose close the position was open, plus the last one when it was closed
 *     at that bar's close
 * @param maxFavorable most it was ahead of the entry price, before costs, at least 0
 * @param maxAdverse most it was behind the entry price, before costs, as a positive number
 * @param confidence of the decision that opened it
 */
record Trade(
    int number,
    Side side,
    Instant entryTime,
    Instant exitTime,
    double entryPrice,
    double exitPrice,
    long quantity,
    double grossPnl,
    double entryCommission,
    double exitCommission,
    double slippageCost,
    double netPnl,
    int barsHeld,
    double maxFavorable,
    double maxAdverse,
    ExitReason exitReason,
    double confidence) {

  double commission() {
    return entryCommission + exitCommission;
  }

  double holdingHours() {
    return (exitTime.getEpochSecond() - entryTime.getEpochSecond()) / 3600.0;
  }

  /** Net result as a fraction of the entry value. */
  double returnFraction() {
    return netPnl / (entryPrice * quantity);
  }
}
