package io.ktrdr.strategy;

import io.ktrdr.market.BarSeries;
import io.ktrdr.market.CsvBarReader;
import io.ktrdr.protocol.Timeframe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Bars, strategies and parameters for tests. */
final class Samples {

  /** The smallest valid strategy, in block style so that tests can replace single lines. */
  static final String MINIMAL =
      """
      name: minimal
      training_data:
        symbols: {mode: single, symbol: EURUSD}
        timeframes: {mode: single, timeframe: 1d}
      indicators:
        rsi_14: {type: rsi, period: 14}
      fuzzy_sets:
        rsi:
          indicator: rsi_14
          low: [0, 20, 40]
          high: {type: trapezoidal, parameters: [60, 80, 100, 100]}
      nn_inputs:
        - fuzzy_set: rsi
      model:
        type: mlp
      """;

  private Samples() {}

  static String shippedYaml() {
    return shippedYaml("neuro_mean_reversion");
  }

  static String shippedYaml(String name) {
    return text(Path.of("..", "strategies", name + ".yaml"));
  }

  static BarSeries shippedBars(String symbol) {
    return CsvBarReader.read(
        text(Path.of("..", "data", symbol + "_1d.csv")).getBytes(StandardCharsets.UTF_8),
        symbol,
        Timeframe.D1);
  }

  /** Bars that close at the given prices and open at the one before. */
  static BarSeries closes(double... closes) {
    int n = closes.length;
    double[] open = new double[n];
    double[] high = new double[n];
    double[] low = new double[n];
    double[] volume = new double[n];
    for (int i = 0; i < n; i++) {
      open[i] = closes[Math.max(0, i - 1)];
      high[i] = Math.max(open[i], closes[i]);
      low[i] = Math.min(open[i], closes[i]);
      volume[i] = 100 + i;
    }
    return BarSeries.of("TEST", Timeframe.D1, days(n), open, high, low, closes, volume);
  }

  static BarSeries bars(double[] high, double[] low, double[] close) {
    return BarSeries.of(
        "TEST",
        Timeframe.D1,
        days(close.length),
        close.clone(),
        high,
        low,
        close,
        new double[close.length]);
  }

  /** A random walk with real ranges and volume. */
  static BarSeries walk(int n, long seed) {
    Random random = new Random(seed);
    double[] open = new double[n];
    double[] high = new double[n];
    double[] low = new double[n];
    double[] close = new double[n];
    double[] volume = new double[n];
    double price = 100;
    for (int i = 0; i < n; i++) {
      open[i] = price;
      price *= Math.exp(0.01 * random.nextGaussian());
      close[i] = price;
      high[i] = Math.max(open[i], price) * (1 + 0.005 * random.nextDouble());
      low[i] = Math.min(open[i], price) * (1 - 0.005 * random.nextDouble());
      volume[i] = random.nextInt(1000);
    }
    return BarSeries.of("WALK", Timeframe.D1, days(n), open, high, low, close, volume);
  }

  static double[][] compute(String type, BarSeries bars, Object... parameters) {
    IndicatorType indicator = IndicatorCatalogue.find(type).orElseThrow();
    Map<String, Object> values = new TreeMap<>(indicator.defaults().values());
    for (int i = 0; i < parameters.length; i += 2) {
      values.put((String) parameters[i], parameters[i + 1]);
    }
    return indicator.compute(new PriceColumns(bars), new IndicatorParameters(values));
  }

  private static long[] days(int n) {
    long[] times = new long[n];
    for (int i = 0; i < n; i++) {
      times[i] = 86_400L * i;
    }
    return times;
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
