package io.ktrdr.worker.runtime;

import io.ktrdr.worker.runtime.RunControl.StopReason;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says every five seconds, from a thread no job can starve, that this worker and its run are alive;
 * learns there that a run was taken away, and stops it.
 */
final class HeartbeatLoop implements AutoCloseable {

  /** A quarter of the lease: one lost heartbeat costs nothing. */
  static final Duration INTERVAL = Duration.ofSeconds(5);

  private static final Logger LOG = LoggerFactory.getLogger(HeartbeatLoop.class);

  private final WorkerStore workers;
  private final RunStore runs;
  private final RunExecution execution;
  private final BooleanSupplier subscribed;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;

  HeartbeatLoop(
      WorkerStore workers, RunStore runs, RunExecution execution, BooleanSupplier subscribed) {
    this.workers = workers;
    this.runs = runs;
    this.execution = execution;
    this.subscribed = subscribed;
    this.thread = Thread.ofPlatform().name("heartbeat").unstarted(this::loop);
  }

  void start() {
    thread.start();
  }

  @Override
  public void close() {
    closing.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void loop() {
    try {
      do {
        beat();
      } while (!closing.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      LOG.debug("Heartbeat ends");
    }
  }

  private void beat() {
    try {
      RunControl run = execution.current();
      workers.heartbeat(run == null ? null : run.operationId(), subscribed.getAsBoolean());
      // A run that ended between the two statements is no longer current: nothing to stop.
      if (run != null && !runs.heartbeat(run.runId()) && execution.current() == run) {
        run.stop(StopReason.FENCED);
      }
    } catch (RuntimeException e) {
      // Whatever went wrong, the next beat must come.
      LOG.warn("Heartbeat not written ({}); work goes on", e.getMessage());
    }
  }
}
