package io.ktrdr.market;

import io.ktrdr.protocol.Timeframe;
import java.util.Arrays;

/**
 * Bars of a longer timeframe, made of a series' own bars, and which of them are closed when. There
 * is no second file, so nothing can disagree with the bars that are traded.
 *
 * <p>Longer bars begin at round times, UTC: 4h at 00, 04, 08 …, 1d at midnight, 1w on Monday. A bar
 * belongs to the longer one its own open lies in: first open, highest high, lowest low, last close,
 * sum of the volumes. Hours without a bar leave no trace, a longer bar without any is not there.
 * The first one is left out unless its first bar opens it, because a part of it may be missing; so
 * is one that is still open at the end.
 *
 * <p>A longer bar is closed at the close of the first bar that ends when it ends, or later. What is
 * closed at bar {@code i} depends on bars {@code 0..i} only. That holds for bars that overlap, too:
 * one that comes when its longer bar is closed is not part of it. Immutable by convention, like
 * {@link BarSeries}.
 */
public final class HigherBars {

  /** 1970-01-05 was a Monday. */
  private static final long MONDAY = 4 * 86_400L;

  /** Before the first one is closed. */
  public static final int NONE = -1;

  private final BarSeries bars;
  private final int[] newestClosed;

  private HigherBars(BarSeries bars, int[] newestClosed) {
    this.bars = bars;
    this.newestClosed = newestClosed;
  }

  /**
   * The longer bars of {@code base}. Every timeframe divides every longer one.
   *
   * @throws IllegalArgumentException when {@code longer} is not longer
   */
  public static HigherBars of(BarSeries base, Timeframe longer) {
    long baseLength = base.timeframe().length().toSeconds();
    long length = longer.length().toSeconds();
    if (length <= baseLength) {
      throw new IllegalArgumentException(
          "%s bars cannot be made of %s bars".formatted(longer, base.timeframe()));
    }
    long[] times = base.times();
    BarColumns columns = new BarColumns();
    int[] newestClosed = new int[times.length];
    Arrays.fill(newestClosed, NONE);
    int first = 0;
    while (first < times.length) {
      long opens = opening(times[first], longer);
      long ends = opens + length;
      int last = first;
      while (times[last] + baseLength < ends && last + 1 < times.length && times[last + 1] < ends) {
        last++;
      }
      int closedAt = times[last] + baseLength < ends ? last + 1 : last;
      if (closedAt == times.length) {
        break;
      }
      if (first > 0 || times[first] == opens) {
        newestClosed[closedAt] = columns.size();
        add(columns, opens, base, first, last);
      }
      first = last + 1;
      while (first < times.length && times[first] < ends) {
        first++;
      }
    }
    for (int i = 1; i < newestClosed.length; i++) {
      newestClosed[i] = Math.max(newestClosed[i], newestClosed[i - 1]);
    }
    return new HigherBars(columns.toSeries(base.symbol(), longer), newestClosed);
  }

  /** The closed ones, oldest first. */
  public BarSeries bars() {
    return bars;
  }

  /**
   * Index of the newest longer bar that is closed, by bar of the base series; {@link #NONE} before
   * the first. Never falls. Not a copy: never write to it.
   */
  public int[] newestClosed() {
    return newestClosed;
  }

  private static long opening(long time, Timeframe longer) {
    long from = longer == Timeframe.W1 ? MONDAY : 0;
    return time - Math.floorMod(time - from, longer.length().toSeconds());
  }

  private static void add(BarColumns columns, long opens, BarSeries base, int first, int last) {
    double high = base.high()[first];
    double low = base.low()[first];
    double volume = 0;
    for (int i = first; i <= last; i++) {
      high = Math.max(high, base.high()[i]);
      low = Math.min(low, base.low()[i]);
      volume += base.volume()[i];
    }
    columns.add(opens, base.open()[first], high, low, base.close()[last], volume);
  }
}
