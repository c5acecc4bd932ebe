package io.ktrdr.market;

import io.ktrdr.protocol.Timeframe;
import java.util.Arrays;

/** Growing columns while a file is read. Not thread-safe. */
final class BarColumns {

  private static final int ROWS_AT_FIRST = 4096;

  private int size;
  private long[] times = new long[ROWS_AT_FIRST];
  private double[] open = new double[ROWS_AT_FIRST];
  private double[] high = new double[ROWS_AT_FIRST];
  private double[] low = new double[ROWS_AT_FIRST];
  private double[] close = new double[ROWS_AT_FIRST];
  private double[] volume = new double[ROWS_AT_FIRST];

  int size() {
    return size;
  }

  long lastTime() {
    return times[size - 1];
  }

  void add(long time, double o, double h, double l, double c, double v) {
    if (size == times.length) {
      resize(size * 2);
    }
    times[size] = time;
    open[size] = o;
    high[size] = h;
    low[size] = l;
    close[size] = c;
    volume[size] = v;
    size++;
  }

  void removeLast() {
    size--;
  }

  BarSeries toSeries(String symbol, Timeframe timeframe) {
    resize(size);
    return new BarSeries(symbol, timeframe, times, open, high, low, close, volume);
  }

  private void resize(int length) {
    times = Arrays.copyOf(times, length);
    open = Arrays.copyOf(open, length);
    high = Arrays.copyOf(high, length);
    low = Arrays.copyOf(low, length);
    close = Arrays.copyOf(close, length);
    volume = Arrays.copyOf(volume, length);
  }
}
