package io.ktrdr.api.operation;

import io.ktrdr.api.outbox.OutboxStore;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationType;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jdbi.v3.core.Handle;

/**
 * Puts an operation back to where it waits for a worker, at once or after its backoff: the row and
 * its outbox message in the caller's transaction. Thread-safe.
 */
public final class NextAttempt {

  private final OperationStore operations;
  private final OutboxStore outbox;
  private final RetryPolicies retries;
  private final RandomGenerator random;

  /**
   * @param random of the jitter; thread-safe
   */
  public NextAttempt(
      OperationStore operations,
      OutboxStore outbox,
      RetryPolicies retries,
      RandomGenerator random) {
    this.operations = operations;
    this.outbox = outbox;
    this.retries = retries;
    this.random = random;
  }

  /** At once: the run was taken away, which is not the operation's fault. */
  public void now(Handle handle, OperationId id, OperationType type, int settledAttempt) {
    operations.backToPending(handle, id, settledAttempt, Duration.ZERO);
    outbox.appendRun(handle, id, type, Duration.ZERO);
  }

  /**
   * After the wait that the type's policy asks for.
   *
   * @param attemptsSpent so far, at least 1
   * @return the wait
   */
  public Duration afterFailure(
      Handle handle, OperationId id, OperationType type, int settledAttempt, int attemptsSpent) {
    Duration wait = retries.of(type).waitAfter(attemptsSpent, random);
    operations.backToPending(handle, id, settledAttempt, wait);
    outbox.appendRun(handle, id, type, wait);
    return wait;
  }

  /** At once, with all attempts: somebody asked for it. */
  public void byHand(
      Handle handle,
      OperationId id,
      OperationType type,
      int highestAttempt,
      boolean fromCheckpoint) {
    operations.reopen(handle, id, highestAttempt, fromCheckpoint);
    outbox.appendRun(handle, id, type, Duration.ZERO);
  }
}
