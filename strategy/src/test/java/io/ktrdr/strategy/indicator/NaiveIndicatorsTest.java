package io.ktrdr.strategy.indicator;

import static org.assertj.core.api.Assertions.assertThat;

import io.ktrdr.market.BarSeries;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A second implementation, from the definitions of docs/indicators.md and without any of the
 * first's code: every value by itself, from the whole past, as slow as that is.
 */
class NaiveIndicatorsTest {

  private static final int BARS = 260;

  /** The value of one output at one bar. */
  interface Naive extends BiFunction<BarSeries, Integer, Double> {}

  static Stream<Arguments> pairs() {
    return Stream.of(
        pair("sma", "value", (b, i) -> mean(i, 20, j -> b.close()[j])),
        pair("sma", "value", (b, i) -> mean(i, 20, j -> typical(b, j)), "source", "hlc3"),
        pair("sma", "value", (b, i) -> mean(i, 20, j -> four(b, j)), "source", "ohlc4"),
        pair("sma", "value", (b, i) -> mean(i, 20, j -> b.volume()[j]), "source", "volume"),
        pair("ema", "value", (b, i) -> ema(i, 20, 0, j -> b.close()[j])),
        pair("ema", "value", (b, i) -> emaOfMean(i, 20, 0, j -> b.close()[j]), "seed", "sma"),
        pair("ema", "value", (b, i) -> adjusted(i, 20, b.close()), "adjust", true),
        pair("distancefromma", "value", (b, i) -> distance(b, i), "ma_type", "EMA", "seed", "sma"),
        pair("macd", "signal", NaiveIndicatorsTest::signalOfMeans, "seed", "sma"),
        pair("macd", "line", NaiveIndicatorsTest::talibLine, "seed", "talib"),
        pair("macd", "signal", (b, i) -> ema(i, 9, 25, j -> line(b, j)), "seed", "tulip"),
        pair("rsi", "value", (b, i) -> rsi(b, i, 14)),
        pair("bbands", "upper", (b, i) -> band(b, i, 19, 2), "deviation", "sample"),
        pair("bbands", "lower", (b, i) -> band(b, i, 20, -2)),
        pair("bbwidth", "value", (b, i) -> width(b, i)),
        pair("atr", "value", (b, i) -> mean(i, 14, j -> range(b, j)), "smoothing", "sma"),
        pair("atr", "value", (b, i) -> wilder(i, 14, 1, j -> range(b, j)), "first_range", "none"),
        pair("natr", "value", (b, i) -> 100 * wilder(i, 14, 0, j -> range(b, j)) / b.close()[i]),
        pair("keltner", "upper", (b, i) -> keltner(b, i, 10, 2)),
        pair("keltner", "lower", NaiveIndicatorsTest::keltnerOfMeans, "smoothing", "sma"),
        pair("donchian", "upper", (b, i) -> highest(b.high(), i - 1, 20), "delay", 1),
        pair("squeeze", "value", (b, i) -> squeeze(b, i)),
        pair("adx", "plus_di", (b, i) -> di(b, i, 14)),
        pair("adx", "adx", (b, i) -> wilder(i, 14, 14, j -> dx(di(b, j, 14), minusDi(b, j, 14)))),
        pair("adx", "adx", (b, i) -> wilder(i, 14, 14, j -> shortDx(b, j)), "seed", "talib"),
        pair("adx", "adx", (b, i) -> wilder(i, 14, 13, j -> shortDx(b, j)), "seed", "tulip"),
        pair("aroon", "up", (b, i) -> aroon(i, 14, 15, b.high(), 1)),
        pair("aroon", "down", (b, i) -> aroon(i, 14, 14, b.low(), -1), "window", "period"),
        pair("ichimoku", "senkou_a", (b, i) -> (middle(b, i - 26, 9) + middle(b, i - 26, 26)) / 2),
        pair("ichimoku", "senkou_b", (b, i) -> middle(b, i - 26, 52)),
        pair("ichimoku", "chikou", (b, i) -> b.close()[i - 26]),
        pair("rvi", "rvi", (b, i) -> rvi(b, i)),
        pair("rvi", "signal", (b, i) -> mean(i, 4, j -> rvi(b, j))),
        pair(
            "rvi",
            "signal",
            (b, i) -> fourBars(i, j -> rvi(b, j)),
            "signal_smoothing",
            "symmetric"),
        pair("fisher", "fisher", (b, i) -> ema(i, 3, 9, j -> fisher(place(b, j)))),
        pair("fisher", "signal", (b, i) -> ema(i - 1, 3, 9, j -> fisher(place(b, j)))),
        pair("mfi", "value", (b, i) -> mfi(b, i)),
        pair("cmf", "cmf", (b, i) -> cmf(b, i)),
        pair("cmf", "momentum", (b, i) -> cmf(b, i) - cmf(b, i - 5)),
        pair("cmf", "signal", (b, i) -> ema(i, 9, 20, j -> cmf(b, j))),
        pair("cmf", "above_zero", (b, i) -> cmf(b, i) > 0 ? 1.0 : 0.0),
        pair("adline", "line", (b, i) -> accumulation(b, i)),
        pair("adline", "roc_10", (b, i) -> percent(accumulation(b, i), accumulation(b, i - 10))),
        pair("adline", "momentum_21", (b, i) -> accumulation(b, i) - accumulation(b, i - 21)),
        pair("adline", "relative_strength", NaiveIndicatorsTest::relativeStrength),
        pair("vwap", "value", (b, i) -> vwap(b, i, 20)),
        pair("vwap", "value", (b, i) -> vwap(b, i, i + 1), "period", 0),
        pair("volumeratio", "value", (b, i) -> b.volume()[i] / mean(i, 20, j -> b.volume()[j])));
  }

