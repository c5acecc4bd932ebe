package io.ktrdr.backtest;

import java.time.Instant;

/**
 * One position from its opening to its closing. Money is in the quote currency.
 *
 * @param decidedAt bar at whose close the entry was decided, index into the series
 * @param entryTime when it was filled: a bar's open, or its end when filled at the close
 * @param exitTime as {@code entryTime}; a stop within a bar has the time of that bar's open
 * @param entryPrice paid or received per unit, slippage and half the spread included
 * @param exitPrice received or paid per unit, slippage and half the spread included
 * @param quantity units, positive
 * @param slippageCost what slippage and spread took; already inside the prices
 * @param borrowCost what borrowing the units of a short position took
 * @param barsHeld bars at whose close the position was open, that of an entry at the close not
 *     counted; plus the last bar when it was closed at that bar's close
 * @param maxFavorable most it was ahead of the entry price, before further costs, at least 0
 * @param maxAdverse most it was behind the entry price, before further costs, as a positive number
 */
public record Trade(
    int number,
    Side side,
    int decidedAt,
    Instant entryTime,
    Instant exitTime,
    double entryPrice,
    double exitPrice,
    double quantity,
    double entryCommission,
    double exitCommission,
    double slippageCost,
    double borrowCost,
    int barsHeld,
    double maxFavorable,
    double maxAdverse,
    ExitReason exitReason) {

  static double gross(int sign, double entryPrice, double exitPrice, double units) {
    return sign * (exitPrice - entryPrice) * units;
  }

  static double net(
      double gross, double entryCommission, double exitCommission, double borrowCost) {
    return gross - entryCommission - exitCommission - borrowCost;
  }

  /** From the two prices, before commissions and borrowing. */
  public double grossPnl() {
    return gross(side.sign(), entryPrice, exitPrice, quantity);
  }

  /** What the trade added to the capital: {@link #grossPnl} less commissions and borrowing. */
  public double netPnl() {
    return net(grossPnl(), entryCommission, exitCommission, borrowCost);
  }

  public double commission() {
    return entryCommission + exitCommission;
  }

  public double holdingHours() {
    return (exitTime.getEpochSecond() - entryTime.getEpochSecond()) / 3600.0;
  }

  /** Net result as a fraction of the entry value. */
  public double returnFraction() {
    return netPnl() / (entryPrice * quantity);
  }
}
