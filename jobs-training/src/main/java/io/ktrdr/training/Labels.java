package io.ktrdr.training;

import io.ktrdr.market.BarSeries;
import io.ktrdr.strategy.LabelSettings;

/**
 * The right answer for each bar, seen from later.
 *
 * @param classes by bar: an output of {@link LabelSettings#classes}, or {@link #NONE}
 * @param knownAt by bar: index of the bar at whose close the label could first be told
 * @param returns by bar, where these are to be predicted; empty where the classes are
 */
// Never compared, so that arrays lack value equality costs nothing.
@SuppressWarnings("ArrayRecordComponent")
record Labels(byte[] classes, int[] knownAt, double[] returns) {

  /** The bar has no label and is not trained on. */
  static final byte NONE = -1;

  /** Classes only. */
  Labels(byte[] classes, int[] knownAt) {
    this(classes, knownAt, new double[0]);
  }

  /** Labels of these bars; no others are looked at. */
  static Labels of(LabelSettings settings, BarSeries bars) {
    return switch (settings) {
      case LabelSettings.Zigzag zigzag -> ZigzagLabels.of(bars.close(), zigzag.threshold());
      case LabelSettings.ForwardReturn(int horizon) ->
          ForwardReturnLabels.of(bars.close(), horizon);
      case LabelSettings.Context context -> ContextLabels.of(bars.close(), context);
      case LabelSettings.Regime regime -> RegimeLabels.of(bars, regime);
      case LabelSettings.TripleBarrier barriers -> TripleBarrierLabels.of(bars, barriers);
    };
  }
}
