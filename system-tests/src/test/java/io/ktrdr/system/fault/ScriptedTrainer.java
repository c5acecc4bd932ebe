package io.ktrdr.system.fault;

import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.worker.OperationHandler;
import io.ktrdr.worker.OperationResult;
import io.ktrdr.worker.RunContext;
import io.ktrdr.worker.runtime.WorkerMain;

/**
 * As {@link ScriptedWorker}, for trainings: a training's seed names its script and how many steps
 * it has.
 */
public final class ScriptedTrainer implements OperationHandler<OperationSpec.Training> {

  private static final int STEPS_BELOW = 1_000;

  private ScriptedTrainer() {}

  /** Runs until told to stop, as the product's workers do. */
  public static void main(String[] arguments) {
    WorkerMain.run(OperationType.TRAINING, ScriptedTrainer::new);
  }

  /** The seed of a scripted training of fewer than a thousand steps. */
  static long seed(Script script, int steps) {
    return (long) script.capital() * STEPS_BELOW + steps;
  }

  @Override
  public Class<OperationSpec.Training> specType() {
    return OperationSpec.Training.class;
  }

  @Override
  public OperationResult run(OperationSpec.Training spec, RunContext context)
      throws InterruptedException {
    Script script = Script.of((int) (spec.seed() / STEPS_BELOW));
    return ScriptedWorker.play(script, (int) (spec.seed() % STEPS_BELOW), context);
  }
}
