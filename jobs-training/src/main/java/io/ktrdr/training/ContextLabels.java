package io.ktrdr.training;

import io.ktrdr.strategy.LabelSettings;
import io.ktrdr.strategy.ModelBundle;
import java.util.Arrays;

/**
 * What the market is about to do: the simple return from a bar's close to the close {@code horizon}
 * bars later. At or above the bullish threshold the bar is BUY, at or below the bearish one SELL,
 * between them HOLD. Bars are counted, not time; costs are no part of it. The last {@code horizon}
 * bars have no label.
 */
final class ContextLabels {

  private ContextLabels() {}

  static Labels of(double[] close, LabelSettings.Context settings) {
    int horizon = settings.horizon();
    byte[] classes = new byte[close.length];
    Arrays.fill(classes, Labels.NONE);
    int[] knownAt = new int[close.length];
    for (int bar = 0; bar + horizon < close.length; bar++) {
      double moved = ForwardReturnLabels.returnOf(close, bar, horizon);
      int label = ModelBundle.HOLD;
      if (moved >= settings.bullish()) {
        label = ModelBundle.BUY;
      } else if (moved <= settings.bearish()) {
        label = ModelBundle.SELL;
      }
      classes[bar] = (byte) label;
      knownAt[bar] = bar + horizon;
    }
    return new Labels(classes, knownAt);
  }
}
