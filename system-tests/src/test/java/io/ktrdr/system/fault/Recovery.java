package io.ktrdr.system.fault;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** The stopwatch of one fault: from the fault to what the user is promised. */
final class Recovery {

  private static final Duration POLL = Duration.ofMillis(25);

  /** A missed bound is worth knowing by how much. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final double NANOS = 1e9;

  private final double bound;
  private long started;
  private double seconds = Double.NaN;

  Recovery(double bound) {
    this.bound = bound;
  }

  /** The fault happens now. */
  void start() {
    started = System.nanoTime();
  }

  /** Waits until the outcome is there and takes the time. */
  void await(String outcome, Callable<Boolean> there) {
    Duration limit = Duration.ofNanos((long) (bound * NANOS)).plus(PATIENCE);
    try {
      Awaitility.await(outcome)
          .pollDelay(Duration.ZERO)
          .pollInterval(POLL)
          .atMost(limit)
          .ignoreExceptions()
          .until(there);
    } catch (ConditionTimeoutException e) {
      end();
      throw e;
    }
    end();
    assertThat(seconds).as("seconds until " + outcome).isLessThanOrEqualTo(bound);
  }

  /** The outcome is there now. The latest call counts. */
  void end() {
    if (started == 0) {
      throw new IllegalStateException("start() was never called");
    }
    seconds = (System.nanoTime() - started) / NANOS;
  }

  /** The outcome is a figure measured otherwise, such as the slowest of several answers. */
  void measured(Duration worst) {
    seconds = worst.toNanos() / NANOS;
  }

  /** Seconds measured; not a number before the end. */
  double seconds() {
    return seconds;
  }
}
