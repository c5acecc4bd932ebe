package io.ktrdr.market;

import static io.ktrdr.protocol.MarketCalendar.ALWAYS;
import static io.ktrdr.protocol.MarketCalendar.AUTO;
import static io.ktrdr.protocol.MarketCalendar.EXCHANGE;
import static io.ktrdr.protocol.MarketCalendar.FX;

import io.ktrdr.protocol.MarketCalendar;
import io.ktrdr.protocol.Timeframe;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Which bars a market's calendar expects between those a series has. 25 December and 1 January are
 * expected of no market that ever closes. Not changed after it is made.
 */
final class BarCalendar {

  /** Weekdays in a row an exchange may be closed: more than that is no holiday. */
  static final int HOLIDAYS_MAX = 4;

  private static final long HOUR = 3_600;
  private static final long DAY = 24 * HOUR;
  private static final long WEEK = 7 * DAY;

  /** Sunday 22:00 of the first week there is: 1970 began on a Thursday. */
  private static final long FX_OPENS = 3 * DAY + 22 * HOUR;

  /** In summer New York closes an hour earlier, so the last hour of the week may be missing. */
  private static final long FX_OPEN_FOR = 5 * DAY - HOUR;

  private static final long FX_DAY_BEGINS_BEFORE_MIDNIGHT = 2 * HOUR;

  /** Bars on one exchange that are further apart are of two sessions. */
  private static final long SESSION_BREAK = 6 * HOUR;

  private static final double SATURDAYS_OF_ALWAYS = 0.05;
  private static final double SUNDAYS_OF_FX = 0.01;
  private static final int HOURS_ROUND_THE_CLOCK = 22;

  private final MarketCalendar calendar;
  private final BarSeries bars;
  private final long[] times;
  private final long length;
  private final long tolerance;

  /**
   * @param calendar {@code AUTO} is found from the bars
   */
  BarCalendar(MarketCalendar calendar, BarSeries bars) {
    this.calendar = calendar == AUTO ? find(bars) : calendar;
    this.bars = bars;
    this.times = bars.times();
    this.length = bars.timeframe().length().toSeconds();
    this.tolerance = BarRules.tolerance(bars.timeframe());
  }

  /** Never {@code AUTO}. */
  MarketCalendar calendar() {
    return calendar;
  }

  /**
   * The calendar bars look like: a twentieth of them on Saturdays is a market that never closes; a
   * hundredth on Sundays, or bars within the day round the clock, are currencies; all else is an
   * exchange.
   */
  private static MarketCalendar find(BarSeries bars) {
    if (bars.timeframe() == Timeframe.W1) {
      return EXCHANGE;
    }
    int saturdays = 0;
    int sundays = 0;
    BitSet hours = new BitSet();
    for (long time : bars.times()) {
      DayOfWeek day = LocalDate.ofEpochDay(Math.floorDiv(time, DAY)).getDayOfWeek();
      saturdays += day == DayOfWeek.SATURDAY ? 1 : 0;
      sundays += day == DayOfWeek.SUNDAY ? 1 : 0;
      hours.set((int) (Math.floorMod(time, DAY) / HOUR));
    }
    if (saturdays >= SATURDAYS_OF_ALWAYS * bars.size()) {
      return ALWAYS;
    }
    long lengthInHours = Math.max(1, bars.timeframe().length().toHours());
    boolean roundTheClock =
        bars.timeframe() != Timeframe.D1
            && hours.cardinality() * lengthInHours >= HOURS_ROUND_THE_CLOCK;
    return sundays >= SUNDAYS_OF_FX * bars.size() || roundTheClock ? FX : EXCHANGE;
  }

  /** Calls {@code each} with the opens of the bars missing before bar {@code i}, ascending. */
  void missingBefore(int i, LongConsumer each) {
    if (times[i] - times[i - 1] + tolerance < 2 * length) {
      return;
    }
    Timeframe timeframe = bars.timeframe();
    if (calendar != EXCHANGE || timeframe == Timeframe.W1) {
      slots(i, each);
    } else if (timeframe == Timeframe.D1) {
      missingDays(i, each);
    } else if (times[i] - times[i - 1] < SESSION_BREAK || day(times[i - 1]) == day(times[i])) {
      slots(i, each);
    } else {
      missingSessions(i, each);
    }
  }

  /** One length after the other, as long as a bar fits in before the next one there is. */
  private void slots(int i, LongConsumer each) {
    for (long slot = times[i - 1] + length; slot + length <= times[i] + tolerance; slot += length) {
      if (calendar != FX || bars.timeframe() == Timeframe.W1 || openOnFx(slot)) {
        each.accept(slot);
      }
    }
  }

  /** Whether currencies are traded for at least half of a bar, and it is no holiday. */
  private boolean openOnFx(long slot) {
    long since = Math.floorMod(slot - FX_OPENS, WEEK);
    long open =
        Math.max(0, Math.min(since + length, FX_OPEN_FOR) - since)
            + Math.max(0, since + length - WEEK);
    return 2 * open >= length
        && !isHoliday(LocalDate.ofEpochDay(day(slot + length / 2 + FX_DAY_BEGINS_BEFORE_MIDNIGHT)));
  }

  private void missingDays(int i, LongConsumer each) {
    // A day that opens on the evening before, as local midnights do, is the next day's.
    long before = day(times[i - 1] + DAY / 2);
    for (long day : tradingDays(before, day(times[i] + DAY / 2))) {
      each.accept(times[i - 1] + (day - before) * DAY);
    }
  }

  /** Whole days: bars at the times of the last day there is. */
  private void missingSessions(int i, LongConsumer each) {
    long before = day(times[i - 1]);
    List<Long> days = tradingDays(before, day(times[i]));
    if (days.isEmpty()) {
      return;
    }
    int first = i - 1;
    while (first > 0 && day(times[first - 1]) == before) {
      first--;
    }
    for (long day : days) {
      for (int bar = first; bar < i; bar++) {
        each.accept(times[bar] + (day - before) * DAY);
      }
    }
  }

  /** Those between two days; none when an exchange may have been closed on all of them. */
  private static List<Long> tradingDays(long after, long before) {
    List<Long> days = new ArrayList<>();
    for (long day = after + 1; day < before; day++) {
      if (isTradingDay(LocalDate.ofEpochDay(day))) {
        days.add(day);
      }
    }
    return days.size() > HOLIDAYS_MAX ? days : List.of();
  }

  /** A weekday that is no holiday everywhere. */
  static boolean isTradingDay(LocalDate date) {
    return date.getDayOfWeek() != DayOfWeek.SATURDAY
        && date.getDayOfWeek() != DayOfWeek.SUNDAY
        && !isHoliday(date);
  }

  private static boolean isHoliday(LocalDate date) {
    return (date.getMonthValue() == 12 && date.getDayOfMonth() == 25)
        || (date.getMonthValue() == 1 && date.getDayOfMonth() == 1);
  }

  private static long day(long time) {
    return Math.floorDiv(time, DAY);
  }
}
