package io.ktrdr.market;

import static java.util.Objects.requireNonNull;

import io.ktrdr.protocol.MarketCalendar;
import io.ktrdr.protocol.Timeframe;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;

/**
 * The gaps of a series by a calendar.
 *
 * @param calendar they are gaps by, never {@code AUTO}
 * @param count of all gaps
 * @param missingBars of all gaps
 * @param first the first {@value #KEPT_MAX} of them at most, in order of time
 * @param largest the {@value #LARGEST_MAX} with the most missing bars, largest first
 */
public record Gaps(
    MarketCalendar calendar, int count, long missingBars, List<Gap> first, List<Gap> largest) {

  /** Most gaps that are kept one by one. */
  public static final int KEPT_MAX = 1_000;

  /** Most gaps among the largest. */
  public static final int LARGEST_MAX = 5;

  private static final Comparator<Gap> BY_SIZE =
      Comparator.comparingLong(Gap::missingBars)
          .thenComparing(Gap::from, Comparator.reverseOrder());

  public Gaps {
    requireNonNull(calendar, "calendar is null");
    first = List.copyOf(first);
    largest = List.copyOf(largest);
  }

  /**
   * @param calendar {@code AUTO} is found from the bars
   */
  public static Gaps of(BarSeries bars, MarketCalendar calendar) {
    return of(bars, new BarCalendar(calendar, bars), Instant.MIN, Instant.MAX);
  }

  static Gaps none(MarketCalendar calendar) {
    return new Gaps(calendar, 0, 0, List.of(), List.of());
  }

  /** Of them, those with a missing bar within {@code fromInclusive .. toExclusive}. */
  static Gaps of(BarSeries bars, BarCalendar calendar, Instant fromInclusive, Instant toExclusive) {
    List<Gap> first = new ArrayList<>();
    PriorityQueue<Gap> largest = new PriorityQueue<>(BY_SIZE);
    int count = 0;
    long missing = 0;
    Missing found = new Missing();
    for (int i = 1; i < bars.size(); i++) {
      found.count = 0;
      calendar.missingBefore(i, found::add);
      if (found.count == 0) {
        continue;
      }
      Gap gap = found.between(bars.time(i - 1), bars.time(i));
      if (gap.to().isBefore(fromInclusive) || !gap.from().isBefore(toExclusive)) {
        continue;
      }
      count++;
      missing += gap.missingBars();
      if (first.size() < KEPT_MAX) {
        first.add(gap);
      }
      largest.add(gap);
      if (largest.size() > LARGEST_MAX) {
        largest.remove();
      }
    }
    return new Gaps(
        calendar.calendar(),
        count,
        missing,
        first,
        largest.stream().sorted(BY_SIZE.reversed()).toList());
  }

  /**
   * Of them, those with a missing bar within {@code fromInclusive .. toExclusive}; empty when there
   * are more than are kept.
   */
  public Optional<Gaps> within(Instant fromInclusive, Instant toExclusive) {
    if (count > first.size()) {
      return Optional.empty();
    }
    List<Gap> inside =
        first.stream()
            .filter(gap -> !gap.to().isBefore(fromInclusive) && gap.from().isBefore(toExclusive))
            .toList();
    return Optional.of(
        new Gaps(
            calendar,
            inside.size(),
            inside.stream().mapToLong(Gap::missingBars).sum(),
            inside,
            inside.stream().sorted(BY_SIZE.reversed()).limit(LARGEST_MAX).toList()));
  }

  /** One warning with the first gap; none when there are no gaps. */
  public List<DataWarning> warnings(String symbol, Timeframe timeframe) {
    return count == 0 ? List.of() : List.of(new DataWarning("DATA_GAP", words(symbol, timeframe)));
  }

  /**
   * @throws MarketDataException DATA_GAP when there are gaps
   */
  public void requireNone(String symbol, Timeframe timeframe) {
    if (count > 0) {
      throw new MarketDataException("DATA_GAP", words(symbol, timeframe));
    }
  }

  private String words(String symbol, Timeframe timeframe) {
    Gap gap = first.getFirst();
    return "%s %s has no bar between %s and %s, where the calendar %s expects %d, one every %s; %d such gaps, %d bars missing: fill them (gaps=fill), or choose a range without"
        .formatted(
            symbol,
            timeframe,
            gap.barBefore(),
            gap.barAfter(),
            calendar,
            gap.missingBars(),
            timeframe,
            count,
            missingBars);
  }

  /** Missing bars of one gap, as they are found. */
  private static final class Missing {

    private long from;
    private long to;
    private long count;

    void add(long open) {
      if (count == 0) {
        from = open;
      }
      to = open;
      count++;
    }

    Gap between(Instant before, Instant after) {
      return new Gap(before, after, Instant.ofEpochSecond(from), Instant.ofEpochSecond(to), count);
    }
  }
}
