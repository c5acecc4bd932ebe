package io.ktrdr.training;

import java.util.ArrayList;
import java.util.List;

/**
 * Lows and highs of closing prices, in turn: a low is the lowest close since the high before it,
 * the first of equals, and is confirmed by the first later close that has risen far enough from it;
 * a high likewise.
 */
final class Turns {

  /** What may turn first. */
  enum First {
    LOW,
    HIGH,
    EITHER
  }

  /** How far is far enough. Both hold only for a later bar whose close is on the other side. */
  interface Reversal {

    boolean risen(int low, int bar);

    boolean fallen(int high, int bar);
  }

  /**
   * @param knownAt bar at whose close it is confirmed
   */
  record Turn(int bar, int knownAt, boolean high) {}

  private Turns() {}

  /**
   * Those confirmed by a bar before {@code end}, oldest first. Bars before {@code start} are not
   * looked at.
   */
  static List<Turn> of(double[] close, int start, int end, First first, Reversal reversal) {
    List<Turn> turns = new ArrayList<>();
    boolean mayBeLow = first != First.HIGH;
    boolean mayBeHigh = first != First.LOW;
    int low = start;
    int high = start;
    for (int bar = start + 1; bar < end; bar++) {
      low = close[bar] < close[low] ? bar : low;
      high = close[bar] > close[high] ? bar : high;
      if (mayBeLow && reversal.risen(low, bar)) {
        turns.add(new Turn(low, bar, false));
        mayBeLow = false;
        mayBeHigh = true;
        high = bar;
      } else if (mayBeHigh && reversal.fallen(high, bar)) {
        turns.add(new Turn(high, bar, true));
        mayBeHigh = false;
        mayBeLow = true;
        low = bar;
      }
    }
    return turns;
  }
}
