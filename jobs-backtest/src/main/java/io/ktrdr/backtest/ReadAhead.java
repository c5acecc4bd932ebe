package io.ktrdr.backtest;

import io.ktrdr.market.BarSeries;

/**
 * Reads prices before they are needed. A processor fetches ahead what is read in sequence. Who
 * leaves bars out, or some of their columns, waits for memory at each bar he comes back to: at
 * every fill, which took nearly half the time of long runs. Reads that nothing waits for are done
 * beside other work.
 */
final class ReadAhead {

  /** Bars in a cache line. */
  private static final int LINE = 64 / Double.BYTES;

  /**
   * Bars read beyond the one that is asked: its order is filled there, and the next may be near.
   */
  private static final int BEYOND = 2 * LINE;

  /** Over longer stretches the processor finds out by itself what is read. */
  private static final int STRETCH_MAX = 32 * LINE;

  private final long[] times;
  private final double[] open;
  private final double[] high;
  private final double[] low;
  private final double[] close;

  /** Bars before it have been read, or left out. */
  private int read;

  /** Of no use; written so that what is read for it is really read. */
  @SuppressWarnings("UnusedVariable")
  private double sum;

  ReadAhead(BarSeries bars) {
    this.times = bars.times();
    this.open = bars.open();
    this.high = bars.high();
    this.low = bars.low();
    this.close = bars.close();
  }

  /**
   * The bars from {@code first} to some after {@code next}: one of each cache line, each once.
   *
   * @param next where something may happen next
   */
  void between(int first, int next) {
    int bar = Math.max(first, read);
    if (next - bar > STRETCH_MAX) {
      bar = next;
    }
    int end = Math.min(next + BEYOND, times.length);
    double total = 0;
    for (; bar < end; bar += LINE) {
      total += times[bar] + open[bar] + high[bar] + low[bar] + close[bar];
    }
    read = Math.max(read, bar);
    sum = total;
  }
}
