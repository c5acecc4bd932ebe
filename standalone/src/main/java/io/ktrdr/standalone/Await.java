package io.ktrdr.standalone;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waiting for a condition of another process, always with a deadline. */
final class Await {

  private Await() {}

  /**
   * Asks {@code condition} now and then every {@code interval} until it holds.
   *
   * @return whether it held before {@code limit} was over
   * @throws StandaloneException {@code INTERRUPTED} when the waiting thread was interrupted
   */
  static boolean until(Duration limit, Duration interval, BooleanSupplier condition) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      LockSupport.parkNanos(Math.min(left, interval.toNanos()));
      if (Thread.interrupted()) {
        Thread.currentThread().interrupt();
        throw new StandaloneException("INTERRUPTED", "Interrupted while waiting for a process.");
      }
    }
    return true;
  }
}
