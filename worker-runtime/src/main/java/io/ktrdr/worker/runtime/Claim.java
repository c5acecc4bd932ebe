package io.ktrdr.worker.runtime;

import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.OperationStatus;
import io.ktrdr.protocol.RunId;
import java.time.Duration;

/** What the claim table says to a worker that was handed an operation. */
sealed interface Claim {

  /**
   * The operation is this worker's to run. Also the answer when this process has an open run of it
   * already: it takes one operation at a time, so that is a claim whose commit it did not hear of.
   */
  record Claimed(OperationId operationId, RunId runId, int attempt, OperationSpec spec)
      implements Claim {}

  /** Another process has an open run. */
  record HeldByAnother(
      RunId runId, String workerId, String workerInstance, String endpointUrl, Duration silentFor)
      implements Claim {}

  /** A run ended and its last event may not have reached the API: send it (again). */
  record EndNotPublished(String endEvent) implements Claim {}

  /** The operation has ended. */
  record AlreadyEnded(OperationStatus status) implements Claim {}

  /** No attempt is left; the API decides what becomes of the operation. */
  record NoAttemptLeft(int attempts) implements Claim {}

  /** There is no such operation. */
  record Unknown() implements Claim {}
}
