package io.ktrdr.worker.runtime;

import io.ktrdr.protocol.Failure;
import io.ktrdr.worker.OperationResult;
import java.util.Optional;

/** How a handler's work ended. */
sealed interface Outcome {

  /** It has its result, also when it was asked to stop a moment before. */
  record Succeeded(OperationResult result) implements Outcome {}

  /** It cannot succeed. */
  record Failed(Failure failure) implements Outcome {}

  /**
   * It obeyed a stop, or did not.
   *
   * @param partial what it had achieved
   */
  record Stopped(RunControl.Stop stop, Optional<OperationResult> partial) implements Outcome {}
}
