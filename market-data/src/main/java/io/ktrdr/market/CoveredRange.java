package io.ktrdr.market;

import static java.util.Objects.requireNonNull;

import io.ktrdr.protocol.MarketCalendar;
import io.ktrdr.protocol.Timeframe;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;

/**
 * The days that data reaches over.
 *
 * @param first day of the first bar, UTC
 * @param last day the last bar ends on, UTC
 */
public record CoveredRange(LocalDate first, LocalDate last, MarketCalendar calendar) {

  public CoveredRange {
    requireNonNull(first, "first is null");
    requireNonNull(last, "last is null");
    requireNonNull(calendar, "calendar is null");
  }

  /**
   * @param calendar not {@code AUTO}
   */
  public static CoveredRange of(
      Instant firstBar, Instant lastBar, Timeframe timeframe, MarketCalendar calendar) {
    return new CoveredRange(
        LocalDate.ofInstant(firstBar, ZoneOffset.UTC),
        LocalDate.ofInstant(lastBar.plus(timeframe.length()).minusSeconds(1), ZoneOffset.UTC),
        calendar);
  }

  /** Whether some day on which the market is open is asked for and not covered. */
  public boolean truncates(LocalDate start, LocalDate end) {
    return tradingDayWithin(start, first.minusDays(1)) || tradingDayWithin(last.plusDays(1), end);
  }

  private boolean tradingDayWithin(LocalDate from, LocalDate to) {
    for (LocalDate day = from; !day.isAfter(to); day = day.plusDays(1)) {
      if (calendar == MarketCalendar.ALWAYS || BarCalendar.isTradingDay(day)) {
        return true;
      }
    }
    return false;
  }
}
