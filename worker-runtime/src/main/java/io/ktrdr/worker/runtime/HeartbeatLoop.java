package io.ktrdr.worker.runtime;

import io.ktrdr.protocol.RunLease;
import io.ktrdr.worker.runtime.RunControl.StopReason;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says every five seconds, and as soon as a run begins or ends, from a thread no job can starve,
 * that this worker and its run are alive; learns there that a run was taken away, and stops it.
 */
final class HeartbeatLoop implements AutoCloseable {

  /** How soon the registry learns of a run that began or ended. */
  private static final Duration WATCH_INTERVAL = Duration.ofMillis(200);

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
    RunControl told = null;
    boolean toldSubscribed = false;
    long lastBeat = System.nanoTime() - RunLease.HEARTBEAT_INTERVAL.toNanos();
    try {
      do {
        RunControl run = execution.current();
        boolean subscribedNow = subscribed.getAsBoolean();
        boolean due = System.nanoTime() - lastBeat >= RunLease.HEARTBEAT_INTERVAL.toNanos();
        if (due || !Objects.equals(run, told) || subscribedNow != toldSubscribed) {
          told = run;
          toldSubscribed = subscribedNow;
          lastBeat = System.nanoTime();
          beat(run, subscribedNow);
        }
      } while (!closing.await(WATCH_INTERVAL.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      LOG.debug("Heartbeat ends");
    }
  }

  private void beat(@Nullable RunControl run, boolean subscribedNow) {
    try {
      workers.heartbeat(run == null ? null : run.operationId(), subscribedNow);
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
