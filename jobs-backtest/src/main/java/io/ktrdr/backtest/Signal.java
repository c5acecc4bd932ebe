package io.ktrdr.backtest;

import io.ktrdr.strategy.ModelBundle;

/** What the model asks for. */
enum Signal {
  BUY(ModelBundle.BUY),
  HOLD(ModelBundle.HOLD),
  SELL(ModelBundle.SELL);

  private final int output;

  Signal(int output) {
    this.output = output;
  }

  /** Index of the network's output that speaks for it. */
  int output() {
    return output;
  }
}
