package io.ktrdr.market;

import static java.util.Objects.requireNonNull;

import io.ktrdr.protocol.Sha256;
import io.ktrdr.protocol.Timeframe;
import java.time.Instant;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Price bars as columns: strictly ascending in time, finite, positive, {@code low <= open, close <=
 * high}. Time is a bar's open, in epoch seconds UTC; prices are in the quote currency.
 *
 * <p>Immutable by convention: accessors give the columns themselves, not copies, because a
 * million-bar series is read many times. Never write to them. Safe for many threads.
 */
public final class BarSeries {

  private final String symbol;
  private final Timeframe timeframe;
  private final long[] times;
  private final double[] open;
  private final double[] high;
  private final double[] low;
  private final double[] close;
  private final double[] volume;

  /** Null until it is asked for; threads that ask at once find the same. */
  private @Nullable Sha256 fingerprint;

  /** Trusts its arrays: callers have validated them. */
  BarSeries(
      String symbol,
      Timeframe timeframe,
      long[] times,
      double[] open,
      double[] high,
      double[] low,
      double[] close,
      double[] volume) {
    this.symbol = requireNonNull(symbol, "symbol is null");
    this.timeframe = requireNonNull(timeframe, "timeframe is null");
    this.times = times;
    this.open = open;
    this.high = high;
    this.low = low;
    this.close = close;
    this.volume = volume;
  }

  /**
   * A series from columns in memory; keeps the arrays, which the caller gives away.
   *
   * @throws MarketDataException when a bar breaks a rule, naming its index
   * @throws IllegalArgumentException when the columns differ in length
   */
  public static BarSeries of(
      String symbol,
      Timeframe timeframe,
      long[] times,
      double[] open,
      double[] high,
      double[] low,
      double[] close,
      double[] volume) {
    int n = times.length;
    for (double[] column : new double[][] {open, high, low, close, volume}) {
      if (column.length != n) {
        throw new IllegalArgumentException("columns differ in length");
      }
    }
    String series = symbol + " " + timeframe;
    RowPlace where = new RowPlace(series, "bar");
    for (int i = 0; i < n; i++) {
      where.at(i);
      if (i > 0) {
        BarRules.checkOrder(where, times[i - 1], times[i]);
      }
      BarRules.checkPrices(where, open[i], high[i], low[i], close[i], volume[i]);
    }
    BarRules.checkSpacing(series, timeframe, times);
    return new BarSeries(symbol, timeframe, times, open, high, low, close, volume);
  }

  public String symbol() {
    return symbol;
  }

  public Timeframe timeframe() {
    return timeframe;
  }

  public int size() {
    return times.length;
  }

  /** Bar opens in epoch seconds. */
  public long[] times() {
    return times;
  }

  public double[] open() {
    return open;
  }

  public double[] high() {
    return high;
  }

  public double[] low() {
    return low;
  }

  public double[] close() {
    return close;
  }

  /** Zero where the source has none. */
  public double[] volume() {
    return volume;
  }

  /** When bar {@code i} opened. */
  public Instant time(int i) {
    return Instant.ofEpochSecond(times[i]);
  }

  /**
   * Index of the first bar that opens at or after {@code t}; {@link #size()} when there is none.
   */
  public int firstIndexAtOrAfter(Instant t) {
    long wanted = t.getNano() == 0 ? t.getEpochSecond() : t.getEpochSecond() + 1;
    int found = Arrays.binarySearch(times, wanted);
    return found >= 0 ? found : -found - 1;
  }

  /**
   * The bars {@code fromInclusive .. toExclusive - 1}, copied.
   *
   * @throws IndexOutOfBoundsException when the range is not inside the series
   */
  public BarSeries slice(int fromInclusive, int toExclusive) {
    Objects.checkFromToIndex(fromInclusive, toExclusive, size());
    return new BarSeries(
        symbol,
        timeframe,
        Arrays.copyOfRange(times, fromInclusive, toExclusive),
        Arrays.copyOfRange(open, fromInclusive, toExclusive),
        Arrays.copyOfRange(high, fromInclusive, toExclusive),
        Arrays.copyOfRange(low, fromInclusive, toExclusive),
        Arrays.copyOfRange(close, fromInclusive, toExclusive),
        Arrays.copyOfRange(volume, fromInclusive, toExclusive));
  }

  /**
   * Digest of timeframe, times, prices and volumes: equal for equal bars, whatever file they are
   * from. The first call is a pass over all columns.
   */
  public Sha256 fingerprint() {
    Sha256 known = fingerprint;
    if (known == null) {
      known = BarFingerprint.of(this);
      fingerprint = known;
    }
    return known;
  }

  @Override
  public String toString() {
    return size() == 0
        ? "%s %s, no bars".formatted(symbol, timeframe)
        : "%s %s, %d bars %s .. %s".formatted(symbol, timeframe, size(), time(0), time(size() - 1));
  }
}
