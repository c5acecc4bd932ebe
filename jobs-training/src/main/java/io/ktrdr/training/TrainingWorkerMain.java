package io.ktrdr.training;

import io.ktrdr.protocol.OperationType;
import io.ktrdr.worker.runtime.WorkerMain;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The process that trains, one operation at a time. Settings come from the environment; {@code
 * OMP_NUM_THREADS=1} is what makes weights repeatable, and is faster for small networks.
 */
public final class TrainingWorkerMain {

  private static final Logger LOG = LoggerFactory.getLogger(TrainingWorkerMain.class);

  private TrainingWorkerMain() {}

  public static void main(String[] args) {
    if (!"1".equals(System.getenv("OMP_NUM_THREADS"))) {
      LOG.warn(
          "OMP_NUM_THREADS is not 1: trained weights repeat to the byte only with the same number"
              + " of threads, and small networks train more slowly");
    }
    WorkerMain.run(OperationType.TRAINING, TrainingHandler::new, args);
  }
}
