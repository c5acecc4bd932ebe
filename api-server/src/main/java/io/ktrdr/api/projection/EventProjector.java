package io.ktrdr.api.projection;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.api.artifact.ArtifactStore;
import io.ktrdr.api.model.ModelStore;
import io.ktrdr.api.model.ModelVersion;
import io.ktrdr.api.operation.NextAttempt;
import io.ktrdr.api.operation.OperationLifecycle;
import io.ktrdr.api.operation.OperationLifecycle.Trigger;
import io.ktrdr.api.operation.OperationLifecycle.Verdict;
import io.ktrdr.api.operation.OperationStore;
import io.ktrdr.protocol.ArtifactRef;
import io.ktrdr.protocol.DatasetRef;
import io.ktrdr.protocol.EventHeader;
import io.ktrdr.protocol.Failure;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.MessageCodec;
import io.ktrdr.protocol.OperationEvent;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.OperationStatus;
import io.ktrdr.protocol.Progress;
import io.ktrdr.protocol.RunId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies events to operations: each once, in order, and none that is late or foreign. The only
 * writer of an operation's state besides submit and rescue. Works in the caller's transaction.
 */
public final class EventProjector {

  /** Progress is kept in the history at most once for every so many percent: 20 an attempt. */
  private static final int KEPT_PROGRESS_PERCENT = 5;

  private static final double MILLIS_PER_SECOND = 1000.0;
  private static final Logger LOG = LoggerFactory.getLogger(EventProjector.class);

  private final OperationStore operations;
  private final RunViewStore runs;
  private final ArtifactStore artifacts;
  private final ModelStore models;
  private final NextAttempt nextAttempt;
  private final PlainEvents plain;

  public EventProjector(
      OperationStore operations,
      RunViewStore runs,
      ArtifactStore artifacts,
      ModelStore models,
      NextAttempt nextAttempt) {
    this.operations = operations;
    this.runs = runs;
    this.artifacts = artifacts;
    this.models = models;
    this.nextAttempt = nextAttempt;
    this.plain = new PlainEvents(new PlainEventStore(), runs, operations);
  }

  /** Applies many; the order counts among those of one operation only. */
  void applyAll(Handle handle, List<OperationEvent> events) {
    plain.apply(handle, events).forEach(event -> apply(handle, event));
  }

  public void apply(Handle handle, OperationEvent event) {
    EventHeader header = event.header();
    Optional<OperationStore.Locked> found = operations.lock(handle, header.operationId());
    if (found.isEmpty()) {
      LOG.warn("Event of unknown operation {} ignored", header.operationId());
      return;
    }
    OperationStore.Locked operation = found.get();
    boolean takenAway = runs.takenAway(handle, header.runId());
    int attemptsSpent = attemptsSpent(handle, operation, event);
    Trigger heard = new Trigger.Heard(event, takenAway, attemptsSpent < operation.maxAttempts());
    switch (OperationLifecycle.judge(operation.standing(), heard)) {
      case Verdict.Duplicate() -> LOG.debug("Event {} seen before", header.eventId());
      case Verdict.Discard(String reason) -> discard(handle, event, reason);
      case Verdict.Apply apply -> {
        if (apply.newRun()) {
          adopt(handle, operation, apply.next(), header);
        }
        change(handle, operation, event, apply.next(), attemptsSpent);
      }
    }
  }

  /** Counted only when it matters: the failed run itself is among them already. */
  private int attemptsSpent(Handle handle, OperationStore.Locked operation, OperationEvent event) {
    return event instanceof OperationEvent.Failed(var _, Failure failure) && failure.retryable()
        ? runs.attemptsSpent(handle, operation.id(), operation.attemptsForgiven())
        : 0;
  }

  private void adopt(
      Handle handle, OperationStore.Locked operation, OperationStatus next, EventHeader header) {
    for (RunViewStore.EndedRun run :
        runs.endedUnsettled(handle, operation.id(), operation.settledAttempt(), header.attempt())) {
      recordTakenAway(handle, operation.id(), run);
    }
    operations.adoptRun(
        handle,
        operation.id(),
        next == OperationStatus.CANCELLING ? next : OperationStatus.RUNNING,
        header.attempt(),
        header.runId(),
        header.workerId().value());
  }

  /** Writes into the history that a run was lost or handed back. */
  public void recordTakenAway(Handle handle, OperationId id, RunViewStore.EndedRun run) {
    operations.appendEvent(
        handle,
        id,
        run.eventId(),
        "run." + run.outcome(),
        run.attempt(),
        run.runId(),
        run.workerId(),
        Json.mapper().createObjectNode().put("reason", run.reason()));
  }

  private void change(
      Handle handle,
      OperationStore.Locked operation,
      OperationEvent event,
      OperationStatus next,
      int attemptsSpent) {
    EventHeader header = event.header();
    OperationId id = operation.id();
    switch (event) {
      case OperationEvent.Started _ -> {
        operations.markApplied(handle, id, header.seq());
        record(handle, event, Json.mapper().createObjectNode());
        LOG.info("Operation started: {} on {}", id, header.workerId());
      }
      case OperationEvent.Progressed(var _, Progress progress) -> {
        operations.progress(handle, id, header.seq(), progress);
        if (isKept(operation.percentage(), progress.percentage())) {
          record(handle, event, kept(progress));
        }
      }
      case OperationEvent.Completed completed -> complete(handle, operation, completed);
      case OperationEvent.Failed failed -> fail(handle, operation, failed, next, attemptsSpent);
      case OperationEvent.Cancelled cancelled -> {
        cancelled.artifacts().forEach(artifact -> keep(handle, id, artifact));
        ObjectNode partial = cancelled.partialResult();
        operations.cancel(
            handle,
            id,
            header.seq(),
            cancelled.reason(),
            partial == null ? null : partial.deepCopy().put("partial", true));
        record(handle, event, Json.mapper().createObjectNode().put("reason", cancelled.reason()));
        LOG.info("Operation cancelled: {}", id);
      }
    }
  }

