package io.ktrdr.api.control;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.api.operation.NextAttempt;
import io.ktrdr.api.operation.OperationLifecycle;
import io.ktrdr.api.operation.OperationLifecycle.Trigger;
import io.ktrdr.api.operation.OperationLifecycle.Verdict;
import io.ktrdr.api.operation.OperationStore;
import io.ktrdr.api.projection.EventProjector;
import io.ktrdr.api.projection.RunViewStore;
import io.ktrdr.api.projection.RunViewStore.EndedRun;
import io.ktrdr.protocol.Failure;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationStatus;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides what becomes of an operation that cannot go on by itself: its run was taken away, or no
 * worker has come for it. Works in the caller's transaction. Thread-safe.
 */
public final class StrandedOperation {

  private static final Logger LOG = LoggerFactory.getLogger(StrandedOperation.class);

  private final OperationStore operations;
  private final RunViewStore runs;
  private final EventProjector projector;
  private final NextAttempt nextAttempt;

  public StrandedOperation(
      OperationStore operations,
      RunViewStore runs,
      EventProjector projector,
      NextAttempt nextAttempt) {
    this.operations = operations;
    this.runs = runs;
    this.projector = projector;
    this.nextAttempt = nextAttempt;
  }

  /** What was decided. */
  public sealed interface Decision {

    /** Something else has happened meanwhile. */
    record Nothing() implements Decision {}

    /** It waits for a worker again. */
    record Requeued() implements Decision {}

    /** It had been asked to stop, and is cancelled. */
    record Cancelled() implements Decision {}

    /** It has failed. */
    record Failed(Failure failure) implements Decision {}
  }

  /**
   * @param run its last, which was lost or handed back
   */
  public Decision runGone(Handle handle, OperationId id, EndedRun run) {
    OperationStore.Locked operation = operations.lock(handle, id).orElseThrow();
    int spent = runs.attemptsSpent(handle, id, operation.attemptsForgiven());
    boolean attemptLeft = spent < operation.maxAttempts();
    Verdict verdict =
        OperationLifecycle.judge(operation.standing(), new Trigger.RunGone(attemptLeft));
    if (run.attempt() <= operation.settledAttempt()
        || runs.highestAttempt(handle, id) != run.attempt()
        || !(verdict instanceof Verdict.Apply(OperationStatus next, var _))) {
      return new Decision.Nothing();
    }
    projector.recordTakenAway(handle, id, run);
    return switch (next) {
      case PENDING -> {
        nextAttempt.now(handle, id, operation.type(), run.attempt());
        LOG.warn(
            "Operation {} goes back to its queue: attempt {} {} ({})",
            id,
            run.attempt(),
            run.outcome(),
            run.reason());
        yield new Decision.Requeued();
      }
      case CANCELLED -> {
        String reason = "cancelled; its run was %s: %s".formatted(run.outcome(), run.reason());
        operations.cancel(handle, id, 0, reason, null);
        append(
            handle,
            id,
            "operation.cancelled",
            Json.mapper().createObjectNode().put("reason", reason));
        LOG.info("Operation cancelled: {} ({})", id, reason);
        yield new Decision.Cancelled();
      }
      case FAILED ->
          fail(
              handle,
              id,
              new Failure(
                  "WORKER_LOST",
                  "%d attempts were lost or failed; the last: %s. If it always kills its worker, the "
                          .formatted(spent, run.reason())
                      + "worker's log says how; to try it again: ktrdr operations retry "
                      + id,
                  false));
      case RUNNING, CANCELLING, COMPLETED ->
          throw new IllegalStateException("a lost run makes no operation " + next);
    };
  }

  /** It has waited in its queue for longer than it may. */
  public Decision queueTimedOut(Handle handle, OperationId id, long waitedSeconds) {
    OperationStore.Locked operation = operations.lock(handle, id).orElseThrow();
    boolean runUnsettled =
        runs.unsettled(handle, id, operation.settledAttempt())
            .map(run -> run.open() || run.endEvent() != null)
            .orElse(false);
    return OperationLifecycle.judge(operation.standing(), new Trigger.QueueTimedOut(runUnsettled))
            instanceof Verdict.Apply
        ? fail(
            handle,
            id,
            new Failure(
                "QUEUE_TIMEOUT",
                "no worker took it within %d s. Start workers of type %s, or allow more time"
                    .formatted(waitedSeconds, operation.type().wireName()),
                false))
        : new Decision.Nothing();
  }

  /** Its run has ended with an outcome that cannot be applied. */
  public Decision outcomeUnreadable(Handle handle, OperationId id, String why) {
    OperationStore.Locked operation = operations.lock(handle, id).orElseThrow();
    if (operation.standing().status().isTerminal()) {
      return new Decision.Nothing();
    }
    return fail(
        handle,
        id,
        new Failure(
            "OUTCOME_UNREADABLE",
            "its run has ended, but what it reported cannot be applied: " + why,
            false));
  }

  private Decision fail(Handle handle, OperationId id, Failure failure) {
    operations.fail(handle, id, 0, failure);
    append(handle, id, "operation.failed", Json.mapper().valueToTree(failure));
    LOG.error("Operation failed: {} {}: {}", id, failure.code(), failure.message());
    return new Decision.Failed(failure);
  }

  private void append(Handle handle, OperationId id, String type, ObjectNode payload) {
    operations.appendEvent(handle, id, UUID.randomUUID(), type, null, null, null, payload);
  }
}
