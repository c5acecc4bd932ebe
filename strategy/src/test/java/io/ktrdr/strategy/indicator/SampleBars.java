package io.ktrdr.strategy.indicator;

import io.ktrdr.market.BarSeries;
import io.ktrdr.market.CsvBarReader;
import io.ktrdr.protocol.Timeframe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Bars for tests, and indicators over them. */
public final class SampleBars {

  private SampleBars() {}

  public static BarSeries shippedBars(String symbol) {
    try {
      return CsvBarReader.read(
          Files.readAllBytes(Path.of("..", "data", symbol + "_1d.csv")), symbol, Timeframe.D1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Bars that close at the given prices and open at the one before. */
  public static BarSeries closes(double... closes) {
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

  public static BarSeries bars(double[] high, double[] low, double[] close) {
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
  public static BarSeries walk(int n, long seed) {
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

  public static double[][] compute(String type, BarSeries bars, Object... parameters) {
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
}