  private static Arguments pair(String type, String output, Naive naive, Object... parameters) {
    return Arguments.of(type, output, naive, parameters);
  }

  @ParameterizedTest(name = "{0}.{1}")
  @MethodSource("pairs")
  void isWhatItsDefinitionSays(String name, String output, Naive naive, Object[] parameters) {
    IndicatorType type = IndicatorCatalogue.find(name).orElseThrow();
    for (long seed : new long[] {1, 2, 3}) {
      BarSeries bars = SampleBars.walk(BARS, seed);
      double[] ours = SampleBars.compute(name, bars, parameters)[type.outputs().indexOf(output)];
      int compared = 0;
      for (int i = 0; i < BARS; i++) {
        if (!Double.isNaN(ours[i])) {
          double expected = naive.apply(bars, i);
          assertThat(Math.abs(ours[i] - expected))
              .as("bar %d: %s, expected %s", i, ours[i], expected)
              .isLessThanOrEqualTo(1e-9 * Math.max(1, Math.abs(expected)));
          compared++;
        }
      }
      assertThat(compared).isGreaterThan(BARS / 2);
    }
  }

  private static double sum(int i, int n, IntToDoubleFunction x) {
    return IntStream.rangeClosed(i - n + 1, i).mapToDouble(x).sum();
  }

  private static double mean(int i, int n, IntToDoubleFunction x) {
    return sum(i, n, x) / n;
  }

  /** Written out: the seed and every later value, each with what is left of its weight. */
  private static double weighed(int i, int start, double seed, double w, IntToDoubleFunction x) {
    double total = seed * Math.pow(1 - w, i - start);
    for (int j = start + 1; j <= i; j++) {
      total += w * Math.pow(1 - w, i - j) * x.applyAsDouble(j);
    }
    return total;
  }

  private static double ema(int i, int n, int first, IntToDoubleFunction x) {
    return weighed(i, first, x.applyAsDouble(first), 2.0 / (n + 1), x);
  }

  private static double emaOfMean(int i, int n, int first, IntToDoubleFunction x) {
    int start = first + n - 1;
    return weighed(i, start, mean(start, n, x), 2.0 / (n + 1), x);
  }

