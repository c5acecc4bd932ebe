package io.ktrdr.training;

import io.ktrdr.strategy.ModelBundle;
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

  private int lowAt;
  private int highAt;
  private int turnAt = -1;

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
    boolean mayBeLow = true;
    boolean mayBeHigh = true;
    for (int bar = 1; bar < close.length; bar++) {
      lowAt = close[bar] < close[lowAt] ? bar : lowAt;
      highAt = close[bar] > close[highAt] ? bar : highAt;
      if (mayBeLow && close[bar] >= close[lowAt] * (1 + threshold)) {
        confirm(lowAt, bar, ModelBundle.SELL);
        mayBeLow = false;
        mayBeHigh = true;
        highAt = bar;
      } else if (mayBeHigh && close[bar] <= close[highAt] * (1 - threshold)) {
        confirm(highAt, bar, ModelBundle.BUY);
        mayBeHigh = false;
        mayBeLow = true;
        lowAt = bar;
      }
    }
    return labels;
  }

  /** The leg from the previous turn to {@code turn} is now certain, and so is the turn. */
  private void confirm(int turn, int knownAt, int leg) {
    if (turnAt >= 0) {
      for (int bar = turnAt + 1; bar < turn; bar++) {
        set(bar, leg, knownAt);
      }
    }
    set(turn, ModelBundle.HOLD, knownAt);
    turnAt = turn;
  }

  private void set(int bar, int label, int knownAt) {
    labels.classes()[bar] = (byte) label;
    labels.knownAt()[bar] = knownAt;
  }
}
