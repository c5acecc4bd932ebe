package io.ktrdr.market;

import java.util.List;

/**
 * Bars nobody traded in, of a series that has volumes at all. A series without one above 0, as of
 * most currencies, says nothing by its zeros and has none.
 *
 * @param bars how many there are
 * @param first index of the first one; of none, 0
 */
record ZeroVolume(int bars, int first) {

  /**
   * @param whole says whether there are volumes at all
   * @param from first bar looked at
   * @param to bar after the last one looked at
   */
  static ZeroVolume of(BarSeries whole, int from, int to) {
    double[] volume = whole.volume();
    boolean known = false;
    for (double one : volume) {
      known |= one > 0;
    }
    int bars = 0;
    int first = 0;
    for (int i = known ? to - 1 : -1; i >= from; i--) {
      if (volume[i] == 0) {
        bars++;
        first = i;
      }
    }
    return new ZeroVolume(bars, first);
  }

  /** One warning with the first place; none where there is no such bar. */
  List<DataWarning> warnings(BarSeries whole) {
    return bars == 0
        ? List.of()
        : List.of(
            new DataWarning(
                "DATA_ZERO_VOLUME",
                "%s %s has no volume on %s; %d such bars, though others have one: their prices may not have been traded"
                    .formatted(whole.symbol(), whole.timeframe(), whole.time(first), bars)));
  }
}
