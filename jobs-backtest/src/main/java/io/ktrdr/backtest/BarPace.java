package io.ktrdr.backtest;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A test aid: makes each bar last a while, so that a run can be watched, cancelled and killed.
 *
 * <p>Off by default. The system property {@value #SETTING}, or the environment variable of that
 * name, is the delay in milliseconds, at most {@value #DELAY_MAX_MILLIS}. It changes no result.
 */
final class BarPace {

  static final String SETTING = "KTRDR_BACKTEST_BAR_DELAY_MS";
  static final int DELAY_MAX_MILLIS = 60_000;

  private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final long delayNanos;

  private BarPace(long delayNanos) {
    this.delayNanos = delayNanos;
  }

  /**
   * @throws IllegalArgumentException when the setting is not a number within its bounds
   */
  static BarPace fromSettings(Map<String, String> environment) {
    String text = System.getProperty(SETTING, environment.getOrDefault(SETTING, "0"));
    try {
      long millis = Long.parseLong(text);
      if (millis >= 0 && millis <= DELAY_MAX_MILLIS) {
        return new BarPace(TimeUnit.MILLISECONDS.toNanos(millis));
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(complaint(text), e);
    }
    throw new IllegalArgumentException(complaint(text));
  }

  /** True when bars are to last. */
  boolean isSet() {
    return delayNanos > 0;
  }

  /**
   * Waits one bar's time; ends at once when the thread is interrupted.
   *
   * @param check called several times a second; ends the wait when it throws
   */
  void await(Runnable check) throws InterruptedException {
    if (delayNanos == 0) {
      return;
    }
    long deadline = System.nanoTime() + delayNanos;
    for (long left = delayNanos; left > 0; left = deadline - System.nanoTime()) {
      check.run();
      LockSupport.parkNanos(this, Math.min(left, SLICE_NANOS));
      if (Thread.interrupted()) {
        throw new InterruptedException("interrupted between two bars");
      }
    }
  }

  private static String complaint(String text) {
    return "%s must be 0 to %d milliseconds, not '%s'".formatted(SETTING, DELAY_MAX_MILLIS, text);
  }
}
