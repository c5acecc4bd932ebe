package io.ktrdr.worker.runtime;

import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.RunId;
import io.ktrdr.worker.RunStoppedException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One claimed run and the reason it must stop, if there is one. Thread-safe. */
final class RunControl {

  /** Why a run ends early, which decides what is said about it. */
  enum StopReason {
    /** The claim was taken away: whatever this run still says is ignored, so it says nothing. */
    FENCED("this run was taken away from this worker"),
    /** The worker stops: the operation is handed back. */
    WORKER_STOPPING("the worker is stopping");

    private final String sentence;

    StopReason(String sentence) {
      this.sentence = sentence;
    }
  }

  private final OperationId operationId;
  private final RunId runId;
  private final int attempt;
  private final Thread thread;
  private final AtomicReference<@Nullable StopReason> stop = new AtomicReference<>();
  private volatile boolean ended;

  /**
   * @param thread the one the handler runs on
   */
  RunControl(OperationId operationId, RunId runId, int attempt, Thread thread) {
    this.operationId = operationId;
    this.runId = runId;
    this.attempt = attempt;
    this.thread = thread;
  }

  OperationId operationId() {
    return operationId;
  }

  RunId runId() {
    return runId;
  }

  int attempt() {
    return attempt;
  }

  /** The outcome is stored: there is nothing left to stop, only the outcome to publish. */
  void markEnded() {
    ended = true;
  }

  /** Asks the handler to stop at its next step, and interrupts it if it is waiting. */
  void stop(StopReason reason) {
    if (!ended && stop.compareAndSet(null, reason)) {
      thread.interrupt();
    }
  }

  @Nullable StopReason stopReason() {
    return stop.get();
  }

  void throwIfStopped() {
    StopReason reason = stop.get();
    if (reason != null) {
      throw new RunStoppedException(reason.sentence);
    }
  }
}
