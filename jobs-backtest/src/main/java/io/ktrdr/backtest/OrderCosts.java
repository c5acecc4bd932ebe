package io.ktrdr.backtest;

import static java.util.Objects.requireNonNull;

import io.ktrdr.protocol.Execution;

/** Prices and commissions of orders. */
final class OrderCosts {

  private final Execution execution;
  private final double distance;

  OrderCosts(Execution execution) {
    this.execution = requireNonNull(execution, "execution is null");
    this.distance = execution.slippageFixed() + execution.spread() / 2;
  }

  /**
   * What a market order pays or gets for a unit: {@code quote · (1 ± slippageRate) ± (slippageFixed
   * + spread / 2)}, never below 0.
   *
   * @param way 1 when it buys, -1 when it sells
   */
  double marketPrice(int way, double quote) {
    return Math.max(0, quote * (1 + way * execution.slippageRate()) + way * distance);
  }

  /** Of one order: rate, per unit and fixed together, or the minimum if that is more. */
  double commission(double units, double price) {
    double sum =
        execution.commissionRate() * price * units
            + execution.commissionPerUnit() * units
            + execution.commissionFixed();
    return Math.max(sum, execution.commissionMinimum());
  }

  /** Most units whose price and commission together cost no more than the budget. */
  double affordable(double budget, double price) {
    double units =
        (budget - execution.commissionFixed())
            / (price * (1 + execution.commissionRate()) + execution.commissionPerUnit());
    return Math.min(units, (budget - execution.commissionMinimum()) / price);
  }
}
