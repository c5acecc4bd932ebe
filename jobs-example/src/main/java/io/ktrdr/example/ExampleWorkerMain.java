package io.ktrdr.example;

import io.ktrdr.protocol.OperationType;
import io.ktrdr.worker.runtime.WorkerMain;

/** The process that estimates π, one operation at a time. Settings come from the environment. */
public final class ExampleWorkerMain {

  private ExampleWorkerMain() {}

  public static void main(String[] args) {
    WorkerMain.run(OperationType.parse("pi"), PiHandler::new, args);
  }
}
