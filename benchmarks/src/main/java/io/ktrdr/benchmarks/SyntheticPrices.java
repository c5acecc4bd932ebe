package io.ktrdr.benchmarks;

import io.ktrdr.market.BarSeries;
import io.ktrdr.protocol.Timeframe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Random;

/**
 * Prices made up from a seed: a random walk without gaps in time. They have all digits of a double:
 * with five decimals two averages are now and then equal but for their rounding, which is not the
 * same in two engines.
 */
final class SyntheticPrices {

  static final String SYMBOL = "WALK";
  static final Instant FIRST = Instant.parse("2015-01-01T00:00:00Z");

  private static final long SEED = 20_150_101;
  private static final double START = 1.1;
  private static final double STEP = 0.0008;
  private static final double DECIMALS = 1e5;

  private SyntheticPrices() {}

  static BarSeries bars(int n, Timeframe timeframe) {
    Random random = new Random(SEED);
    long[] times = new long[n];
    double[] open = new double[n];
    double[] high = new double[n];
    double[] low = new double[n];
    double[] close = new double[n];
    double price = START;
    for (int i = 0; i < n; i++) {
      times[i] = FIRST.getEpochSecond() + i * timeframe.length().toSeconds();
      open[i] = price * Math.exp(STEP / 4 * random.nextGaussian());
      close[i] = open[i] * Math.exp(STEP * random.nextGaussian());
      double reach = STEP / 2 * Math.abs(random.nextGaussian());
      high[i] = Math.max(open[i], close[i]) * (1 + reach);
      low[i] = Math.min(open[i], close[i]) * (1 - reach);
      price = close[i];
    }
    return BarSeries.of(SYMBOL, timeframe, times, open, high, low, close, new double[n]);
  }

  /** As files have them, with five decimals. */
  static byte[] csv(BarSeries bars) {
    StringBuilder csv = new StringBuilder("timestamp,open,high,low,close,volume\n");
    for (int i = 0; i < bars.size(); i++) {
      csv.append(bars.time(i))
          .append(',')
          .append(rounded(bars.open()[i]))
          .append(',')
          .append(rounded(bars.high()[i]))
          .append(',')
          .append(rounded(bars.low()[i]))
          .append(',')
          .append(rounded(bars.close()[i]))
          .append(",0\n");
    }
    return csv.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Writes them into a folder, for an API to find. */
  static void write(Path folder, int n, Timeframe timeframe) {
    try {
      Files.createDirectories(folder);
      Files.write(
          folder.resolve("%s_%s.csv".formatted(SYMBOL, timeframe)), csv(bars(n, timeframe)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static double rounded(double price) {
    return Math.rint(price * DECIMALS) / DECIMALS;
  }
}
