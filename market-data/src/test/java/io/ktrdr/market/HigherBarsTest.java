package io.ktrdr.market;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.ktrdr.protocol.Timeframe;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HigherBarsTest {

  private static final int NONE = HigherBars.NONE;

  @Test
  void longerBarIsMadeOfTheBarsThatOpenInIt() {
    BarSeries hours =
        series(
            Timeframe.H1,
            new String[] {
              "2024-01-01T00:00", "2024-01-01T01:00", "2024-01-01T03:00", "2024-01-01T04:00"
            },
            new double[][] {
              {2, 5, 1, 3, 10}, {3, 4, 2, 4, 20}, {4, 9, 4, 8, 30}, {8, 8, 8, 8, 40}
            });

    HigherBars higher = HigherBars.of(hours, Timeframe.H4);

    assertThat(higher.bars().toString())
        .isEqualTo("TEST 4h, 1 bars 2024-01-01T00:00:00Z .. 2024-01-01T00:00:00Z");
    assertThat(bar(higher.bars(), 0)).containsExactly(2, 9, 1, 8, 60);
    assertThat(higher.newestClosed()).containsExactly(NONE, NONE, 0, 0);
  }

  @Test
  void longerBarIsClosedWhenItsTimeIsOverNotWhenItsLastBarIs() {
    // Nothing is traded from 22:00 on; the day is over two hours later, at the next day's first
    // bar.
    BarSeries hours =
        flat(Timeframe.H1, "2024-01-05T00:00", "2024-01-05T21:00", "2024-01-07T22:00");

    assertThat(HigherBars.of(hours, Timeframe.D1).newestClosed()).containsExactly(NONE, NONE, 0);
  }

  @Test
  void longerBarIsClosedAtTheCloseOfTheBarThatEndsWithIt() {
    BarSeries hours = flat(Timeframe.H1, "2024-01-05T00:00", "2024-01-05T23:00");

    assertThat(HigherBars.of(hours, Timeframe.D1).newestClosed()).containsExactly(NONE, 0);
  }

  @Test
  void firstLongerBarIsLeftOutUnlessItsFirstBarOpensIt() {
    BarSeries late = flat(Timeframe.D1, "2024-01-02T00:00", "2024-01-07T00:00", "2024-01-08T00:00");
    assertThat(HigherBars.of(late, Timeframe.W1).bars().size()).isZero();

    BarSeries monday = flat(Timeframe.D1, "2024-01-01T00:00", "2024-01-07T00:00");
    assertThat(HigherBars.of(monday, Timeframe.W1).newestClosed()).containsExactly(NONE, 0);
  }

  @Test
  void hoursAndWeeksBeginAtRoundTimesAlsoBefore1970() {
    BarSeries old = flat(Timeframe.D1, "1969-12-29T00:00", "1970-01-04T00:00", "1970-01-05T00:00");

    HigherBars weeks = HigherBars.of(old, Timeframe.W1);

    assertThat(weeks.bars().time(0)).isEqualTo(Instant.parse("1969-12-29T00:00:00Z"));
    assertThat(weeks.newestClosed()).containsExactly(NONE, 0, 0);
  }

  @Test
  void barsThatReachIntoTheNextLongerBarBelongToTheirOwn() {
    // Days that begin at 22:00: the one of Sunday ends on Monday, and with it the week before.
    BarSeries days = flat(Timeframe.D1, "2024-01-01T00:00", "2024-01-06T22:00", "2024-01-07T22:00");

    HigherBars weeks = HigherBars.of(days, Timeframe.W1);

    assertThat(weeks.newestClosed()).containsExactly(NONE, NONE, 0);
    assertThat(weeks.bars().close()[0]).isEqualTo(days.close()[2]);
  }

  @Test
  void onlyLongerBarsCanBeMade() {
    BarSeries hours = flat(Timeframe.H1, "2024-01-01T00:00");

    assertThatIllegalArgumentException().isThrownBy(() -> HigherBars.of(hours, Timeframe.H1));
    assertThatIllegalArgumentException().isThrownBy(() -> HigherBars.of(hours, Timeframe.M30));
    assertThat(HigherBars.of(hours.slice(0, 0), Timeframe.H4).newestClosed()).isEmpty();
  }

  @Test
  void everyTimeframeDividesEveryLongerOne() {
    for (Timeframe shorter : Timeframe.values()) {
      for (Timeframe longer : Timeframe.values()) {
        if (longer.compareTo(shorter) > 0) {
          assertThat(longer.length().toSeconds() % shorter.length().toSeconds()).isZero();
        }
      }
    }
  }

  /**
   * A second implementation, written from the rule and not from the code: for each bar it is given
   * the bars up to that one and nothing else, and groups them by calendar arithmetic. That the two
   * agree on holes, bars off the hour and bars that overlap is also why nothing later is seen.
   */
  @ParameterizedTest
  @CsvSource({"5m,15m", "15m,1h", "1h,4h", "1h,1d", "4h,1d", "4h,1w", "1d,1w"})
  void agreesWithANaiveImplementationThatSeesOnlyWhatHasHappened(String base, String longer) {
    for (int seed = 0; seed < 12; seed++) {
      BarSeries bars = random(Timeframe.parse(base), 150, seed, /* overlapping */ seed % 3 == 0);
      Timeframe of = Timeframe.parse(longer);
      HigherBars higher = HigherBars.of(bars, of);
      int closed = 0;
      for (int i = 0; i < bars.size(); i++) {
        List<double[]> naive = naive(bars, i, of);
        int newest = higher.newestClosed()[i];
        assertThat(newest).as("%s of bar %d, seed %d", longer, i, seed).isEqualTo(naive.size() - 1);
        if (newest != NONE) {
          assertThat(bar(higher.bars(), newest)).containsExactly(naive.getLast());
          closed++;
        }
      }
      assertThat(closed).isPositive();
    }
  }

  private static List<double[]> naive(BarSeries bars, int until, Timeframe longer) {
    List<double[]> closed = new ArrayList<>();
    List<Integer> members = new ArrayList<>();
    Instant opens = Instant.MIN;
    boolean open = false;
    for (int i = 0; i <= until; i++) {
      Instant own = opening(bars.time(i), longer);
      if (!own.equals(opens)) {
        if (open) {
          closed.add(joined(bars, members));
        }
        members.clear();
        opens = own;
        open = i > 0 || bars.time(0).equals(own);
      }
      members.add(i);
      if (open
          && !bars.time(i).plus(bars.timeframe().length()).isBefore(own.plus(longer.length()))) {
        closed.add(joined(bars, members));
        open = false;
      }
    }
    return closed;
  }

  private static Instant opening(Instant time, Timeframe longer) {
    OffsetDateTime utc = time.atOffset(ZoneOffset.UTC);
    OffsetDateTime day = utc.truncatedTo(ChronoUnit.DAYS);
    if (longer == Timeframe.W1) {
      return day.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY)).toInstant();
    }
    long length = longer.length().toMinutes();
    long minute = ChronoUnit.MINUTES.between(day, utc);
    return day.plusMinutes(minute / length * length).toInstant();
  }

  private static double[] joined(BarSeries bars, List<Integer> members) {
    return new double[] {
      bars.open()[members.getFirst()],
      members.stream().mapToDouble(i -> bars.high()[i]).max().orElseThrow(),
      members.stream().mapToDouble(i -> bars.low()[i]).min().orElseThrow(),
      bars.close()[members.getLast()],
      members.stream().mapToDouble(i -> bars.volume()[i]).reduce(0, Double::sum)
    };
  }

  private static double[] bar(BarSeries bars, int i) {
    return new double[] {
      bars.open()[i], bars.high()[i], bars.low()[i], bars.close()[i], bars.volume()[i]
    };
  }

  /** With holes of any length; overlapping ones come off the hour, now and then too early. */
  private static BarSeries random(Timeframe timeframe, int n, long seed, boolean overlapping) {
    Random random = new Random(seed);
    long length = timeframe.length().toSeconds();
    long time = Instant.parse("2024-01-01T00:00:00Z").getEpochSecond() + random.nextInt(9) * length;
    long[] times = new long[n];
    double[][] columns = new double[5][n];
    double price = 100;
    boolean early = false;
    for (int i = 0; i < n; i++) {
      times[i] = time;
      long step = random.nextInt(4) > 0 ? 1 : 1 + random.nextInt(10);
      time += step * length;
      if (overlapping) {
        // Never twice in a row: such bars are of another length, and refused.
        early = !early && random.nextInt(5) == 0;
        time += early ? -length / 2 : random.nextInt(3) * 60L;
      }
      columns[0][i] = price;
      price *= Math.exp(0.01 * random.nextGaussian());
      columns[3][i] = price;
      columns[1][i] = Math.max(columns[0][i], price) + random.nextDouble();
      columns[2][i] = Math.min(columns[0][i], price) - random.nextDouble();
      columns[4][i] = random.nextInt(100);
    }
    return BarSeries.of(
        "TEST", timeframe, times, columns[0], columns[1], columns[2], columns[3], columns[4]);
  }

  private static BarSeries flat(Timeframe timeframe, String... times) {
    double[][] bars = new double[times.length][];
    for (int i = 0; i < bars.length; i++) {
      bars[i] = new double[] {i + 1, i + 1, i + 1, i + 1, 0};
    }
    return series(timeframe, times, bars);
  }

  private static BarSeries series(Timeframe timeframe, String[] times, double[][] bars) {
    int n = times.length;
    long[] seconds = new long[n];
    double[][] columns = new double[5][n];
    for (int i = 0; i < n; i++) {
      seconds[i] = Instant.parse(times[i] + ":00Z").getEpochSecond();
      for (int c = 0; c < 5; c++) {
        columns[c][i] = bars[i][c];
      }
    }
    return BarSeries.of(
        "TEST", timeframe, seconds, columns[0], columns[1], columns[2], columns[3], columns[4]);
  }
}
