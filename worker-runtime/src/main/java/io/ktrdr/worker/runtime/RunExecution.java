package io.ktrdr.worker.runtime;

import io.ktrdr.protocol.ArtifactRef;
import io.ktrdr.protocol.Failure;
import io.ktrdr.protocol.MessageCodec;
import io.ktrdr.protocol.OperationEvent;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.Progress;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.protocol.WorkerId;
import io.ktrdr.protocol.amqp.ConfirmedPublisher;
import io.ktrdr.worker.OperationFailedException;
import io.ktrdr.worker.OperationHandler;
import io.ktrdr.worker.OperationResult;
import io.ktrdr.worker.RunContext;
import io.ktrdr.worker.RunStoppedException;
import io.ktrdr.worker.runtime.RunControl.StopReason;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Executes a claimed run, as a straight line: started, handler, outcome, outcome into Postgres,
 * outcome to the broker. Called from the intake's thread only; {@link #current()} and {@link #stop}
 * may be called from any.
 */
final class RunExecution {

  private static final Logger LOG = LoggerFactory.getLogger(RunExecution.class);
  private static final Duration DATABASE_RETRY_WAIT = Duration.ofSeconds(1);

  private final OperationType type;
  private final WorkerId workerId;
  private final OperationHandler<?> handler;
  private final RunStore runs;
  private final ArtifactCache artifacts;
  private final ConfirmedPublisher publisher;
  private final MessageCodec codec;
  private final InstantSource clock;
  private volatile @Nullable RunControl current;
  private volatile @Nullable Progress progress;
  private volatile boolean stopping;

  RunExecution(
      OperationType type,
      WorkerId workerId,
      OperationHandler<?> handler,
      RunStore runs,
      ArtifactCache artifacts,
      ConfirmedPublisher publisher,
      MessageCodec codec,
      InstantSource clock) {
    this.type = type;
    this.workerId = workerId;
    this.handler = handler;
    this.runs = runs;
    this.artifacts = artifacts;
    this.publisher = publisher;
    this.codec = codec;
    this.clock = clock;
  }

  /** The run in progress; null between runs. */
  @Nullable RunControl current() {
    return current;
  }

  /** Newest progress of the run in progress. */
  @Nullable Progress progress() {
    return progress;
  }

  /** The worker stops: the run in progress, if any, is handed back at its next step. */
  void stop() {
    stopping = true;
    RunControl run = current;
    if (run != null) {
      run.stop(StopReason.WORKER_STOPPING);
    }
  }

  /**
   * Runs it to its end.
   *
   * @return true when its message is done with, false when it must go back to the queue
   */
  boolean run(Claim.Claimed claimed) throws InterruptedException {
    RunControl run =
        new RunControl(
            claimed.operationId(), claimed.runId(), claimed.attempt(), Thread.currentThread());
    current = run;
    progress = null;
    if (stopping) {
      run.stop(StopReason.WORKER_STOPPING);
    }
    LOG.info("Starting operation: {} (attempt {})", run.operationId(), run.attempt());
    try (EventSender events = new EventSender(publisher, codec, run, type, workerId, clock)) {
      Outcome outcome = perform(claimed, run, events);
      // The handler may have left an interrupt behind that was meant for it alone.
      boolean _ = Thread.interrupted();
      return conclude(run, outcome, events);
    } finally {
      current = null;
    }
  }

  /** How a handler's work ended. */
  private sealed interface Outcome {
    record Succeeded(OperationResult result) implements Outcome {}

    record Failed(Failure failure) implements Outcome {}

    record Stopped(StopReason reason) implements Outcome {}
  }

  private Outcome perform(Claim.Claimed claimed, RunControl run, EventSender events) {
    try {
      return new Outcome.Succeeded(
          invoke(handler, claimed.spec(), new Context(claimed, run, events)));
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
    StopReason reason = run.stopReason();
    if (reason != null) {
      return new Outcome.Stopped(reason);
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

  private boolean conclude(RunControl run, Outcome outcome, EventSender events)
      throws InterruptedException {
    OperationId id = run.operationId();
    return switch (outcome) {
      case Outcome.Succeeded(OperationResult result) -> {
        boolean stored =
            end(
                run,
                "completed",
                events.end(header ->
                    new OperationEvent.Completed(header, result.values(), result.artifacts())));
        if (stored) {
          LOG.info("Operation completed: {}", id);
        }
        yield true;
      }
      case Outcome.Failed(Failure failure) -> {
        boolean stored =
            end(run, "failed", events.end(header -> new OperationEvent.Failed(header, failure)));
        if (stored) {
          LOG.error("Operation failed: {} {}: {}", id, failure.code(), failure.message());
        }
        yield true;
      }
      case Outcome.Stopped(StopReason reason) ->
          switch (reason) {
            case FENCED -> {
              LOG.warn("Operation {} stopped here: its run was taken away", id);
              yield true;
            }
            case WORKER_STOPPING -> {
              events.close();
              runs.release(run.runId(), "worker %s stopped".formatted(workerId));
              LOG.info("Operation handed back: {}", id);
              yield false;
            }
          };
    };
  }

  /** The outcome goes to Postgres first: from then on nothing can lose it. */
  private boolean end(RunControl run, String outcome, OperationEvent event)
      throws InterruptedException {
    byte[] encoded = codec.encode(event);
    if (!endInDatabase(run, outcome, encoded)) {
      LOG.warn(
          "Late outcome of {} discarded: its run was taken away while it worked",
          run.operationId());
      return false;
    }
    run.markEnded();
    EventSender.publishUntilConfirmed(publisher, codec, encoded);
    return true;
  }

  private boolean endInDatabase(RunControl run, String outcome, byte[] event)
      throws InterruptedException {
    while (true) {
      try {
        return runs.end(run.runId(), outcome, event);
      } catch (JdbiException e) {
        LOG.warn(
            "Outcome of {} not stored yet ({}); trying again", run.operationId(), e.getMessage());
        TimeUnit.MILLISECONDS.sleep(DATABASE_RETRY_WAIT.toMillis());
      }
    }
  }

  /** What the handler sees. */
  private final class Context implements RunContext {
    private static final int LOGGED_STEP_PERCENT = 10;

    private final Claim.Claimed claimed;
    private final RunControl run;
    private final EventSender events;
    private int loggedTenths = -1;

    Context(Claim.Claimed claimed, RunControl run, EventSender events) {
      this.claimed = claimed;
      this.run = run;
      this.events = events;
    }

    @Override
    public OperationId operationId() {
      return claimed.operationId();
    }

    @Override
    public int attempt() {
      return claimed.attempt();
    }

    @Override
    public void report(Progress newest) {
      progress = newest;
      events.report(newest);
      int tenths = (int) (newest.percentage() / LOGGED_STEP_PERCENT);
      if (tenths > loggedTenths) {
        loggedTenths = tenths;
        LOG.info(
            "Progress: {}% {} {}",
            String.format(Locale.ROOT, "%.1f", newest.percentage()),
            newest.currentStep(),
            claimed.operationId());
      }
    }

    @Override
    public void throwIfStopped() {
      run.throwIfStopped();
    }

    @Override
    public byte[] artifact(Sha256 sha256) throws InterruptedException {
      return artifacts.read(sha256);
    }

    @Override
    public ArtifactRef storeArtifact(String name, byte[] bytes) throws InterruptedException {
      return artifacts.store(name, bytes);
    }
  }
}
