package io.ktrdr.training;

import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.worker.OperationHandler;
import io.ktrdr.worker.testkit.InMemoryRun;
import io.ktrdr.worker.testkit.JobHandlerContract;

final class TrainingHandlerContractTest implements JobHandlerContract<OperationSpec.Training> {

  private static final int BARS = 500;

  @Override
  public OperationHandler<OperationSpec.Training> handler() {
    return new TrainingHandler();
  }

  @Override
  public OperationSpec.Training spec(InMemoryRun run) {
    return TrainingInputs.spec(run, TrainingInputs.yaml(), TrainingInputs.csv(BARS), BARS);
  }

  /** The state of the optimiser is not kept: another attempt begins anew. */
  @Override
  public boolean checkpoints() {
    return false;
  }
}
