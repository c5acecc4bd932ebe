package io.ktrdr.worker.runtime;

import io.ktrdr.protocol.OperationStatus;
import io.ktrdr.protocol.RunLease;
import io.ktrdr.worker.runtime.RunControl.StopReason;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says every five seconds, from a thread no job can starve, that this worker and its run are alive,
 * and soon after a run begins or ends what the worker does now. Asks twice a second whether the run
 * was cancelled or taken away, and stops it then. Runs shorter than that cost it nothing. Whatever
 * the API answers to a heartbeat goes to the listener.
 */
final class HeartbeatLoop implements AutoCloseable {

  /** How often it looks, and so the most often it tells the registry of a change. */
  private static final Duration TICK = Duration.ofMillis(200);

  /** How often a run's standing is asked for. */
  static final Duration STANDING_INTERVAL = Duration.ofMillis(500);

  private static final double NANOS_PER_SECOND = 1e9;
  private static final Logger LOG = LoggerFactory.getLogger(HeartbeatLoop.class);

  private final WorkerStore workers;
  private final RunStore runs;
  private final RunExecution execution;
  private final Supplier<Taking> taking;
  private final Consumer<Orders> listener;
  private final Runnable missed;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;

  private @Nullable RunControl seen;
  private @Nullable RunControl told;
  private boolean toldSubscribed;
  private boolean toldDraining;
  private long workerBeat = System.nanoTime() - RunLease.HEARTBEAT_INTERVAL.toNanos();
  private long runBeat;
  private long standingAsked;

  /**
   * @param listener called on this loop's thread; must not wait
   * @param missed called when something could not be written or asked
   */
  HeartbeatLoop(
      WorkerStore workers,
      RunStore runs,
      RunExecution execution,
      Supplier<Taking> taking,
      Consumer<Orders> listener,
      Runnable missed) {
    this.workers = workers;
    this.runs = runs;
    this.execution = execution;
    this.taking = taking;
    this.listener = listener;
    this.missed = missed;
    this.thread = Thread.ofPlatform().name("heartbeat").unstarted(this::loop);
  }

  /**
   * What this worker takes.
   *
   * @param subscribed operations reach it, at the latest after the one in hand
   * @param queues that send it operations right now
   * @param draining it takes no more
   */
  record Taking(boolean subscribed, List<String> queues, boolean draining) {}

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
        try {
          tick(System.nanoTime());
        } catch (RuntimeException e) {
          // Whatever went wrong, the next beat must come.
          missed.run();
          LOG.warn("Heartbeat not written ({}); work goes on", e.getMessage());
        }
      } while (!closing.await(TICK.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      LOG.debug("Heartbeat ends");
    }
  }

  private void tick(long now) {
    RunControl run = execution.current();
    boolean stable = Objects.equals(run, seen);
    if (!stable) {
      seen = run;
      runBeat = now;
      standingAsked = now;
    }
    Taking takes = taking.get();
    // What is gone at the next look is not worth telling: hundreds may pass in a second.
    boolean changed =
        (stable && !Objects.equals(run, told))
            || takes.subscribed() != toldSubscribed
            || takes.draining() != toldDraining;
    if (changed || isDue(now, workerBeat, RunLease.HEARTBEAT_INTERVAL)) {
      workerBeat = now;
      told = run;
      toldSubscribed = takes.subscribed();
      toldDraining = takes.draining();
      listener.accept(workers.heartbeat(beat(run, now, takes)));
    }
    if (run != null && isDue(now, runBeat, RunLease.HEARTBEAT_INTERVAL)) {
      runBeat = now;
      if (!runs.heartbeat(run.runId())) {
        fence(run);
      }
    }
    if (run != null && isDue(now, standingAsked, STANDING_INTERVAL)) {
      standingAsked = now;
      obey(run, runs.standing(run.runId()));
    }
  }

  private static WorkerStore.Beat beat(@Nullable RunControl run, long now, Taking takes) {
    return new WorkerStore.Beat(
        run == null ? null : run.operationId(),
        takes.subscribed(),
        takes.queues(),
        run == null ? null : (Double) ((now - run.progressNanos()) / NANOS_PER_SECOND),
        ResidentMemory.bytes(),
        takes.draining());
  }

  private static boolean isDue(long now, long last, Duration interval) {
    return now - last >= interval.toNanos();
  }

  private static void obey(RunControl run, Optional<RunStore.Standing> standing) {
    if (standing.isEmpty() || !standing.get().open()) {
      fence(run);
    } else if (standing.get().status() == OperationStatus.CANCELLING) {
      String reason = standing.get().cancelReason();
      if (run.stopped() == null) {
        LOG.info("Operation {} is to be cancelled", run.operationId());
      }
      run.stop(StopReason.CANCELLED, reason == null ? "cancelled" : reason);
    }
  }

  /** Does nothing to a run that has ended by itself meanwhile. */
  private static void fence(RunControl run) {
    run.stop(StopReason.FENCED, "this run was taken away from this worker");
  }
}
