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

  /**
   * @param output {@link ModelBundle#BUY}, {@link ModelBundle#HOLD} or {@link ModelBundle#SELL}
   */
  static Signal of(int output) {
    return switch (output) {
      case ModelBundle.BUY -> BUY;
      case ModelBundle.HOLD -> HOLD;
      case ModelBundle.SELL -> SELL;
      default -> throw new IllegalArgumentException("no signal " + output);
    };
  }

  /** Index of the network's output that speaks for it, where outputs are signals. */
  int output() {
    return output;
  }
}
