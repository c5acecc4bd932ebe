package io.ktrdr.strategy.indicator;

import static java.util.Objects.requireNonNull;

import io.ktrdr.protocol.Sha256;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Indicator columns that were computed before, for the runs of one worker: the same indicator with
 * the same parameters over the same bars is computed once. Bars are the same when every one of them
 * is, see {@link io.ktrdr.market.BarSeries#fingerprint}; the names strategies give to indicators do
 * not matter.
 *
 * <p>Holds columns up to a number of bytes and lets go of those that were not used for longest.
 * Columns are shared and never copied: never write to them. Thread-safe; who asks for what another
 * thread is computing waits for it.
 */
public final class IndicatorCache {

  /** What one worker keeps: 400 columns of 10,000 bars, or 4 of a million. */
  public static final long BYTES_MAX = 32L << 20;

  private final long bytesMax;

  /** Least recently used first. */
  private final Map<Key, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

  private long bytes;
  private long hits;
  private long misses;

  /** A cache of {@link #BYTES_MAX}. */
  public IndicatorCache() {
    this(BYTES_MAX);
  }

  /**
   * @param bytesMax columns that are larger are computed and not kept
   */
  public IndicatorCache(long bytesMax) {
    if (bytesMax < 0) {
      throw new IllegalArgumentException("bytesMax is " + bytesMax);
    }
    this.bytesMax = bytesMax;
  }

  /**
   * @param type canonical name
   * @param bars fingerprint of all of them
   */
  record Key(String type, IndicatorParameters parameters, Sha256 bars) {

    Key {
      requireNonNull(type, "type is null");
      requireNonNull(parameters, "parameters is null");
      requireNonNull(bars, "bars is null");
    }
  }

  /** Columns, or their promise, and what they weigh once they are there. */
  private record Entry(CompletableFuture<double[][]> columns, long bytes) {}

  /** How often columns were there, or being computed, when they were asked for. */
  public synchronized long hits() {
    return hits;
  }

  /** How often columns had to be computed. */
  public synchronized long misses() {
    return misses;
  }

  /** Of the columns that are kept. */
  public synchronized long bytes() {
    return bytes;
  }

  /**
   * The columns of that key. Who waited for another's and did not get them, because the other was
   * stopped for instance, computes them.
   *
   * @param compute called when there are none; asks this cache for nothing
   */
  double[][] columns(Key key, Supplier<double[][]> compute) {
    CompletableFuture<double[][]> mine = new CompletableFuture<>();
    CompletableFuture<double[][]> known = foundOrPromised(key, mine);
    while (known != null) {
      try {
        return known.join();
      } catch (CompletionException | CancellationException e) {
        known = foundOrPromised(key, mine);
      }
    }
    try {
      double[][] columns = compute.get();
      keep(key, mine, columns);
      mine.complete(columns);
      return columns;
    } catch (RuntimeException | Error e) {
      forget(key);
      mine.completeExceptionally(e);
      throw e;
    }
  }

  /** Null when there was none, and {@code mine} has been promised to all who ask from now on. */
  private synchronized @Nullable CompletableFuture<double[][]> foundOrPromised(
      Key key, CompletableFuture<double[][]> mine) {
    Entry known = entries.get(key);
    if (known != null) {
      hits++;
      return known.columns();
    }
    misses++;
    entries.put(key, new Entry(mine, 0));
    return null;
  }

  private synchronized void keep(
      Key key, CompletableFuture<double[][]> promise, double[][] columns) {
    long size = 0;
    for (double[] column : columns) {
      size += (long) column.length * Double.BYTES;
    }
    if (size > bytesMax) {
      entries.remove(key);
      return;
    }
    entries.put(key, new Entry(promise, size));
    bytes += size;
    Iterator<Entry> oldest = entries.values().iterator();
    while (bytes > bytesMax) {
      Entry entry = oldest.next();
      // What is being computed weighs nothing yet, and others wait for it.
      if (entry.bytes() > 0) {
        bytes -= entry.bytes();
        oldest.remove();
      }
    }
  }

  private synchronized void forget(Key key) {
    entries.remove(key);
  }
}
