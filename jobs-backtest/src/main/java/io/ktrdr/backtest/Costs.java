package io.ktrdr.backtest;

/**
 * What trading costs.
 *
 * @param commission fraction of the traded value, per side
 * @param slippage fraction of the price, per side, against the trader
 */
record Costs(double commission, double slippage) {

  Costs {
    if (!(commission >= 0 && commission < 1)) {
      throw new IllegalArgumentException("commission not within 0 to 1: " + commission);
    }
    if (!(slippage >= 0 && slippage < 1)) {
      throw new IllegalArgumentException("slippage not within 0 to 1: " + slippage);
    }
  }

  double buyPrice(double price) {
    return price * (1 + slippage);
  }

  double sellPrice(double price) {
    return price * (1 - slippage);
  }
}
