package io.ktrdr.backtest;

import io.ktrdr.strategy.CostModel;

/** What a network says of each bar of a series. */
// Never compared, so that arrays lack value equality costs nothing.
@SuppressWarnings("ArrayRecordComponent")
sealed interface ModelAnswers {

  /** How many bars it has answers for. */
  int bars();

  /** Whether the network gave numbers there. */
  boolean known(int bar);

  /** Before any filter. */
  Signal signal(int bar);

  /** In a signal of that bar, 0 to 1. */
  float confidence(int bar, Signal signal);

  /**
   * Probabilities of BUY, HOLD, SELL. The most probable is the signal, its probability the
   * confidence.
   */
  record Classes(float[] probabilities) implements ModelAnswers {

    private static final int CLASSES = PreparedModel.CLASSES;

    @Override
    public int bars() {
      return probabilities.length % CLASSES == 0 ? probabilities.length / CLASSES : -1;
    }

    @Override
    public boolean known(int bar) {
      int at = bar * CLASSES;
      return Float.isFinite(probabilities[at] + probabilities[at + 1] + probabilities[at + 2]);
    }

    @Override
    public Signal signal(int bar) {
      int at = bar * CLASSES;
      return DecisionFilter.mostProbable(
          probabilities[at], probabilities[at + 1], probabilities[at + 2]);
    }

    @Override
    public float confidence(int bar, Signal signal) {
      return probabilities[bar * CLASSES + signal.output()];
    }
  }

  /**
   * Predicted returns. One above the costs' threshold is BUY, one below its negative SELL, all
   * others, the threshold itself too, HOLD.
   */
  record Returns(float[] predicted, CostModel costs) implements ModelAnswers {

    @Override
    public int bars() {
      return predicted.length;
    }

    @Override
    public boolean known(int bar) {
      return Float.isFinite(predicted[bar]);
    }

    @Override
    public Signal signal(int bar) {
      double threshold = costs.threshold();
      if (predicted[bar] > threshold) {
        return Signal.BUY;
      }
      return predicted[bar] < -threshold ? Signal.SELL : Signal.HOLD;
    }

    @Override
    public float confidence(int bar, Signal signal) {
      return (float) costs.confidence(predicted[bar]);
    }
  }
}
