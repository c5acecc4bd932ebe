package io.ktrdr.api.control;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.api.access.Actor;
import io.ktrdr.api.audit.AuditStore;
import io.ktrdr.api.operation.OperationLifecycle;
import io.ktrdr.api.operation.OperationLifecycle.Trigger;
import io.ktrdr.api.operation.OperationLifecycle.Verdict;
import io.ktrdr.api.operation.OperationStore;
import io.ktrdr.api.projection.EventProjector;
import io.ktrdr.api.projection.RunViewStore;
import io.ktrdr.api.projection.RunViewStore.UnsettledRun;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.MessageCodec;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationStatus;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cancels an operation. One that no worker has is cancelled at once; its message, wherever it is,
 * will be acknowledged unseen. One with an open run becomes {@code cancelling}, and its run
 * decides: whichever of its end and the cancel is stored first in the claim table counts.
 * Thread-safe.
 */
public final class CancelOperation {

  private static final Logger LOG = LoggerFactory.getLogger(CancelOperation.class);

  private final Jdbi jdbi;
  private final OperationStore operations;
  private final RunViewStore runs;
  private final EventProjector projector;
  private final AuditStore audit;
  private final MessageCodec codec;

  public CancelOperation(
      Jdbi jdbi,
      OperationStore operations,
      RunViewStore runs,
      EventProjector projector,
      AuditStore audit,
      MessageCodec codec) {
    this.jdbi = jdbi;
    this.operations = operations;
    this.runs = runs;
    this.projector = projector;
    this.audit = audit;
    this.codec = codec;
  }

  /** What came of it. */
  public sealed interface Answer {

    /** It is cancelled now. */
    record Cancelled() implements Answer {}

    /** Its run has been asked, now or before, to stop. */
    record Cancelling() implements Answer {}

    /** It had ended before. */
    record EndedBefore(OperationStatus status) implements Answer {}

    /** There is no such operation. */
    record Unknown() implements Answer {}
  }

  /**
   * @param reason for the history and for the user
   */
  public Answer cancel(Actor actor, OperationId id, String reason) {
    return jdbi.inTransaction(handle -> cancel(handle, actor, id, reason));
  }

  private Answer cancel(Handle handle, Actor actor, OperationId id, String reason) {
    // The lock conflicts with the foreign key of a claim: a worker claims before or after this
    // transaction, never in between, and after it finds the operation ended.
    Optional<OperationStore.Locked> found = operations.lock(handle, id);
    if (found.isEmpty()) {
      return new Answer.Unknown();
    }
    OperationStore.Locked operation = found.get();
    Optional<UnsettledRun> run = runs.unsettled(handle, id, operation.settledAttempt());
    String endEvent = run.map(UnsettledRun::endEvent).orElse(null);
    if (endEvent != null) {
      // It has ended and only its event is still on the way: that is what happened first.
      projector.apply(handle, codec.decodeEvent(endEvent.getBytes(StandardCharsets.UTF_8)));
      operation = operations.lock(handle, id).orElseThrow();
      run = Optional.empty();
    }
    boolean open = run.map(UnsettledRun::open).orElse(false);
    return switch (OperationLifecycle.judge(operation.standing(), new Trigger.CancelAsked(open))) {
      case Verdict.Duplicate() -> new Answer.Cancelling();
      case Verdict.Discard(var _) -> new Answer.EndedBefore(operation.standing().status());
      case Verdict.Apply(OperationStatus next, var _) -> apply(handle, actor, id, next, reason);
    };
  }

  private Answer apply(
      Handle handle, Actor actor, OperationId id, OperationStatus next, String reason) {
    if (next == OperationStatus.CANCELLED) {
      operations.cancel(handle, id, 0, reason, null);
      note(handle, actor, id, "operation.cancelled", reason);
      LOG.info("Operation cancelled by {}: {} ({})", actor.name(), id, reason);
      return new Answer.Cancelled();
    }
    operations.askCancel(handle, id, reason);
    note(handle, actor, id, "operation.cancel-requested", reason);
    LOG.info("Operation asked to stop by {}: {} ({})", actor.name(), id, reason);
    return new Answer.Cancelling();
  }

  private void note(Handle handle, Actor actor, OperationId id, String type, String reason) {
    ObjectNode detail = Json.mapper().createObjectNode().put("reason", reason);
    audit.append(handle, actor, type, id.value(), detail);
    ObjectNode payload = detail.put(Actor.FIELD, actor.name());
    operations.appendEvent(handle, id, UUID.randomUUID(), type, null, null, null, payload);
  }
}
