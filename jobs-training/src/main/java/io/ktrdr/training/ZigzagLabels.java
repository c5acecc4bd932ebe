package io.ktrdr.training;

import io.ktrdr.strategy.ModelBundle;
import io.ktrdr.training.Turns.First;
import io.ktrdr.training.Turns.Turn;
import java.util.Arrays;

/**
 * Labels by the legs of a zigzag over closing prices.
 *
 * <p>A low is confirmed by the first later close at least {@code threshold} above it, a high by the
 * first one at least {@code threshold} below it; lows and highs alternate. Every bar strictly
 * between a low and the next high is BUY, between a high and the next low SELL, and the turning
 * bars themselves are HOLD.
 *
 * <p>This looks ahead, as labels must: a bar's label is known only when the turn that ends its leg
 * is confirmed, {@link Labels#knownAt}. Bars before the first turn and after the last confirmed one
 * have no label: nobody can say yet which leg they are on, and calling them HOLD would teach a
 * wrong answer.
 */
final class ZigzagLabels {

  private final double[] close;
  private final double threshold;
  private final Labels labels;

  private ZigzagLabels(double[] close, double threshold) {
    this.close = close;
    this.threshold = threshold;
    byte[] classes = new byte[close.length];
    Arrays.fill(classes, Labels.NONE);
    this.labels = new Labels(classes, new int[close.length]);
  }

  /**
   * @param close positive prices
   * @param threshold smallest reversal as a fraction of the price, positive
   */
  static Labels of(double[] close, double threshold) {
    if (!(threshold > 0)) {
      throw new IllegalArgumentException("threshold is not positive: " + threshold);
    }
    return new ZigzagLabels(close, threshold).label();
  }

  private Labels label() {
    int before = -1;
    for (Turn turn : Turns.of(close, 0, close.length, First.EITHER, reversal())) {
      // The leg to it is now certain, and so is the turn.
      for (int bar = before + 1; before >= 0 && bar < turn.bar(); bar++) {
        set(bar, turn.high() ? ModelBundle.BUY : ModelBundle.SELL, turn.knownAt());
      }
      set(turn.bar(), ModelBundle.HOLD, turn.knownAt());
      before = turn.bar();
    }
    return labels;
  }

  private void set(int bar, int label, int knownAt) {
    labels.classes()[bar] = (byte) label;
    labels.knownAt()[bar] = knownAt;
  }

  private Turns.Reversal reversal() {
    return new Turns.Reversal() {
      @Override
      public boolean risen(int low, int bar) {
        return close[bar] >= close[low] * (1 + threshold);
      }

      @Override
      public boolean fallen(int high, int bar) {
        return close[bar] <= close[high] * (1 - threshold);
      }
    };
  }
}
