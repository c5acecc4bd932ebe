package io.ktrdr.market;

import java.time.LocalDate;
import java.util.Arrays;

/**
 * How many bars a series has up to each day, UTC: enough to say whether a range holds enough of
 * them, in eight bytes for each day that has bars. Immutable.
 */
public final class BarCounts {

  private static final long SECONDS_PER_DAY = 86_400;

  /** Epoch days that have bars, ascending. */
  private final int[] days;

  /** Bars on that day and before it. */
  private final int[] upTo;

  private BarCounts(int[] days, int[] upTo) {
    this.days = days;
    this.upTo = upTo;
  }

  /** Counts the bars of a series. */
  public static BarCounts of(BarSeries bars) {
    int[] days = new int[bars.size()];
    int[] upTo = new int[bars.size()];
    int found = 0;
    for (int i = 0; i < bars.size(); i++) {
      int day = Math.toIntExact(Math.floorDiv(bars.times()[i], SECONDS_PER_DAY));
      if (found == 0 || days[found - 1] != day) {
        days[found++] = day;
      }
      upTo[found - 1] = i + 1;
    }
    return new BarCounts(Arrays.copyOf(days, found), Arrays.copyOf(upTo, found));
  }

  /** Bars that open before that day. */
  public int before(LocalDate day) {
    int found =
        Arrays.binarySearch(
            days, Math.clamp(day.toEpochDay(), Integer.MIN_VALUE, Integer.MAX_VALUE));
    int index = found >= 0 ? found : -found - 1;
    return index == 0 ? 0 : upTo[index - 1];
  }

  /** Bars that open on one of these days, both inclusive. */
  public int within(LocalDate first, LocalDate last) {
    return Math.max(0, before(last.plusDays(1)) - before(first));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof BarCounts counts
        && Arrays.equals(days, counts.days)
        && Arrays.equals(upTo, counts.upTo);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(days) + Arrays.hashCode(upTo);
  }

  @Override
  public String toString() {
    return days.length == 0
        ? "no bars"
        : "%d bars on %d days".formatted(upTo[upTo.length - 1], days.length);
  }
}
