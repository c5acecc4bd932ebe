package io.ktrdr.training;

/**
 * The right answer for each bar, seen from later.
 *
 * @param classes by bar: 0 BUY, 1 HOLD, 2 SELL, or {@link #NONE}
 * @param knownAt by bar: index of the bar at whose close the label could first be told; never falls
 *     from one labelled bar to the next
 */
// Never compared, so that arrays lack value equality costs nothing.
@SuppressWarnings("ArrayRecordComponent")
record Labels(byte[] classes, int[] knownAt) {

  /** The bar has no label and is not trained on. */
  static final byte NONE = -1;
}
