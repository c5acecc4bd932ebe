package io.ktrdr.worker.runtime;

import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.RunId;
import io.ktrdr.worker.RunStoppedException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One claimed run: the reason it must stop, if there is one, and who says how it ended. Times are
 * {@link System#nanoTime()}. Thread-safe.
 */
final class RunControl {

  /** Why a run ends early, which decides what is said about it. */
  enum StopReason {
    /** The claim was taken away: what it still says is recorded as discarded. */
    FENCED,
    /** The worker stops: the operation is handed back. */
    WORKER_STOPPING,
    /** Somebody asked for it. */
    CANCELLED,
    /** It took longer than its operation allows. */
    RUN_TIMEOUT,
    /** It reported nothing new for longer than its operation allows. */
    NO_PROGRESS
  }

  /**
   * A stop that was asked for.
   *
   * @param sentence for log, event and user
   * @param atNanos when
   */
  record Stop(StopReason reason, String sentence, long atNanos) {}

  private final Claim.Claimed claimed;
  private final RunTrace trace;
  private final Thread thread;
  private final Runnable acknowledge;
  private final long begunNanos;
  private final AtomicReference<@Nullable Stop> stop = new AtomicReference<>();
  private final AtomicBoolean concluded = new AtomicBoolean();
  private final Object interrupting = new Object();
  private boolean interruptible = true;
  private volatile long progressNanos;

  /** As the other, not traced. */
  RunControl(Claim.Claimed claimed, Thread thread, Runnable acknowledge, long nowNanos) {
    this(claimed, RunTrace.NONE, thread, acknowledge, nowNanos);
  }

  /**
   * @param thread the one the handler runs on
   * @param acknowledge settles the operation's message for good
   */
  RunControl(
      Claim.Claimed claimed, RunTrace trace, Thread thread, Runnable acknowledge, long nowNanos) {
    this.claimed = claimed;
    this.trace = trace;
    this.thread = thread;
    this.acknowledge = acknowledge;
    this.begunNanos = nowNanos;
    this.progressNanos = nowNanos;
  }

  Claim.Claimed claimed() {
    return claimed;
  }

  RunTrace trace() {
    return trace;
  }

  OperationId operationId() {
    return claimed.operationId();
  }

  RunId runId() {
    return claimed.runId();
  }

  int attempt() {
    return claimed.attempt();
  }

  long begunNanos() {
    return begunNanos;
  }

  /** When something new was last reported; at first, when the run began. */
  long progressNanos() {
    return progressNanos;
  }

  void progressed(long nowNanos) {
    progressNanos = nowNanos;
  }

  /** Asks the handler to stop at its next step. The first reason counts, and none after the end. */
  void stop(StopReason reason, String sentence) {
    if (!concluded.get()) {
      stop.compareAndSet(null, new Stop(reason, sentence, System.nanoTime()));
    }
  }

  /** Null while the run may go on. */
  @Nullable Stop stopped() {
    return stop.get();
  }

  void throwIfStopped() {
    Stop asked = stop.get();
    if (asked != null) {
      throw new RunStoppedException(asked.sentence());
    }
  }

  /** Wakes a handler that waits; does nothing while an interrupt would not be for the handler. */
  void interrupt() {
    synchronized (interrupting) {
      if (interruptible) {
        thread.interrupt();
      }
    }
  }

  /**
   * Says whether {@link #interrupt()} may interrupt. Called on the handler's thread: once it has
   * said no, no interrupt meant for the handler is pending or arrives.
   */
  void interruptible(boolean now) {
    synchronized (interrupting) {
      interruptible = now;
      if (!now) {
        boolean _ = Thread.interrupted();
      }
    }
  }

  /**
   * Takes it upon the caller to say how the run ended.
   *
   * @return false when somebody else has
   */
  boolean conclude() {
    return concluded.compareAndSet(false, true);
  }

  boolean concluded() {
    return concluded.get();
  }

  void acknowledge() {
    acknowledge.run();
  }
}
