package io.ktrdr.market;

import static org.assertj.core.api.Assertions.assertThat;

import io.ktrdr.protocol.Timeframe;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BarCountsTest {

  @Test
  void countsAsTheSeriesItselfDoes() {
    Random random = new Random(5);
    long[] times = new long[300];
    // From before 1970, with gaps of up to four days.
    times[0] = Instant.parse("1969-12-01T23:00:00Z").getEpochSecond();
    for (int i = 1; i < times.length; i++) {
      times[i] = times[i - 1] + 3600L * (1 + random.nextInt(i % 20 == 0 ? 96 : 3));
    }
    BarSeries bars = series(times);
    BarCounts counts = BarCounts.of(bars);

    LocalDate first = LocalDate.of(1969, 11, 28);
    for (LocalDate day = first; day.isBefore(first.plusDays(80)); day = day.plusDays(1)) {
      int before = bars.firstIndexAtOrAfter(day.atStartOfDay().toInstant(ZoneOffset.UTC));
      int after =
          bars.firstIndexAtOrAfter(day.plusDays(3).atStartOfDay().toInstant(ZoneOffset.UTC));
      assertThat(counts.before(day)).as("before %s", day).isEqualTo(before);
      assertThat(counts.within(day, day.plusDays(2))).as("from %s", day).isEqualTo(after - before);
    }
    assertThat(counts.within(LocalDate.MIN, LocalDate.of(9999, 12, 31))).isEqualTo(300);
    assertThat(counts.within(first.plusDays(9), first.plusDays(3))).isZero();
    assertThat(counts).hasToString("300 bars on %d days".formatted(days(times)));
  }

  private static long days(long[] times) {
    return Arrays.stream(times).map(time -> Math.floorDiv(time, 86_400)).distinct().count();
  }

  private static BarSeries series(long[] times) {
    double[] ones = new double[times.length];
    Arrays.fill(ones, 1);
    return new BarSeries("X", Timeframe.H1, times, ones, ones, ones, ones, ones);
  }
}
