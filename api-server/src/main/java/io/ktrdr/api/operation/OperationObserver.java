package io.ktrdr.api.operation;

import io.ktrdr.protocol.OperationStatus;
import io.ktrdr.protocol.OperationType;
import java.time.Duration;
import java.util.Optional;

/**
 * Is told what happened to operations, once it is committed. Called by any thread; must not wait.
 */
@FunctionalInterface
public interface OperationObserver {

  /** What happened. */
  sealed interface Happening {

    /** Of the operation it happened to. */
    OperationType type();

    /**
     * A run of it has reported in.
     *
     * @param waited from when it was there to be run until a worker claimed it
     */
    record RunBegan(OperationType type, Duration waited) implements Happening {}

    /**
     * A run of it has ended.
     *
     * @param outcome as in the table {@code runs}
     * @param duration from its claim; empty when that is not known
     */
    record RunEnded(OperationType type, String outcome, Optional<Duration> duration)
        implements Happening {}

    /** What a run said that had been taken away was recorded, and changed nothing. */
    record ResultDiscarded(OperationType type) implements Happening {}

    /**
     * It has ended.
     *
     * @param status a terminal one
     * @param duration since its first run began; empty when none had
     */
    record Ended(OperationType type, OperationStatus status, Optional<Duration> duration)
        implements Happening {}
  }

  void happened(Happening happening);
}
