package io.ktrdr.api.strategy;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.ktrdr.api.http.ProblemException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/** The one place in which a look-ahead check runs; others wait for it a while. Thread-safe. */
final class CheckPlace {

  /** How long a check waits for the one that runs. */
  static final Duration WAIT_MAX = Duration.ofSeconds(10);

  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

  private final Semaphore free = new Semaphore(1, true);
  private final Duration wait;

  /**
   * @param wait how long a check waits
   */
  CheckPlace(Duration wait) {
    this.wait = wait;
  }

  /**
   * What {@code check} gives or throws.
   *
   * @throws ProblemException 503 CHECKS_EXHAUSTED when the place does not become free in time
   */
  <T> T run(Supplier<T> check) {
    if (!acquired()) {
      throw ProblemException.retryLater(
          "CHECKS_EXHAUSTED", "Other look-ahead checks are running; try again later", RETRY_AFTER);
    }
    try {
      return check.get();
    } finally {
      free.release();
    }
  }

  private boolean acquired() {
    try {
      return free.tryAcquire(wait.toNanos(), NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
