package io.ktrdr.api.access;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How often each of many may do something: an allowance of so many at once, which grows again by so
 * many a second. Of more than {@value #KEYS_MAX}, who was not heard of for longest is forgotten and
 * begins anew. Thread-safe.
 */
public final class RateLimiter {

  /** How many are remembered. */
  static final int KEYS_MAX = 10_000;

  private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

  private final double perSecond;
  private final double atOnce;
  private final LongSupplier nanoTime;
  private final Map<String, Allowance> allowances =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Allowance> eldest) {
          return size() > KEYS_MAX;
        }
      };

  private record Allowance(double left, long at) {}

  /**
   * @param perSecond 0: no limit
   * @param atOnce at least 1
   * @param nanoTime as {@link System#nanoTime()}
   */
  public RateLimiter(double perSecond, double atOnce, LongSupplier nanoTime) {
    this.perSecond = perSecond;
    this.atOnce = atOnce;
    this.nanoTime = nanoTime;
  }

  /**
   * Takes one from an allowance.
   *
   * @return empty when there was one; else how long until there is
   */
  public synchronized Optional<Duration> take(String key) {
    if (perSecond == 0) {
      return Optional.empty();
    }
    long now = nanoTime.getAsLong();
    Allowance before = allowances.getOrDefault(key, new Allowance(atOnce, now));
    double grown = (now - before.at()) / NANOS_PER_SECOND * perSecond;
    double left = Math.min(atOnce, before.left() + grown);
    if (left < 1) {
      allowances.put(key, new Allowance(left, now));
      return Optional.of(
          Duration.ofNanos((long) Math.ceil((1 - left) / perSecond * NANOS_PER_SECOND)));
    }
    allowances.put(key, new Allowance(left - 1, now));
    return Optional.empty();
  }
}
