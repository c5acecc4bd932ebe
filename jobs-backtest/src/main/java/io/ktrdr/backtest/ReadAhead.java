package io.ktrdr.backtest;

import io.ktrdr.market.BarSeries;

/**
 * Reads prices before they are needed. A processor fetches ahead what is read in sequence. Who
 * leaves bars out, or some of their columns, waits for memory at each bar he comes back to: at
 * every fill, which took nearly half the time of long runs. Reads that nothing waits for are done
 * beside other work.
 */
final class ReadAhead {

  /** Bars in a cache line: when fewer are left out, the processor does not notice. */
  static final int LINE = 64 / Double.BYTES;

  private static final int BARS = 4 * LINE;

  private final long[] times;
  private final double[] open;
  private final double[] high;
  private final double[] low;
  private final double[] close;

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

  /** One bar of each cache line that some bars from this one on are in. */
  void from(int first) {
    int end = Math.min(first + BARS, times.length);
    double total = 0;
    for (int bar = first; bar < end; bar += LINE) {
      total += times[bar] + open[bar] + high[bar] + low[bar] + close[bar];
    }
    sum = total;
  }
}