  /** True when the history should tell of this progress. */
  static boolean isKept(double percentageBefore, double percentage) {
    return (int) (percentage / KEPT_PROGRESS_PERCENT)
        > (int) (percentageBefore / KEPT_PROGRESS_PERCENT);
  }

  /** What the history tells of progress. */
  static ObjectNode kept(Progress progress) {
    return Json.mapper()
        .createObjectNode()
        .put("percentage", progress.percentage())
        .put("current_step", progress.currentStep());
  }

  private void fail(
      Handle handle,
      OperationStore.Locked operation,
      OperationEvent.Failed event,
      OperationStatus next,
      int attemptsSpent) {
    EventHeader header = event.header();
    OperationId id = operation.id();
    Failure failure = event.failure();
    ObjectNode payload = Json.mapper().valueToTree(failure);
    switch (next) {
      case PENDING -> {
        Duration wait =
            nextAttempt.afterFailure(handle, id, operation.type(), header.attempt(), attemptsSpent);
        payload.put("next_attempt_in_seconds", wait.toMillis() / MILLIS_PER_SECOND);
        record(handle, event, "run.failed", payload);
        LOG.warn(
            "Attempt {} of {} failed: {}: {}; the next one in {} ms",
            header.attempt(),
            id,
            failure.code(),
            failure.message(),
            wait.toMillis());
      }
      case CANCELLED -> {
        operations.cancel(handle, id, header.seq(), "cancelled while it failed", null);
        record(handle, event, "operation.cancelled", payload);
        LOG.info("Operation cancelled: {}", id);
      }
      case FAILED -> {
        operations.fail(handle, id, header.seq(), failure);
        record(handle, event, payload);
        LOG.warn("Operation failed: {} {}: {}", id, failure.code(), failure.message());
      }
      case RUNNING, CANCELLING, COMPLETED ->
          throw new IllegalStateException("a failed run makes no operation " + next);
    }
  }

  private void complete(
      Handle handle, OperationStore.Locked operation, OperationEvent.Completed event) {
    OperationId id = operation.id();
    for (ArtifactRef artifact : event.artifacts()) {
      if (!keep(handle, id, artifact)) {
        Failure missing =
            new Failure(
                "ARTIFACT_MISSING",
                "the worker named an artifact it never stored: " + artifact.name(),
                false);
        operations.fail(handle, id, event.header().seq(), missing);
        record(handle, event, Json.mapper().valueToTree(missing));
        return;
      }
    }
    ObjectNode result = event.result().deepCopy();
    newModelVersion(handle, operation, event)
        .ifPresent(version ->
            result.put("model_version", version.toString()).put("model_path", "models/" + version));
    operations.complete(handle, id, event.header().seq(), result);
    record(handle, event, Json.mapper().createObjectNode());
    LOG.info("Operation completed: {}", id);
  }

  /** False when there is no such artifact. */
  private boolean keep(Handle handle, OperationId id, ArtifactRef artifact) {
    boolean exists = artifacts.exists(handle, artifact.sha256());
    if (exists) {
      runs.keepArtifact(handle, id, artifact);
    }
    return exists;
  }

  private Optional<ModelVersion> newModelVersion(
      Handle handle, OperationStore.Locked operation, OperationEvent.Completed event) {
    return switch (operation.spec()) {
      case OperationSpec.Backtest _, OperationSpec.Job _ -> Optional.empty();
      case OperationSpec.Training spec ->
          event.artifacts().stream()
              .filter(artifact -> artifact.name().equals(ArtifactRef.MODEL))
              .findFirst()
              .map(artifact ->
                  models.register(
                      handle,
                      spec.strategyName(),
                      spec.datasets().getFirst().timeframe(),
                      artifact.sha256(),
                      spec.datasets().stream().map(DatasetRef::symbol).toList(),
                      operation.id()));
    };
  }

  private void record(Handle handle, OperationEvent event, JsonNode payload) {
    record(handle, event, MessageCodec.typeOf(event), payload);
  }

  private void record(Handle handle, OperationEvent event, String type, JsonNode payload) {
    EventHeader header = event.header();
    operations.appendEvent(
        handle,
        header.operationId(),
        header.eventId(),
        type,
        header.attempt(),
        header.runId(),
        header.workerId().value(),
        payload);
  }

  private void discard(Handle handle, OperationEvent event, String reason) {
    EventHeader header = event.header();
    RunId run = header.runId();
    if (!event.endsRun()) {
      LOG.debug("{} of {} ignored: {}", MessageCodec.typeOf(event), run, reason);
      return;
    }
    LOG.warn(
        "Late result of attempt {} of {} discarded: {}",
        header.attempt(),
        header.operationId(),
        reason);
    operations.appendEvent(
        handle,
        header.operationId(),
        header.eventId(),
        "result.discarded",
        header.attempt(),
        run,
        header.workerId().value(),
        Json.mapper()
            .createObjectNode()
            .put("event", MessageCodec.typeOf(event))
            .put("reason", reason));
  }
}