  private static double wilder(int i, int n, int first, IntToDoubleFunction x) {
    int start = first + n - 1;
    return weighed(i, start, mean(start, n, x), 1.0 / n, x);
  }

  private static double adjusted(int i, int n, double[] x) {
    double above = 0;
    double below = 0;
    for (int k = 0; k <= i; k++) {
      double weight = Math.pow(1 - 2.0 / (n + 1), k);
      above += weight * x[i - k];
      below += weight;
    }
    return above / below;
  }

  private static double typical(BarSeries b, int i) {
    return (b.high()[i] + b.low()[i] + b.close()[i]) / 3;
  }

  private static double four(BarSeries b, int i) {
    return (b.open()[i] + b.high()[i] + b.low()[i] + b.close()[i]) / 4;
  }

  private static double percent(double now, double then) {
    return 100 * (now - then) / then;
  }

  private static double distance(BarSeries b, int i) {
    return percent(b.close()[i], emaOfMean(i, 20, 0, j -> b.close()[j]));
  }

  private static double line(BarSeries b, int i) {
    return ema(i, 12, 0, j -> b.close()[j]) - ema(i, 26, 0, j -> b.close()[j]);
  }

  private static double talibLine(BarSeries b, int i) {
    return emaOfMean(i, 12, 14, j -> b.close()[j]) - emaOfMean(i, 26, 0, j -> b.close()[j]);
  }

  private static double signalOfMeans(BarSeries b, int i) {
    return emaOfMean(
        i,
        9,
        25,
        j -> emaOfMean(j, 12, 0, k -> b.close()[k]) - emaOfMean(j, 26, 0, k -> b.close()[k]));
  }

  private static double rsi(BarSeries b, int i, int n) {
    double up = wilder(i, n, 1, j -> Math.max(0, b.close()[j] - b.close()[j - 1]));
    double down = wilder(i, n, 1, j -> Math.max(0, b.close()[j - 1] - b.close()[j]));
    return 100 - 100 / (1 + up / down);
  }

  private static double band(BarSeries b, int i, int divisor, double k) {
    double mean = mean(i, 20, j -> b.close()[j]);
    return mean + k * Math.sqrt(sum(i, 20, j -> Math.pow(b.close()[j] - mean, 2)) / divisor);
  }

  private static double width(BarSeries b, int i) {
    return (band(b, i, 20, 2) - band(b, i, 20, -2)) / mean(i, 20, j -> b.close()[j]);
  }

  private static double range(BarSeries b, int i) {
    double range = b.high()[i] - b.low()[i];
    if (i > 0) {
      range = Math.max(range, Math.abs(b.high()[i] - b.close()[i - 1]));
      range = Math.max(range, Math.abs(b.low()[i] - b.close()[i - 1]));
    }
    return range;
  }

  private static double keltner(BarSeries b, int i, int n, double k) {
    return ema(i, 20, 0, j -> b.close()[j]) + k * wilder(i, n, 0, j -> range(b, j));
  }

  private static double keltnerOfMeans(BarSeries b, int i) {
    return ema(i, 20, 0, j -> b.close()[j]) - 2 * mean(i, 10, j -> range(b, j));
  }

  private static double squeeze(BarSeries b, int i) {
    double top = keltner(b, i, 10, 2);
    double bottom = keltner(b, i, 10, -2);
    double inside = Math.min(top - band(b, i, 20, 2), band(b, i, 20, -2) - bottom);
    return Math.max(0, inside / (top - bottom));
  }

  private static double rise(BarSeries b, int i) {
    double up = b.high()[i] - b.high()[i - 1];
    return up > Math.max(0, b.low()[i - 1] - b.low()[i]) ? up : 0;
  }

  private static double fall(BarSeries b, int i) {
    double down = b.low()[i - 1] - b.low()[i];
    return down > Math.max(0, b.high()[i] - b.high()[i - 1]) ? down : 0;
  }

  private static double di(BarSeries b, int i, int n) {
    return 100 * wilder(i, n, 1, j -> rise(b, j)) / wilder(i, n, 1, j -> range(b, j));
  }

