package io.ktrdr.protocol;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.UUID;

/**
 * Who says it. Together these let the projection apply each event once and ignore what is late or
 * foreign.
 *
 * @param eventId unique; the same event sent twice carries the same id
 * @param attempt 1-based
 * @param seq 1-based within the run, in the order things happened
 * @param at the worker's clock: for people, never compared with another clock
 */
public record EventHeader(
    UUID eventId,
    OperationId operationId,
    OperationType operationType,
    int attempt,
    RunId runId,
    long seq,
    WorkerId workerId,
    Instant at) {

  public EventHeader {
    requireNonNull(eventId, "eventId is null");
    requireNonNull(operationId, "operationId is null");
    requireNonNull(operationType, "operationType is null");
    requireNonNull(runId, "runId is null");
    requireNonNull(workerId, "workerId is null");
    requireNonNull(at, "at is null");
    if (attempt < 1 || seq < 1) {
      throw new IllegalArgumentException("attempt and seq start at 1");
    }
  }
}
