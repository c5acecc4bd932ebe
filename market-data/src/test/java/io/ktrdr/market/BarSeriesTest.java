package io.ktrdr.market;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.ktrdr.protocol.Timeframe;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class BarSeriesTest {

  private static final long DAY = 86_400;

  private final BarSeries bars = flat(0, DAY, 2 * DAY, 5 * DAY);

  @Test
  void findsTheFirstBarAtOrAfterATime() {
    assertThat(bars.firstIndexAtOrAfter(Instant.ofEpochSecond(-1))).isZero();
    assertThat(bars.firstIndexAtOrAfter(Instant.ofEpochSecond(DAY))).isEqualTo(1);
    assertThat(bars.firstIndexAtOrAfter(Instant.ofEpochSecond(DAY, 1))).isEqualTo(2);
    assertThat(bars.firstIndexAtOrAfter(Instant.ofEpochSecond(3 * DAY))).isEqualTo(3);
    assertThat(bars.firstIndexAtOrAfter(Instant.ofEpochSecond(6 * DAY))).isEqualTo(4);
  }

  @Test
  void aSliceIsASeriesOfItsOwn() {
    BarSeries slice = bars.slice(1, 3);

    assertThat(slice.times()).containsExactly(DAY, 2 * DAY);
    assertThat(slice.symbol()).isEqualTo("EURUSD");
    slice.close()[0] = 9;
    assertThat(bars.close()[1]).isEqualTo(1);
    assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> bars.slice(2, 5));
  }

  @Test
  void equalBarsHaveOneFingerprintAndOthersAnother() {
    assertThat(flat(0, DAY, 2 * DAY, 5 * DAY).fingerprint()).isEqualTo(bars.fingerprint());
    assertThat(bars.slice(0, 3).fingerprint()).isNotEqualTo(bars.fingerprint());
    assertThat(flat(0, DAY, 2 * DAY, 6 * DAY).fingerprint()).isNotEqualTo(bars.fingerprint());
    // More than is digested at once.
    long[] times = new long[20_000];
    Arrays.setAll(times, i -> i * DAY);
    BarSeries large = flat(times);
    for (double[] column : List.of(large.open(), large.high(), large.low(), large.volume())) {
      BarSeries before = large.slice(0, large.size());
      column[12_345] = Math.nextUp(column[12_345]);
      BarSeries after = large.slice(0, large.size());
      assertThat(after.fingerprint()).isNotEqualTo(before.fingerprint());
    }
  }

  @Test
  void refusesColumnsThatBreakARuleNamingTheBar() {
    assertThatExceptionOfType(MarketDataException.class)
        .isThrownBy(() -> flat(0, DAY, DAY))
        .withMessageContaining("EURUSD 1d, bar 2");
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            BarSeries.of(
                "EURUSD",
                Timeframe.D1,
                new long[2],
                new double[2],
                new double[2],
                new double[2],
                new double[1],
                new double[2]));
  }

  private static BarSeries flat(long... times) {
    int n = times.length;
    double[] ones = new double[n];
    Arrays.fill(ones, 1);
    return BarSeries.of(
        "EURUSD",
        Timeframe.D1,
        times,
        ones.clone(),
        ones.clone(),
        ones.clone(),
        ones,
        new double[n]);
  }
}
