package io.ktrdr.training;

import io.ktrdr.protocol.OperationType;
import io.ktrdr.worker.runtime.WorkerMain;

/**
 * The process that trains, one operation at a time. Settings come from the environment; {@code
 * OMP_NUM_THREADS=1} is what makes weights repeatable, and is faster for small networks.
 */
public final class TrainingWorkerMain {

  private TrainingWorkerMain() {}

  public static void main(String[] args) {
    WorkerMain.run(OperationType.TRAINING, TrainingHandler::new, args);
  }
}
