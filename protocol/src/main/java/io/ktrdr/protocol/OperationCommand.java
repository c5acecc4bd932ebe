package io.ktrdr.protocol;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/** What the API asks of a worker over a queue. */
public sealed interface OperationCommand {

  /**
   * Run this operation. Says which, not how: the worker reads the spec from Postgres when it claims
   * the run, so the message stays small and cannot be stale.
   *
   * @param dispatchedAt when the API queued this message, by the database's clock
   */
  record RunOperation(OperationId operationId, OperationType operationType, Instant dispatchedAt)
      implements OperationCommand {

    public RunOperation {
      requireNonNull(operationId, "operationId is null");
      requireNonNull(operationType, "operationType is null");
      requireNonNull(dispatchedAt, "dispatchedAt is null");
    }
  }
}
