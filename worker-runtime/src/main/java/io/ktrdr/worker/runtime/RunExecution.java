package io.ktrdr.worker.runtime;

import io.ktrdr.protocol.Failure;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.Progress;
import io.ktrdr.worker.OperationFailedException;
import io.ktrdr.worker.OperationHandler;
import io.ktrdr.worker.OperationResult;
import io.ktrdr.worker.RunContext;
import io.ktrdr.worker.RunStoppedException;
import io.ktrdr.worker.runtime.RunControl.Stop;
import io.ktrdr.worker.runtime.RunControl.StopReason;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Executes a claimed run, as a straight line: handler, outcome, {@link RunConclusion}. Called from
 * the intake's thread only; everything but {@link #run} may be called from any.
 */
final class RunExecution {

  private static final Logger LOG = LoggerFactory.getLogger(RunExecution.class);

  private final OperationHandler<?> handler;
  private final RunStore runs;
  private final ArtifactCache artifacts;
  private final EventSender sender;
  private final RunConclusion conclusion;
  private final Duration checkpointInterval;
  private volatile @Nullable Active active;
  private volatile boolean stopping;

  RunExecution(
      OperationHandler<?> handler,
      RunStore runs,
      ArtifactCache artifacts,
      EventSender sender,
      RunConclusion conclusion,
      Duration checkpointInterval) {
    this.handler = handler;
    this.runs = runs;
    this.artifacts = artifacts;
    this.sender = sender;
    this.conclusion = conclusion;
    this.checkpointInterval = checkpointInterval;
  }

  /** What becomes of an operation's message. */
  enum Settling {
    /** It is done with. */
    ACKNOWLEDGE,
    /** It goes back to its queue. */
    RETURN,
    /** Somebody else sees to it. */
    LEAVE
  }

  /** The run in progress. */
  private record Active(RunControl run, RunEvents events) {}

  /** The run in progress; null between runs. */
  @Nullable RunControl current() {
    Active now = active;
    return now == null ? null : now.run();
  }

  /** Newest progress of the run in progress. */
  @Nullable Progress progress() {
    Active now = active;
    return now == null ? null : now.events().newest();
  }

  /** The worker stops: the run in progress, if any, is handed back at its next step. */
  void stop() {
    stopping = true;
    RunControl run = current();
    if (run != null) {
      stop(run);
    }
  }

  private static void stop(RunControl run) {
    run.stop(StopReason.WORKER_STOPPING, "the worker is stopping");
  }

  /**
   * Ends a run whose handler does not obey its stop, from another thread; the handler may still be
   * at it. Waits until the outcome is stored and published.
   *
   * @return what is to become of the message; LEAVE when the handler came back first
   */
  Settling endWithoutHandler(RunControl run) throws InterruptedException {
    Active now = active;
    Stop stop = run.stopped();
    if (now == null || now.run() != run || stop == null || !run.conclude()) {
      return Settling.LEAVE;
    }
    sender.quiet();
    return conclusion.conclude(run, new Outcome.Stopped(stop, Optional.empty()), now.events());
  }

  /** The process ends now, whatever the handler does: hands its run back. */
  void abandon() {
    RunControl run = current();
    if (run != null && run.conclude()) {
      conclusion.release(run);
    }
  }

  /** Runs it to its end. */
  Settling run(Claim.Claimed claimed, RunTrace trace, Runnable acknowledge)
      throws InterruptedException {
    Instant begun = Instant.now();
    RunControl run =
        new RunControl(claimed, trace, Thread.currentThread(), acknowledge, System.nanoTime());
    RunEvents events = sender.begin(run);
    active = new Active(run, events);
    if (stopping) {
      stop(run);
    }
    LOG.info("Starting operation: {} (attempt {})", run.operationId(), run.attempt());
    try {
      HandlerContext context = new HandlerContext(run, events, runs, artifacts, checkpointInterval);
      Outcome outcome = perform(claimed, run, context);
      trace.ran(begun, outcome);
      // The handler may have left an interrupt behind that was meant for it alone.
      run.interruptible(false);
      Outcome whole = withPartialResult(outcome, run, context);
      sender.quiet();
      return run.conclude()
          ? trace.step("conclude", () -> conclusion.conclude(run, whole, events))
          : Settling.LEAVE;
    } finally {
      active = null;
    }
  }

  private Outcome perform(Claim.Claimed claimed, RunControl run, RunContext context) {
    try {
      return new Outcome.Succeeded(invoke(handler, claimed.spec(), context));
    } catch (OperationFailedException e) {
      return stoppedOr(run, new Outcome.Failed(e.failure()), e);
    } catch (RunStoppedException | InterruptedException e) {
      return stoppedOr(run, unexpected(e), e);
    } catch (RuntimeException e) {
      return stoppedOr(run, unexpected(e), e);
    } catch (StackOverflowError | LinkageError | AssertionError e) {
      // The worker lives on: only this operation is at fault. Running out of memory is not caught,
      // because a process that has may do anything next.
      return stoppedOr(run, unexpected(e), e);
    }
  }

  private static Outcome stoppedOr(RunControl run, Outcome failed, Throwable cause) {
    Stop stop = run.stopped();
    if (stop != null) {
      return new Outcome.Stopped(stop, Optional.empty());
    }
    LOG.warn("Operation {} fails", run.operationId(), cause);
    return failed;
  }

  private static Outcome unexpected(Throwable cause) {
    return new Outcome.Failed(
        new Failure(
            "INTERNAL_ERROR",
            "unexpected %s; the worker's log has the details"
                .formatted(cause.getClass().getSimpleName()),
            false));
  }

  private static <S extends OperationSpec> OperationResult invoke(
      OperationHandler<S> handler, OperationSpec spec, RunContext context)
      throws InterruptedException {
    if (!handler.specType().isInstance(spec)) {
      throw OperationFailedException.permanent(
          "SPEC_MISMATCH",
          "this worker cannot run a %s operation".formatted(spec.operationType().wireName()));
    }
    return handler.run(handler.specType().cast(spec), context);
  }

  private static Outcome withPartialResult(
      Outcome outcome, RunControl run, HandlerContext context) {
    if (!(outcome instanceof Outcome.Stopped(Stop stop, var _))
        || stop.reason() != StopReason.CANCELLED) {
      return outcome;
    }
    try {
      return new Outcome.Stopped(stop, context.partial().soFar());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      LOG.warn("No partial result of {}: this process ends", run.operationId());
    } catch (RuntimeException e) {
      LOG.warn("No partial result of {}", run.operationId(), e);
    }
    return outcome;
  }
}
