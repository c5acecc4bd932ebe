package io.ktrdr.strategy.indicator;

import static io.ktrdr.strategy.indicator.SampleBars.closes;
import static io.ktrdr.strategy.indicator.SampleBars.compute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ktrdr.market.BarSeries;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Indicators that turn: the state of each is carried in a second, plainer way. */
class TurningIndicatorsTest {

  private static final Offset<Double> EXACT = within(1e-9);

  @Test
  void superTrendFollowsTheBandTheCloseHasNotLeft() {
    for (long seed : new long[] {1, 2, 3, 4}) {
      BarSeries b = SampleBars.walk(400, seed);
      double[][] ours = compute("supertrend", b, "multiplier", 1.5);
      double[] range = compute("atr", b, "period", 10)[0];
      double[] upper = new double[400];
      double[] lower = new double[400];
      int turns = 0;
      double direction = 1;
      for (int i = 9; i < 400; i++) {
        double middle = (b.high()[i] + b.low()[i]) / 2;
        upper[i] = middle + 1.5 * range[i];
        lower[i] = middle - 1.5 * range[i];
        if (i > 9) {
          if (b.close()[i - 1] <= upper[i - 1]) {
            upper[i] = Math.min(upper[i], upper[i - 1]);
          }
          if (b.close()[i - 1] >= lower[i - 1]) {
            lower[i] = Math.max(lower[i], lower[i - 1]);
          }
          double before = direction;
          if (direction > 0 && b.close()[i] < lower[i]) {
            direction = -1;
          } else if (direction < 0 && b.close()[i] > upper[i]) {
            direction = 1;
          }
          turns += before == direction ? 0 : 1;
        }
        assertThat(ours[1][i]).isEqualTo(direction);
        assertThat(ours[0][i]).isEqualTo(direction > 0 ? lower[i] : upper[i], EXACT);
      }
      assertThat(turns).isGreaterThan(5);
      double[] other = compute("supertrend", b, "multiplier", 1.5, "start", "down")[1];
      assertThat(other[9]).isEqualTo(-1);
      assertThat(other[399]).isEqualTo(ours[1][399]);
    }
  }

  /** Both sides written apart, as the rule is told, without the symmetry the first one uses. */
  @Test
  void parabolicStopByTheBook() {
    for (long seed : new long[] {1, 2, 3, 4}) {
      BarSeries b = SampleBars.walk(400, seed);
      double[] expected = bookStops(b.high(), b.low());
      double[] ours = compute("parabolicsar", b, "convention", "talib")[0];
      assertThat(ours[0]).isNaN();
      for (int i = 1; i < 400; i++) {
        assertThat(ours[i]).as("bar %d", i).isEqualTo(expected[i], EXACT);
      }
      // However they begin, they agree once both have turned, but for the rare touch.
      double[] tulip = compute("parabolicsar", b)[0];
      assertThat(tulip[399]).isEqualTo(ours[399], EXACT);
    }
  }

  private static double[] bookStops(double[] high, double[] low) {
    double[] stops = new double[high.length];
    boolean bought = high[1] - high[0] >= low[0] - low[1] || low[0] <= low[1];
    double best = bought ? high[1] : low[1];
    double next = bought ? low[0] : high[0];
    double speed = 0.02;
    for (int i = 1; i < high.length; i++) {
      double lowOfTwo = i == 1 ? low[1] : Math.min(low[i], low[i - 1]);
      double highOfTwo = i == 1 ? high[1] : Math.max(high[i], high[i - 1]);
      if (bought) {
        if (low[i] <= next) {
          bought = false;
          stops[i] = Math.max(best, highOfTwo);
          best = low[i];
          speed = 0.02;
          next = Math.max(stops[i] + speed * (best - stops[i]), highOfTwo);
        } else {
          stops[i] = next;
          if (high[i] > best) {
            best = high[i];
            speed = Math.min(0.2, speed + 0.02);
          }
          next = Math.min(next + speed * (best - next), lowOfTwo);
        }
      } else {
        if (high[i] >= next) {
          bought = true;
          stops[i] = Math.min(best, lowOfTwo);
          best = high[i];
          speed = 0.02;
          next = Math.min(stops[i] + speed * (best - stops[i]), lowOfTwo);
        } else {
          stops[i] = next;
          if (low[i] < best) {
            best = low[i];
            speed = Math.min(0.2, speed + 0.02);
          }
          next = Math.max(next + speed * (best - next), highOfTwo);
        }
      }
    }
    return stops;
  }

  @Test
  void zigzagStepsWhenATurnIsConfirmed() {
    // 10 % of 100 is 10: 110 turns it up, 120 is the high, 108 confirms it, 119 confirms the low
    // 108.
    assertThat(compute("zigzag", closes(100, 105, 110, 120, 109, 108, 119), "threshold", 0.1)[0])
        .containsExactly(100, 100, 100, 100, 100, 120, 108);
    assertThat(compute("zigzag", closes(100, 100, 100), "threshold", 0.1)[0])
        .containsExactly(100, 100, 100);
  }

  @Test
  void obvMayBeginWithTheFirstVolume() {
    assertThat(compute("obv", closes(5, 6, 6, 4), "seed", "volume")[0])
        .containsExactly(100, 201, 201, 98);
  }

  @Test
  void volumeThatIsNotThereSaysNothing() {
    double[] flat = {1, 2, 3, 2, 1, 2};
    BarSeries none = SampleBars.bars(flat.clone(), flat.clone(), flat);
    assertThat(compute("vwap", none, "period", 3)[0][5]).isEqualTo(5 / 3.0, EXACT);
    assertThat(compute("volumeratio", none, "period", 3)[0][5]).isEqualTo(1);
    assertThat(compute("mfi", none, "period", 3)[0][5]).isEqualTo(50);
  }
}
