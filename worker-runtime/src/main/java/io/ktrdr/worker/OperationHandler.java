package io.ktrdr.worker;

import io.ktrdr.protocol.OperationSpec;

/**
 * Performs operations of one type.
 *
 * <p>Called from one thread at a time, which the handler may keep busy for hours. The same spec
 * must give the same result bytes.
 *
 * @param <S> the spec it understands
 */
public interface OperationHandler<S extends OperationSpec> {

  /** The spec it understands. */
  Class<S> specType();

  /**
   * Does the work. Reports progress and calls {@link RunContext#throwIfStopped()} at every step
   * that takes longer than a fraction of a second: a bar, an iteration. A run that does not end
   * within a second of its stop is interrupted; one that ignores this for half a minute is ended
   * together with its process.
   *
   * @throws OperationFailedException when the work cannot succeed, with a code and a message for
   *     the user
   * @throws RunStoppedException passed through from the context
   * @throws InterruptedException when the thread is interrupted
   */
  OperationResult run(S spec, RunContext context) throws InterruptedException;
}
