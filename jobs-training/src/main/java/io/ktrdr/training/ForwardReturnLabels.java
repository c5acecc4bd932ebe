package io.ktrdr.training;

import io.ktrdr.strategy.ModelBundle;
import java.util.Arrays;

/**
 * The return from a bar's close to the close {@code horizon} bars later, simple and without costs.
 * Bars are counted, not time. The last {@code horizon} bars have no label. The class is the
 * direction: BUY for a rise, SELL for a fall, HOLD for none.
 */
final class ForwardReturnLabels {

  private ForwardReturnLabels() {}

  static Labels of(double[] close, int horizon) {
    byte[] classes = new byte[close.length];
    Arrays.fill(classes, Labels.NONE);
    int[] knownAt = new int[close.length];
    double[] returns = new double[close.length];
    Arrays.fill(returns, Double.NaN);
    for (int bar = 0; bar + horizon < close.length; bar++) {
      returns[bar] = returnOf(close, bar, horizon);
      classes[bar] =
          (byte)
              (returns[bar] > 0
                  ? ModelBundle.BUY
                  : returns[bar] < 0 ? ModelBundle.SELL : ModelBundle.HOLD);
      knownAt[bar] = bar + horizon;
    }
    return new Labels(classes, knownAt, returns);
  }

  /** From the bar's close to that of {@code horizon} bars later. */
  static double returnOf(double[] close, int bar, int horizon) {
    return (close[bar + horizon] - close[bar]) / close[bar];
  }
}
