package io.ktrdr.api.operation;

import io.ktrdr.api.access.Actor;
import io.ktrdr.api.db.GroupCommit;
import io.ktrdr.api.http.DatabaseOutage;
import io.ktrdr.api.http.ProblemException;
import io.ktrdr.api.idempotency.IdempotencyStore;
import io.ktrdr.api.idempotency.IdempotentRequest;
import io.ktrdr.api.outbox.OutboxRelay;
import io.ktrdr.api.outbox.OutboxStore;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationType;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts an operation: its row, its outbox message and its idempotency key commit together or not
 * at all. Thread-safe.
 */
public final class SubmitOperation implements AutoCloseable {

  /** One at work while the other's commit reaches the disk. */
  private static final int COMMITS_AT_ONCE = 2;

  /** When to try again after too many came at once. */
  private static final Duration BUSY_RETRY_AFTER = Duration.ofSeconds(1);

  private static final Logger LOG = LoggerFactory.getLogger(SubmitOperation.class);

  private final Jdbi jdbi;
  private final OperationStore operations;
  private final OutboxStore outbox;
  private final OutboxRelay relay;
  private final IdempotencyStore keys;
  private final RetryPolicies retries;
  private final InstantSource clock;
  private final GroupCommit<OperationStore.New> commits;

  public SubmitOperation(
      Jdbi jdbi,
      OperationStore operations,
      OutboxStore outbox,
      OutboxRelay relay,
      IdempotencyStore keys,
      RetryPolicies retries,
      InstantSource clock) {
    this.jdbi = jdbi;
    this.operations = operations;
    this.outbox = outbox;
    this.relay = relay;
    this.keys = keys;
    this.retries = retries;
    this.clock = clock;
    this.commits =
        new GroupCommit<>(
            "accept",
            COMMITS_AT_ONCE,
            all -> jdbi.useTransaction(handle -> insert(handle, all)),
            e -> DatabaseOutage.reasonOf(e).isPresent());
  }

  public void start() {
    commits.start();
  }

  @Override
  public void close() {
    commits.close();
  }

  /** What came of a request. */
  public sealed interface Outcome {

    /** What the client is told. */
    IdempotencyStore.Answered answer();

    /** A new operation. */
    record New(IdempotencyStore.Answered answer) implements Outcome {}

    /** The same request had been accepted before. */
    record Replayed(IdempotencyStore.Answered answer) implements Outcome {}
  }

  /**
   * The answer a request got before, so that it is the same even when what it names has changed.
   *
   * @throws io.ktrdr.api.http.ProblemException 422 when its key was used for another request
   */
  public Optional<Outcome.Replayed> before(IdempotentRequest request) {
    return jdbi.withHandle(handle -> keys.answered(handle, request)).map(Outcome.Replayed::new);
  }

  /**
   * Accepts the operation, once for each key; without one together with others that come at the
   * same time.
   *
   * @param actor who submits it
   * @param request empty without a key
   * @param traceparent where the trace of its first attempt begins
   * @param answer what the client is told about the operation of this id, as JSON
   * @throws io.ktrdr.api.http.ProblemException 422 when the key was used for another request; 503
   *     when there are more requests than the database can take
   */
  public Outcome submit(
      Accepted accepted,
      Actor actor,
      Optional<IdempotentRequest> request,
      Optional<String> traceparent,
      Function<OperationId, String> answer) {
    OperationType type = accepted.spec().operationType();
    OperationId id = OperationId.create(type, clock.instant());
    OperationStore.New operation =
        new OperationStore.New(
            id, accepted, retries.of(type).attemptsMax(), actor, traceparent.orElse(null));
    Outcome outcome;
    if (request.isPresent()) {
      IdempotentRequest known = request.get();
      outcome = jdbi.inTransaction(handle -> once(handle, operation, known, answer));
    } else {
      commit(operation);
      outcome = new Outcome.New(new IdempotencyStore.Answered(id, answer.apply(id)));
    }
    switch (outcome) {
      case Outcome.New _ -> {
        relay.wake();
        LOG.info("Operation accepted: {}", id);
      }
      case Outcome.Replayed(var before) ->
          LOG.info("Operation accepted before: {}", before.operation());
    }
    return outcome;
  }

  private void commit(OperationStore.New operation) {
    try {
      commits.commit(operation);
    } catch (RejectedExecutionException e) {
      LOG.warn("Operation not accepted: {}", e.getMessage());
      throw ProblemException.retryLater(
          "TOO_MANY_SUBMITS",
          "More operations are being submitted than the database can take; nothing was accepted,"
              + " try again soon.",
          BUSY_RETRY_AFTER);
    }
  }

  private Outcome once(
      Handle handle,
      OperationStore.New operation,
      IdempotentRequest request,
      Function<OperationId, String> answer) {
    keys.lock(handle, request);
    Optional<IdempotencyStore.Answered> before = keys.answered(handle, request);
    if (before.isPresent()) {
      return new Outcome.Replayed(before.get());
    }
    insert(handle, List.of(operation));
    IdempotencyStore.Answered answered =
        new IdempotencyStore.Answered(operation.id(), answer.apply(operation.id()));
    keys.keep(handle, request, answered);
    return new Outcome.New(answered);
  }

  private void insert(Handle handle, List<OperationStore.New> all) {
    operations.insertAll(handle, all);
    outbox.appendRuns(
        handle,
        all.stream()
            .map(n ->
                new OutboxStore.Run(
                    n.id(),
                    n.accepted().spec().operationType(),
                    n.accepted().route(),
                    n.traceparent()))
            .toList());
  }
}
