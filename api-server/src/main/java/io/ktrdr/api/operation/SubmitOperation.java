package io.ktrdr.api.operation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.ktrdr.api.idempotency.IdempotencyStore;
import io.ktrdr.api.idempotency.IdempotentRequest;
import io.ktrdr.api.outbox.OutboxRelay;
import io.ktrdr.api.outbox.OutboxStore;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationType;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts an operation: its row, its outbox message and its idempotency key commit together or not
 * at all. Thread-safe.
 */
public final class SubmitOperation {

  private static final Logger LOG = LoggerFactory.getLogger(SubmitOperation.class);

  private final Jdbi jdbi;
  private final OperationStore operations;
  private final OutboxStore outbox;
  private final OutboxRelay relay;
  private final IdempotencyStore keys;
  private final RetryPolicies retries;
  private final InstantSource clock;

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
   * Accepts the operation, once for each key.
   *
   * @param request empty without a key
   * @param answer what the client is told about the operation of this id, as JSON
   * @throws io.ktrdr.api.http.ProblemException 422 when the key was used for another request
   */
  public Outcome submit(
      Accepted accepted,
      Optional<IdempotentRequest> request,
      Function<OperationId, String> answer) {
    OperationId id = OperationId.create(accepted.spec().operationType(), clock.instant());
    Outcome outcome =
        jdbi.inTransaction(handle -> {
          if (request.isPresent()) {
            keys.lock(handle, request.get());
            Optional<IdempotencyStore.Answered> before = keys.answered(handle, request.get());
            if (before.isPresent()) {
              return new Outcome.Replayed(before.get());
            }
          }
          insert(handle, id, accepted);
          IdempotencyStore.Answered answered = new IdempotencyStore.Answered(id, answer.apply(id));
          request.ifPresent(known -> keys.keep(handle, known, answered));
          return new Outcome.New(answered);
        });
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

  private void insert(Handle handle, OperationId id, Accepted accepted) {
    OperationType type = accepted.spec().operationType();
    operations.insert(
        handle,
        id,
        accepted.spec(),
        accepted.metadata(),
        accepted.warnings(),
        retries.of(type).attemptsMax(),
        accepted.timeouts());
    operations.appendEvent(
        handle,
        id,
        UUID.randomUUID(),
        "operation.submitted",
        null,
        null,
        null,
        JsonNodeFactory.instance.objectNode());
    outbox.appendRun(handle, id, type, Duration.ZERO);
  }
}
