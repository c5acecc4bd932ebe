package io.ktrdr.api.operation;

import io.ktrdr.protocol.OperationStatus;
import io.ktrdr.protocol.OperationType;
import java.time.Duration;
import java.util.Optional;

/** Is told of every operation that has ended, once its end is committed. Called by any thread. */
@FunctionalInterface
public interface OperationEnds {

  /**
   * @param status a terminal one
   * @param duration since its first run began; empty when none had
   */
  void ended(OperationType type, OperationStatus status, Optional<Duration> duration);
}
