package io.ktrdr.api.projection;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.api.operation.OperationLifecycle;
import io.ktrdr.api.operation.OperationLifecycle.Standing;
import io.ktrdr.api.operation.OperationLifecycle.Trigger;
import io.ktrdr.api.operation.OperationLifecycle.Verdict;
import io.ktrdr.api.operation.OperationStore;
import io.ktrdr.protocol.ArtifactRef;
import io.ktrdr.protocol.EventHeader;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.MessageCodec;
import io.ktrdr.protocol.OperationEvent;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationStatus;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.Progress;
import io.ktrdr.protocol.RunId;
import io.ktrdr.protocol.Sha256;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies what nearly all events are: a run starts, progresses, completes, and nothing else has
 * happened to its operation. The same rules as for any event ({@link OperationLifecycle}), applied
 * in memory; a batch then costs a handful of statements, however many operations it is about.
 *
 * <p>An operation of which one event is not plain is left alone here: a failure, a cancel, a late
 * result, a second attempt, a new model version. Works in the caller's transaction.
 */
final class PlainEvents {

  private static final Logger LOG = LoggerFactory.getLogger(PlainEvents.class);

  private final PlainEventStore store;
  private final RunViewStore runs;
  private final OperationStore operations;

  PlainEvents(PlainEventStore store, RunViewStore runs, OperationStore operations) {
    this.store = store;
    this.runs = runs;
    this.operations = operations;
  }

  /**
   * Applies the events of operations with plain events only.
   *
   * @return the other events, in their order, still to be applied
   */
  List<OperationEvent> apply(Handle handle, List<OperationEvent> events) {
    Map<OperationId, List<OperationEvent>> byOperation =
        events.stream()
            .collect(
                Collectors.groupingBy(
                    event -> event.header().operationId(),
                    LinkedHashMap::new,
                    Collectors.toList()));
    List<PlainEventStore.Locked> operations = store.lock(handle, byOperation.keySet());
    Set<RunId> standing =
        store.notTakenAway(
            handle,
            events.stream().map(event -> event.header().runId()).collect(Collectors.toSet()));
    Set<Sha256> artifacts = store.existing(handle, digests(events));
    List<Draft> drafts = new ArrayList<>();
    for (PlainEventStore.Locked operation : operations) {
      Draft draft = new Draft(operation, standing, artifacts);
      if (byOperation.getOrDefault(operation.id(), List.of()).stream().allMatch(draft::apply)) {
        drafts.add(draft);
        byOperation.remove(operation.id());
      }
    }
    write(handle, drafts.stream().filter(draft -> !draft.applied.isEmpty()).toList());
    return events.stream()
        .filter(event -> byOperation.containsKey(event.header().operationId()))
        .toList();
  }

  private static Set<Sha256> digests(List<OperationEvent> events) {
    return events.stream()
        .flatMap(event ->
            event instanceof OperationEvent.Completed completed
                ? completed.artifacts().stream()
                : Stream.<ArtifactRef>empty())
        .map(ArtifactRef::sha256)
        .collect(Collectors.toSet());
  }

  private void write(Handle handle, List<Draft> drafts) {
    if (drafts.isEmpty()) {
      return;
    }
    operations.happened(handle, store.change(handle, drafts.stream().map(Draft::changed).toList()));
    store.append(handle, drafts.stream().flatMap(draft -> draft.history.stream()).toList());
    for (Draft draft : drafts) {
      for (OperationEvent event : draft.applied) {
        switch (event) {
          case OperationEvent.Started(EventHeader header) ->
              LOG.info("Operation started: {} on {}", header.operationId(), header.workerId());
          case OperationEvent.Completed completed -> {
            OperationId id = completed.header().operationId();
            completed.artifacts().forEach(artifact -> runs.keepArtifact(handle, id, artifact));
            LOG.info("Operation completed: {}", id);
          }
          case OperationEvent.Progressed _,
              OperationEvent.Failed _,
              OperationEvent.Cancelled _ -> {}
        }
      }
    }
  }

  /** An operation and what becomes of it, event by event. */
  private static final class Draft {
    private final PlainEventStore.Locked operation;
    private final Set<RunId> standingRuns;
    private final Set<Sha256> artifacts;
    private final List<OperationEvent> applied = new ArrayList<>();
    private final List<PlainEventStore.Line> history = new ArrayList<>();
    private Standing standing;
    private int settledAttempt;
    private double percentage;
    private @Nullable Progress progress;
    private @Nullable ObjectNode result;

    Draft(PlainEventStore.Locked operation, Set<RunId> standingRuns, Set<Sha256> artifacts) {
      this.operation = operation;
      this.standingRuns = standingRuns;
      this.artifacts = artifacts;
      this.standing = operation.standing();
      this.settledAttempt = operation.settledAttempt();
      this.percentage = operation.percentage();
    }

    /** False when the event is not plain, and so nothing of this operation is. */
    boolean apply(OperationEvent event) {
      EventHeader header = event.header();
      if (standing.status() == OperationStatus.CANCELLING
          || !standingRuns.contains(header.runId())) {
        return false;
      }
      return switch (OperationLifecycle.judge(standing, new Trigger.Heard(event, false, true))) {
        case Verdict.Duplicate() -> true;
        case Verdict.Discard(String _) -> false;
        case Verdict.Apply(OperationStatus next, boolean newRun) -> {
          // Runs between the two, if there are any, have still to be told in the history.
          if (newRun && header.attempt() - 1 > settledAttempt) {
            yield false;
          }
          yield change(event, next, newRun);
        }
      };
    }

    private boolean change(OperationEvent event, OperationStatus next, boolean newRun) {
      EventHeader header = event.header();
      if (newRun) {
        settledAttempt = header.attempt() - 1;
        progress = Progress.initializing();
        percentage = progress.percentage();
      }
      boolean plain =
          switch (event) {
            case OperationEvent.Started _ -> record(event, Json.mapper().createObjectNode());
            case OperationEvent.Progressed(var _, Progress newest) -> progressed(event, newest);
            case OperationEvent.Completed completed -> completed(completed);
            case OperationEvent.Failed _, OperationEvent.Cancelled _ -> false;
          };
      standing = new Standing(next, header.attempt(), header.runId(), header.seq());
      applied.add(event);
      return plain;
    }

    private boolean progressed(OperationEvent event, Progress newest) {
      boolean kept = EventProjector.isKept(percentage, newest.percentage());
      progress = newest;
      percentage = newest.percentage();
      return !kept || record(event, EventProjector.kept(newest));
    }

    private boolean completed(OperationEvent.Completed event) {
      settledAttempt = event.header().attempt();
      result = event.result();
      return !operation.type().equals(OperationType.TRAINING)
          && event.artifacts().stream().map(ArtifactRef::sha256).allMatch(artifacts::contains)
          && record(event, Json.mapper().createObjectNode());
    }

    private boolean record(OperationEvent event, JsonNode payload) {
      long seq = operation.lastEventSeq() + history.size() + 1;
      history.add(
          new PlainEventStore.Line(event.header(), seq, MessageCodec.typeOf(event), payload));
      return true;
    }

    PlainEventStore.Changed changed() {
      ObjectNode ended = result;
      return new PlainEventStore.Changed(
          applied.getLast().header(),
          standing.status(),
          settledAttempt,
          progress == null ? null : write(progress),
          ended == null ? null : ended.toString(),
          operation.lastEventSeq() + history.size());
    }

    private static String write(Progress progress) {
      try {
        return Json.mapper().writeValueAsString(progress);
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("a column of ours cannot be written", e);
      }
    }
  }
}