  private static double minusDi(BarSeries b, int i, int n) {
    return 100 * wilder(i, n, 1, j -> fall(b, j)) / wilder(i, n, 1, j -> range(b, j));
  }

  private static double dx(double plus, double minus) {
    return 100 * Math.abs(plus - minus) / (plus + minus);
  }

  private static double shortSum(int i, IntToDoubleFunction x) {
    double total = sum(13, 13, x) * Math.pow(13.0 / 14, i - 13);
    for (int j = 14; j <= i; j++) {
      total += Math.pow(13.0 / 14, i - j) * x.applyAsDouble(j);
    }
    return total;
  }

  private static double shortDx(BarSeries b, int i) {
    double range = shortSum(i, j -> range(b, j));
    return dx(shortSum(i, j -> rise(b, j)) / range, shortSum(i, j -> fall(b, j)) / range);
  }

  private static double aroon(int i, int n, int window, double[] x, int sign) {
    int best = i;
    for (int j = i; j > i - window; j--) {
      best = sign * x[j] > sign * x[best] ? j : best;
    }
    return 100.0 * (n - (i - best)) / n;
  }

  private static double highest(double[] x, int i, int n) {
    return IntStream.rangeClosed(i - n + 1, i).mapToDouble(j -> x[j]).max().orElseThrow();
  }

  private static double lowest(double[] x, int i, int n) {
    return IntStream.rangeClosed(i - n + 1, i).mapToDouble(j -> x[j]).min().orElseThrow();
  }

  private static double middle(BarSeries b, int i, int n) {
    return (highest(b.high(), i, n) + lowest(b.low(), i, n)) / 2;
  }

  private static double fourBars(int i, IntToDoubleFunction x) {
    List<Integer> weights = List.of(1, 2, 2, 1);
    return IntStream.range(0, 4).mapToDouble(k -> weights.get(k) * x.applyAsDouble(i - k)).sum()
        / 6;
  }

  private static double rvi(BarSeries b, int i) {
    return sum(i, 10, j -> fourBars(j, k -> b.close()[k] - b.open()[k]))
        / sum(i, 10, j -> fourBars(j, k -> b.high()[k] - b.low()[k]));
  }

  private static double place(BarSeries b, int i) {
    double low = lowest(b.low(), i, 10);
    double x = (b.high()[i] + b.low()[i]) / 2;
    return Math.clamp(2 * (x - low) / (highest(b.high(), i, 10) - low) - 1, -0.999, 0.999);
  }

  private static double fisher(double x) {
    return (Math.log1p(x) - Math.log1p(-x)) / 2;
  }

  private static double mfi(BarSeries b, int i) {
    double in = sum(i, 14, j -> typical(b, j) > typical(b, j - 1) ? flow(b, j) : 0);
    double out = sum(i, 14, j -> typical(b, j) < typical(b, j - 1) ? flow(b, j) : 0);
    return 100 - 100 / (1 + in / out);
  }

  private static double flow(BarSeries b, int i) {
    return typical(b, i) * b.volume()[i];
  }

  private static double moneyFlow(BarSeries b, int i) {
    return b.volume()[i]
        * (2 * b.close()[i] - b.low()[i] - b.high()[i])
        / (b.high()[i] - b.low()[i]);
  }

  private static double cmf(BarSeries b, int i) {
    return sum(i, 21, j -> moneyFlow(b, j)) / sum(i, 21, j -> b.volume()[j]);
  }

  private static double accumulation(BarSeries b, int i) {
    return sum(i, i + 1, j -> moneyFlow(b, j));
  }

  private static double relativeStrength(BarSeries b, int i) {
    double mean = mean(i, Math.min(50, i + 1), j -> accumulation(b, j));
    return 100 * (accumulation(b, i) - mean) / mean;
  }

  private static double vwap(BarSeries b, int i, int n) {
    return sum(i, n, j -> flow(b, j)) / sum(i, n, j -> b.volume()[j]);
  }
}
