package io.ktrdr.worker.runtime;

import io.ktrdr.worker.runtime.RunExecution.Settling;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last resort against a handler that ignores its stop: outcome into Postgres, event to the
 * broker, message settled, and then the end of this process, because a thread cannot be killed.
 */
final class HardStop implements Consumer<RunControl> {

  private static final Logger LOG = LoggerFactory.getLogger(HardStop.class);

  private final RunExecution execution;
  private final Runnable stopTaking;
  private final IntConsumer exit;

  /**
   * @param exit ends the process with this code
   */
  HardStop(RunExecution execution, Runnable stopTaking, IntConsumer exit) {
    this.execution = execution;
    this.stopTaking = stopTaking;
    this.exit = exit;
  }

  @Override
  public void accept(RunControl run) {
    Settling settling;
    try {
      settling = execution.endWithoutHandler(run);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    } catch (RuntimeException e) {
      LOG.error("Operation {} cannot be ended properly", run.operationId(), e);
      settling = Settling.RETURN;
    }
    if (settling == Settling.LEAVE) {
      return;
    }
    // First, because a message that is settled makes room for the next one.
    stopTaking.run();
    if (settling == Settling.ACKNOWLEDGE) {
      run.acknowledge();
    }
    LOG.error(
        "Operation {} ignored its stop for {} s; this process ends with code {} to be rid of it,"
            + " and must be started again",
        run.operationId(),
        RunWatch.HARD_STOP_AFTER.toSeconds(),
        WorkerRuntime.EXIT_HARD_STOP);
    exit.accept(WorkerRuntime.EXIT_HARD_STOP);
  }
}
