package io.ktrdr.worker.testkit;

import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.worker.OperationFailedException;
import io.ktrdr.worker.OperationHandler;
import io.ktrdr.worker.OperationResult;
import io.ktrdr.worker.RunStoppedException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * How a handler's run ended.
 *
 * @param result null when it ended by an exception
 * @param thrown null when it ended with a result
 * @param partial what a stopped run offered to keep
 * @param interrupted whether its thread was left interrupted
 * @param afterStop how long after it was told to stop
 */
record HandlerRun(
    @Nullable OperationResult result,
    @Nullable Exception thrown,
    Optional<OperationResult> partial,
    boolean interrupted,
    Duration afterStop) {

  /** Generous: a handler that ends at all is not to fail on a busy machine. */
  private static final Duration LIMIT = Duration.ofMinutes(3);

  /**
   * Runs it to its end, on a thread of its own: one that never ends fails its test, not the build.
   */
  static <S extends OperationSpec> HandlerRun of(
      OperationHandler<S> handler, S spec, InMemoryRun run) throws InterruptedException {
    FutureTask<HandlerRun> task = new FutureTask<>(() -> perform(handler, spec, run));
    Thread thread = Thread.ofPlatform().name("handler").daemon().start(task);
    try {
      return task.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      AssertionError still =
          new AssertionError("the run has not ended within %s; it is here".formatted(LIMIT), e);
      still.setStackTrace(thread.getStackTrace());
      throw still;
    } catch (ExecutionException e) {
      throw new AssertionError("neither a result nor an exception a handler may throw", e);
    }
  }

  private static <S extends OperationSpec> HandlerRun perform(
      OperationHandler<S> handler, S spec, InMemoryRun run) throws InterruptedException {
    try {
      OperationResult result = handler.run(spec, run);
      return new HandlerRun(result, null, Optional.empty(), Thread.interrupted(), run.sinceStop());
    } catch (RunStoppedException e) {
      Duration afterStop = run.sinceStop();
      boolean interrupted = Thread.interrupted();
      return new HandlerRun(null, e, run.partialResult(), interrupted, afterStop);
    } catch (OperationFailedException | InterruptedException e) {
      return new HandlerRun(null, e, Optional.empty(), Thread.interrupted(), run.sinceStop());
    }
  }

  /** The result of a run that nothing disturbed. */
  OperationResult completed() {
    if (result == null) {
      throw new AssertionError("the run should have a result", thrown);
    }
    return result;
  }
}
