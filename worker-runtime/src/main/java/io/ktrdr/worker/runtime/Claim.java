package io.ktrdr.worker.runtime;

import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.OperationStatus;
import io.ktrdr.protocol.RunId;
import java.time.Duration;
import java.util.Optional;

/** What the claim table says to a worker that was handed an operation. */
sealed interface Claim {

  /**
   * The operation is this worker's to run. Also the answer when this process has an open run of it
   * already: it takes one operation at a time, so that is a claim whose commit it did not hear of.
   */
  record Claimed(
      OperationId operationId, RunId runId, int attempt, OperationSpec spec, Limits limits)
      implements Claim {}

  /**
   * How long a run may take.
   *
   * @param run from its beginning to its end
   * @param progress from one new progress to the next
   */
  record Limits(Optional<Duration> run, Optional<Duration> progress) {}

  /** Another process has an open run. */
  record HeldByAnother(RunId runId, String workerId, String workerInstance, String endpointUrl)
      implements Claim {}

  /** A run ended and its last event may not have reached the API: send it (again). */
  record EndNotPublished(String endEvent) implements Claim {}

  /** The operation has ended. */
  record AlreadyEnded(OperationStatus status) implements Claim {}

  /** Somebody asked for its end and nobody runs it: the API ends it. */
  record Cancelling() implements Claim {}

  /** It waits between two attempts; the API sends another message when it is time. */
  record NotYet() implements Claim {}

  /** Operations of its type are not to begin now, says an operator. */
  record Held() implements Claim {}

  /** It asks for more than this worker has: not meant for it. */
  record TooDemanding(String demand) implements Claim {}

  /** No attempt is left; the API decides what becomes of the operation. */
  record NoAttemptLeft(int attempts) implements Claim {}

  /** A newer build accepted this operation; this one cannot read what to do. Not claimed. */
  record Unreadable(String reason) implements Claim {}

  /** There is no such operation. */
  record Unknown() implements Claim {}
}
