package io.ktrdr.market;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.ktrdr.protocol.Timeframe;
import java.time.Instant;
import java.util.Arrays;
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
