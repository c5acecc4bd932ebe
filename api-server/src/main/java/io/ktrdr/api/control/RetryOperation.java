package io.ktrdr.api.control;

import io.ktrdr.api.access.Actor;
import io.ktrdr.api.audit.AuditStore;
import io.ktrdr.api.operation.NextAttempt;
import io.ktrdr.api.operation.OperationLifecycle;
import io.ktrdr.api.operation.OperationLifecycle.Trigger;
import io.ktrdr.api.operation.OperationLifecycle.Verdict;
import io.ktrdr.api.operation.OperationStore;
import io.ktrdr.api.projection.RunViewStore;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationStatus;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives an operation that failed or was cancelled another go, with the same id, the same frozen
 * spec and all its attempts again. Thread-safe.
 */
public final class RetryOperation {

  private static final Logger LOG = LoggerFactory.getLogger(RetryOperation.class);

  private final Jdbi jdbi;
  private final OperationStore operations;
  private final RunViewStore runs;
  private final NextAttempt nextAttempt;
  private final AuditStore audit;

  public RetryOperation(
      Jdbi jdbi,
      OperationStore operations,
      RunViewStore runs,
      NextAttempt nextAttempt,
      AuditStore audit) {
    this.jdbi = jdbi;
    this.operations = operations;
    this.runs = runs;
    this.nextAttempt = nextAttempt;
    this.audit = audit;
  }

  /** Where the next attempt begins. */
  public enum From {
    /** At the beginning. */
    THE_START("operation.retried"),
    /** At the newest checkpoint; refused when there is none. */
    CHECKPOINT("operation.resumed");

    private final String eventType;

    From(String eventType) {
      this.eventType = eventType;
    }
  }

  /** What came of it. */
  public sealed interface Answer {

    /** It waits for a worker. */
    record Pending() implements Answer {}

    /** It has not ended, or has ended well. */
    record Refused(OperationStatus status) implements Answer {}

    /** There is nothing to go on from. */
    record NoCheckpoint() implements Answer {}

    /** There is no such operation. */
    record Unknown() implements Answer {}
  }

  public Answer retry(Actor actor, OperationId id, From from) {
    return jdbi.inTransaction(handle -> {
      Answer answer = retry(handle, actor, id, from);
      if (answer instanceof Answer.Pending) {
        audit.append(handle, actor, from.eventType, id.value(), Json.mapper().createObjectNode());
      }
      return answer;
    });
  }

  /**
   * As {@link #retry(Actor, OperationId, From)}, in the caller's transaction and without the audit.
   */
  public Answer retry(Handle handle, Actor actor, OperationId id, From from) {
    Optional<OperationStore.Locked> found = operations.lock(handle, id);
    if (found.isEmpty()) {
      return new Answer.Unknown();
    }
    OperationStore.Locked operation = found.get();
    return switch (OperationLifecycle.judge(operation.standing(), new Trigger.RetryAsked())) {
      case Verdict.Duplicate(), Verdict.Discard(var _) ->
          new Answer.Refused(operation.standing().status());
      case Verdict.Apply(var _, var _) -> {
        if (from == From.CHECKPOINT && !runs.hasCheckpoint(handle, id)) {
          yield new Answer.NoCheckpoint();
        }
        nextAttempt.byHand(
            handle, id, operation.type(), runs.highestAttempt(handle, id), from == From.CHECKPOINT);
        operations.appendEvent(
            handle,
            id,
            UUID.randomUUID(),
            from.eventType,
            null,
            null,
            null,
            Json.mapper().createObjectNode().put(Actor.FIELD, actor.name()));
        LOG.info("Operation begins anew: {} ({} by {})", id, from.eventType, actor.name());
        yield new Answer.Pending();
      }
    };
  }
}
