package io.ktrdr.worker;

import java.util.Optional;

/** What a run has achieved when it is stopped before its end. */
@FunctionalInterface
public interface PartialResult {

  /**
   * Called at most once, on the handler's thread, after the handler has left {@link
   * OperationHandler#run}. May store artifacts. What it returns is kept with the cancelled
   * operation, labelled {@code "partial": true}; when it throws, the operation is cancelled without
   * a result.
   *
   * @return empty while there is nothing worth keeping
   * @throws InterruptedException when the thread is interrupted
   */
  Optional<OperationResult> soFar() throws InterruptedException;
}
