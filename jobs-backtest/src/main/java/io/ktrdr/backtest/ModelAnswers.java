package io.ktrdr.backtest;

import io.ktrdr.strategy.CostModel;
import io.ktrdr.strategy.LabelClasses;
import io.ktrdr.strategy.ModelBundle;

/** What a network says of each bar of a series. */
// Never compared, so that arrays lack value equality costs nothing.
@SuppressWarnings("ArrayRecordComponent")
sealed interface ModelAnswers {

  /** How many bars it has answers for. */
  int bars();

  /** Whether the network gave numbers there. */
  boolean known(int bar);

  /** What it tells apart. */
  LabelClasses kinds();

  /** Which of them the bar is, before any filter. */
  int kind(int bar);

  /** What that asks for, before any filter. */
  default Signal signal(int bar) {
    return Signal.of(kinds().signalOf(kind(bar)));
  }

  /** In a signal of that bar, 0 to 1. */
  float confidence(int bar, Signal signal);

  /**
   * Probabilities of classes. A bar is the most probable one, the first of equals; the confidence
   * in a signal is the probability of the class that asks for it, the largest of several.
   */
  record Classes(LabelClasses kinds, float[] probabilities) implements ModelAnswers {

    @Override
    public int bars() {
      return probabilities.length % kinds.count() == 0 ? probabilities.length / kinds.count() : -1;
    }

    @Override
    public boolean known(int bar) {
      float sum = 0;
      for (int output = 0; output < kinds.count(); output++) {
        sum += probability(bar, output);
      }
      return Float.isFinite(sum);
    }

    @Override
    public int kind(int bar) {
      int most = 0;
      for (int output = 1; output < kinds.count(); output++) {
        most = probability(bar, output) > probability(bar, most) ? output : most;
      }
      return most;
    }

    @Override
    public float confidence(int bar, Signal signal) {
      if (kinds == LabelClasses.SIGNALS) {
        return probability(bar, signal.output());
      }
      float largest = 0;
      for (int output = 0; output < kinds.count(); output++) {
        if (kinds.signalOf(output) == signal.output()) {
          largest = Math.max(largest, probability(bar, output));
        }
      }
      return largest;
    }

    private float probability(int bar, int output) {
      return probabilities[bar * kinds.count() + output];
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
    public LabelClasses kinds() {
      return LabelClasses.SIGNALS;
    }

    @Override
    public int kind(int bar) {
      double threshold = costs.threshold();
      if (predicted[bar] > threshold) {
        return ModelBundle.BUY;
      }
      return predicted[bar] < -threshold ? ModelBundle.SELL : ModelBundle.HOLD;
    }

    @Override
    public float confidence(int bar, Signal signal) {
      return (float) costs.confidence(predicted[bar]);
    }
  }
}
