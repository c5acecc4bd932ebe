package io.ktrdr.market;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.ktrdr.protocol.DatasetRef;
import io.ktrdr.protocol.GapPolicy;
import io.ktrdr.protocol.MarketCalendar;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.protocol.Timeframe;
import java.nio.charset.StandardCharsets;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GapsTest {

  private static final Instant FROM = Instant.parse("2024-01-01T00:00:00Z");
  private static final Instant TO = Instant.parse("2024-03-01T00:00:00Z");

  @Test
  void aMarketThatNeverClosesMissesEveryBar() {
    BarSeries bars = series(Timeframe.H1, without(h -> true, "2024-01-20T05:00:00Z", 3));
    Gaps gaps = Gaps.of(bars, MarketCalendar.AUTO);

    assertThat(gaps.calendar()).isEqualTo(MarketCalendar.ALWAYS);
    assertThat(gaps.first())
        .containsExactly(
            new Gap(
                Instant.parse("2024-01-20T04:00:00Z"),
                Instant.parse("2024-01-20T08:00:00Z"),
                Instant.parse("2024-01-20T05:00:00Z"),
                Instant.parse("2024-01-20T07:00:00Z"),
                3));
    assertThat(gaps.missingBars()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({"21, 21", "21, 22", "22, 21", "22, 22"})
  void currenciesCloseOverTheWeekend(int fridayEnd, int sundayStart) {
    BarSeries bars =
        series(Timeframe.H1, hours(time -> open(time, fridayEnd, sundayStart) && !holiday(time)));
    Gaps gaps = Gaps.of(bars, MarketCalendar.AUTO);

    assertThat(gaps.calendar()).isEqualTo(MarketCalendar.FX);
    assertThat(gaps.first()).isEmpty();
  }

  @Test
  void anHourOfATradingWeekIsMissedByCurrencies() {
    List<Instant> hours =
        without(time -> open(time, 22, 22) && !holiday(time), "2024-01-17T05:00:00Z", 1);
    Gaps gaps = Gaps.of(series(Timeframe.H1, hours), MarketCalendar.AUTO);

    assertThat(gaps.count()).isEqualTo(1);
    assertThat(gaps.first().getFirst().from()).isEqualTo(Instant.parse("2024-01-17T05:00:00Z"));
    assertThat(gaps.missingBars()).isEqualTo(1);
  }

  @Test
  void overAWeekendOnlyTheHoursOfTradingAreMissed() {
    // From Friday 20:00 to Monday 02:00: Friday 20:00, then Sunday 22:00 to Monday 01:00.
    List<Instant> hours =
        without(time -> open(time, 22, 22) && !holiday(time), "2024-01-19T20:00:00Z", 54);
    Gaps gaps = Gaps.of(series(Timeframe.H1, hours), MarketCalendar.FX);

    assertThat(gaps.count()).isEqualTo(1);
    assertThat(gaps.missingBars()).isEqualTo(1 + 4);
  }

  @ParameterizedTest
  @CsvSource({
    // Labelled by the day, and by the evening it opens on, in winter and summer.
    "2024-01-08T00:00:00Z,2024-01-10T00:00:00Z,1",
    "2024-01-05T00:00:00Z,2024-01-08T00:00:00Z,0",
    "2024-01-05T00:00:00Z,2024-01-07T00:00:00Z,0",
    "2024-01-07T00:00:00Z,2024-01-08T00:00:00Z,0",
    "2024-01-04T00:00:00Z,2024-01-08T00:00:00Z,1",
    "2024-01-04T22:00:00Z,2024-01-07T22:00:00Z,0",
    "2024-01-03T22:00:00Z,2024-01-07T22:00:00Z,1",
    "2024-01-07T22:00:00Z,2024-01-09T22:00:00Z,1",
    "2024-10-24T21:00:00Z,2024-10-27T22:00:00Z,0",
    "2024-03-28T22:00:00Z,2024-03-31T21:00:00Z,0",
    "2024-12-24T00:00:00Z,2024-12-26T00:00:00Z,0",
    "2024-12-23T22:00:00Z,2024-12-25T22:00:00Z,0",
  })
  void currenciesHaveEveryTradingDay(Instant before, Instant after, int missing) {
    Gaps gaps = Gaps.of(series(Timeframe.D1, List.of(before, after)), MarketCalendar.FX);

    assertThat(gaps.missingBars()).isEqualTo(missing);
  }

  @ParameterizedTest
  @CsvSource({
    "2024-03-28,2024-04-02,0",
    // Tuesday to Monday: four weekdays, then five.
    "2024-06-04,2024-06-11,0",
    "2024-06-04,2024-06-12,5",
    // The last weeks of 2023: 25 December and 1 January are nobody's.
    "2023-12-22,2024-01-02,0",
    "2023-12-22,2024-01-03,5",
  })
  void anExchangeMayBeClosedOnFourWeekdays(LocalDate before, LocalDate after, int missing) {
    List<Instant> days = List.of(midnight(before), midnight(after));

    assertThat(Gaps.of(series(Timeframe.D1, days), MarketCalendar.EXCHANGE).missingBars())
        .isEqualTo(missing);
  }

  @Test
  void anExchangeHasItsOwnHours() {
    List<Instant> session = hours(time -> weekday(time) && hour(time) >= 14 && hour(time) < 21);
    assertThat(Gaps.of(series(Timeframe.H1, session), MarketCalendar.AUTO))
        .isEqualTo(Gaps.none(MarketCalendar.EXCHANGE));

    List<Instant> hole = new ArrayList<>(session);
    hole.remove(Instant.parse("2024-01-17T16:00:00Z"));
    hole.remove(Instant.parse("2024-01-17T17:00:00Z"));
    assertThat(Gaps.of(series(Timeframe.H1, hole), MarketCalendar.AUTO).missingBars()).isEqualTo(2);

    List<Instant> week = new ArrayList<>(session);
    week.removeIf(
        time -> midnight("2024-01-15").isBefore(time) && time.isBefore(midnight("2024-01-20")));
    assertThat(Gaps.of(series(Timeframe.H1, week), MarketCalendar.AUTO).missingBars())
        .isEqualTo(5 * 7);
  }

  @ParameterizedTest
  @CsvSource({
    "2024-01-01T00:00:00Z,2024-01-08T00:00:00Z,0",
    "2024-01-02T00:00:00Z,2024-01-08T00:00:00Z,0",
    "2024-01-02T00:00:00Z,2024-01-15T00:00:00Z,1",
    "2024-01-01T00:00:00Z,2024-01-22T00:00:00Z,2",
  })
  void everyWeekIsExpected(Instant before, Instant after, int missing) {
    Gaps gaps = Gaps.of(series(Timeframe.W1, List.of(before, after)), MarketCalendar.AUTO);

    assertThat(gaps.missingBars()).isEqualTo(missing);
  }

  @Test
  void theLargestGapsComeFirstAndAreFew() {
    List<Instant> hours = new ArrayList<>(hours(time -> true));
    for (int day = 1; day <= 8; day++) {
      Instant from = FROM.plusSeconds(86_400L * 3 * day);
      int length = day;
      hours.removeIf(
          time -> !time.isBefore(from) && time.isBefore(from.plusSeconds(3_600L * length)));
    }
    Gaps gaps = Gaps.of(series(Timeframe.H1, hours), MarketCalendar.AUTO);

    assertThat(gaps.count()).isEqualTo(8);
    assertThat(gaps.missingBars()).isEqualTo(36);
    assertThat(gaps.largest()).extracting(Gap::missingBars).containsExactly(8L, 7L, 6L, 5L, 4L);
    assertThat(gaps.first()).extracting(Gap::missingBars).first().isEqualTo(1L);
  }

  @Test
  void filledBarsStandAtTheCloseBeforeAndNameTheFileAsItWas() {
    byte[] csv =
        """
        timestamp,open,high,low,close,volume
        2024-01-06T00:00:00Z,1,2,1,2,5
        2024-01-06T01:00:00Z,2,3,2,3,5
        2024-01-06T04:00:00Z,4,5,4,5,5
        2024-01-06T05:00:00Z,5,6,5,6,5
        2024-01-06T07:00:00Z,7,8,7,8,5
        """
            .getBytes(StandardCharsets.UTF_8);
    DatasetRef ref =
        new DatasetRef(
            "EURUSD", Timeframe.H1, Sha256.of(csv), GapPolicy.FILL, MarketCalendar.ALWAYS);

    DatasetBars data = DatasetBars.read(csv, ref);

    BarSeries bars = data.bars();
    assertThat(bars.size()).isEqualTo(8);
    assertThat(bars.open()).containsExactly(1, 2, 3, 3, 4, 5, 6, 7);
    assertThat(bars.high()).containsExactly(2, 3, 3, 3, 5, 6, 6, 8);
    assertThat(bars.low()).containsExactly(1, 2, 3, 3, 4, 5, 6, 7);
    assertThat(bars.close()).containsExactly(2, 3, 3, 3, 5, 6, 6, 8);
    assertThat(bars.volume()).containsExactly(5, 5, 0, 0, 5, 5, 0, 5);
    assertThat(data.facts(bars.time(3), bars.time(7)))
        .isEqualTo(new DataFacts("ktrdr", MarketCalendar.ALWAYS, GapPolicy.FILL, 2, 3, 2, 1));
    assertThat(data.warnings(bars.time(0), bars.time(7))).isEmpty();
    assertThat(Gaps.of(bars, MarketCalendar.ALWAYS).count()).isZero();
  }

  @Test
  void barsOfTwoLengthsAreRefused() {
    List<Instant> times = new ArrayList<>();
    for (int day = 0; day < 30; day++) {
      times.add(FROM.plusSeconds(86_400L * day));
    }
    for (int hour = 1; hour < 10; hour++) {
      times.add(FROM.plusSeconds(86_400L * 29 + 3_600L * hour));
    }
    assertThatExceptionOfType(MarketDataException.class)
        .isThrownBy(() -> series(Timeframe.D1, times))
        .withMessageContaining("overlap")
        .extracting(MarketDataException::code)
        .isEqualTo("DATA_TIMEFRAME_MISMATCH");
  }

  @Test
  void daysCalledHoursAreRefused() {
    List<Instant> times = new ArrayList<>();
    for (int day = 0; day < 30; day++) {
      times.add(FROM.plusSeconds(86_400L * day));
    }
    assertThatExceptionOfType(MarketDataException.class)
        .isThrownBy(() -> series(Timeframe.H1, times))
        .withMessageContaining("usually 86400 s apart")
        .extracting(MarketDataException::code)
        .isEqualTo("DATA_TIMEFRAME_MISMATCH");
  }

  @ParameterizedTest
  @CsvSource({
    "2024-01-02,2024-01-31,false",
    "2024-01-01,2024-02-04,false",
    "2023-12-29,2024-01-31,true",
    "2024-01-02,2024-02-05,true",
  })
  void aRangeIsTruncatedWhenATradingDayIsNotCovered(
      LocalDate start, LocalDate end, boolean truncated) {
    CoveredRange range =
        CoveredRange.of(
            midnight("2024-01-02"), midnight("2024-02-02"), Timeframe.D1, MarketCalendar.EXCHANGE);

    assertThat(range.truncates(start, end)).isEqualTo(truncated);
  }

  private static List<Instant> hours(Predicate<Instant> wanted) {
    List<Instant> times = new ArrayList<>();
    for (Instant time = FROM; time.isBefore(TO); time = time.plusSeconds(3_600)) {
      if (wanted.test(time)) {
        times.add(time);
      }
    }
    return times;
  }

  private static List<Instant> without(Predicate<Instant> wanted, String from, int hours) {
    Instant first = Instant.parse(from);
    Instant end = first.plusSeconds(3_600L * hours);
    return hours(time -> wanted.test(time) && (time.isBefore(first) || !time.isBefore(end)));
  }

  private static boolean open(Instant time, int fridayEnd, int sundayStart) {
    return switch (time.atOffset(ZoneOffset.UTC).getDayOfWeek()) {
      case SATURDAY -> false;
      case SUNDAY -> hour(time) >= sundayStart;
      case FRIDAY -> hour(time) < fridayEnd;
      case MONDAY, TUESDAY, WEDNESDAY, THURSDAY -> true;
    };
  }

  /** New Year's Day, from the evening before it. */
  private static boolean holiday(Instant time) {
    return time.isBefore(Instant.parse("2024-01-01T22:00:00Z"));
  }

  private static boolean weekday(Instant time) {
    DayOfWeek day = time.atOffset(ZoneOffset.UTC).getDayOfWeek();
    return day != DayOfWeek.SATURDAY && day != DayOfWeek.SUNDAY;
  }

  private static int hour(Instant time) {
    return time.atOffset(ZoneOffset.UTC).getHour();
  }

  private static Instant midnight(String day) {
    return midnight(LocalDate.parse(day));
  }

  private static Instant midnight(LocalDate day) {
    return day.atStartOfDay().toInstant(ZoneOffset.UTC);
  }

  private static BarSeries series(Timeframe timeframe, List<Instant> times) {
    int n = times.size();
    double[] ones = new double[n];
    Arrays.fill(ones, 1);
    return BarSeries.of(
        "EURUSD",
        timeframe,
        times.stream().mapToLong(Instant::getEpochSecond).toArray(),
        ones,
        ones,
        ones,
        ones,
        new double[n]);
  }
}
