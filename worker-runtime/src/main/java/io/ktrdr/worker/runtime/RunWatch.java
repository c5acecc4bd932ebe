package io.ktrdr.worker.runtime;

import io.ktrdr.worker.runtime.RunControl.Stop;
import io.ktrdr.worker.runtime.RunControl.StopReason;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds a run to its time, and a handler to its stop: first it is asked, then interrupted, at last
 * ended together with this process. Measures by the monotonic clock, from a thread that waits for
 * nobody.
 */
final class RunWatch implements AutoCloseable {

  /** How long a handler may take to its next step before it is interrupted, again and again. */
  static final Duration INTERRUPT_AFTER = Duration.ofSeconds(1);

  /** How long it may ignore that before the process ends with it. */
  static final Duration HARD_STOP_AFTER = Duration.ofSeconds(30);

  private static final Duration TICK = Duration.ofMillis(200);
  private static final Logger LOG = LoggerFactory.getLogger(RunWatch.class);

  private final Supplier<@Nullable RunControl> current;
  private final Consumer<RunControl> hardStop;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;
  private long interruptedNanos;
  private @Nullable RunControl interrupted;

  /**
   * @param hardStop ends the run and, normally, the process
   */
  RunWatch(Supplier<@Nullable RunControl> current, Consumer<RunControl> hardStop) {
    this.current = current;
    this.hardStop = hardStop;
    this.thread = Thread.ofPlatform().name("run-watch").daemon().unstarted(this::loop);
  }

  void start() {
    thread.start();
  }

  /** Does not wait for a hard stop in progress. */
  @Override
  public void close() {
    closing.countDown();
  }

  private void loop() {
    try {
      while (!closing.await(TICK.toMillis(), TimeUnit.MILLISECONDS)) {
        RunControl run = current.get();
        if (run != null) {
          check(run, System.nanoTime());
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("Watch ends");
    }
  }

  void check(RunControl run, long now) {
    if (run.concluded()) {
      return;
    }
    Stop stop = run.stopped();
    if (stop == null) {
      stopIfOverTime(run, now);
      return;
    }
    long age = now - stop.atNanos();
    // A worker that stops waits as long as it wants to and then hands the run back.
    if (age >= HARD_STOP_AFTER.toNanos() && stop.reason() != StopReason.WORKER_STOPPING) {
      hardStop.accept(run);
    } else if (age >= INTERRUPT_AFTER.toNanos()
        && (run != interrupted || now - interruptedNanos >= INTERRUPT_AFTER.toNanos())) {
      interrupted = run;
      interruptedNanos = now;
      run.interrupt();
    }
  }

  private static void stopIfOverTime(RunControl run, long now) {
    Claim.Limits limits = run.claimed().limits();
    limits
        .run()
        .filter(limit -> now - run.begunNanos() >= limit.toNanos())
        .ifPresent(limit ->
            run.stop(
                StopReason.RUN_TIMEOUT,
                "the run took longer than its limit of %d s".formatted(limit.toSeconds())));
    limits
        .progress()
        .filter(limit -> now - run.progressNanos() >= limit.toNanos())
        .ifPresent(limit ->
            run.stop(
                StopReason.NO_PROGRESS,
                "the run reported nothing new for %d s".formatted(limit.toSeconds())));
  }
}
