package io.ktrdr.market;

import java.util.List;

/** Closes that jump: odd, and no reason to refuse them. */
final class Outliers {

  /** A close this many times the one before it, or this part of it, is more likely a mistake. */
  private static final double JUMP_FACTOR = 10;

  private Outliers() {}

  /** One warning with the first place; none when nothing jumps. */
  static List<DataWarning> of(BarSeries bars) {
    int jumps = 0;
    int first = 0;
    for (int i = bars.size() - 1; i > 0; i--) {
      double factor = bars.close()[i] / bars.close()[i - 1];
      if (factor > JUMP_FACTOR || factor < 1 / JUMP_FACTOR) {
        jumps++;
        first = i;
      }
    }
    return jumps == 0
        ? List.of()
        : List.of(
            new DataWarning(
                "DATA_OUTLIER",
                "%s %s closes at %s on %s, after %s; %d such jumps: compare with another source"
                    .formatted(
                        bars.symbol(),
                        bars.timeframe(),
                        bars.close()[first],
                        bars.time(first),
                        bars.close()[first - 1],
                        jumps)));
  }
}
