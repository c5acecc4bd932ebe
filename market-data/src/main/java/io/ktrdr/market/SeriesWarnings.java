package io.ktrdr.market;

import io.ktrdr.protocol.Timeframe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What is odd about bars and no reason to refuse them: holes that no weekend and no holidays
 * explain, and closes that jump. A sentence each, with its code in front and the first place.
 */
final class SeriesWarnings {

  /** A close this many times the one before it, or this part of it, is more likely a mistake. */
  private static final double JUMP_FACTOR = 10;

  private SeriesWarnings() {}

  static List<String> of(BarSeries bars) {
    long longest = longestClosure(bars.timeframe()).toSeconds();
    int gaps = 0;
    int firstGap = 0;
    int jumps = 0;
    int firstJump = 0;
    for (int i = bars.size() - 1; i > 0; i--) {
      if (bars.times()[i] - bars.times()[i - 1] > longest) {
        gaps++;
        firstGap = i;
      }
      double factor = bars.close()[i] / bars.close()[i - 1];
      if (factor > JUMP_FACTOR || factor < 1 / JUMP_FACTOR) {
        jumps++;
        firstJump = i;
      }
    }
    String series = bars.symbol() + " " + bars.timeframe();
    List<String> warnings = new ArrayList<>();
    if (gaps > 0) {
      warnings.add(
          "DATA_GAP: %s has no bar between %s and %s, where one lasts %s; %d such gaps: fill them or choose a range without"
              .formatted(
                  series, bars.time(firstGap - 1), bars.time(firstGap), bars.timeframe(), gaps));
    }
    if (jumps > 0) {
      warnings.add(
          "DATA_OUTLIER: %s closes at %s on %s, after %s; %d such jumps: compare with another source"
              .formatted(
                  series,
                  bars.close()[firstJump],
                  bars.time(firstJump),
                  bars.close()[firstJump - 1],
                  jumps));
    }
    return List.copyOf(warnings);
  }

  /** Between two bars of a market that is only closed, with every holiday there is. */
  private static Duration longestClosure(Timeframe timeframe) {
    return switch (timeframe) {
      case M1, M5, M15, M30, H1, H4 -> Duration.ofDays(7);
      case D1 -> Duration.ofDays(14);
      case W1 -> Duration.ofDays(28);
    };
  }
}
