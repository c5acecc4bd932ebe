package io.ktrdr.system;

import io.ktrdr.example.PiHandler;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.worker.runtime.WorkerMain;

/** A worker of a type that no API was told of. */
public final class UnknownTypeWorker {

  private UnknownTypeWorker() {}

  /** Ends as soon as the API has answered. */
  public static void main(String[] arguments) {
    WorkerMain.run(OperationType.parse("pie"), PiHandler::new, arguments);
  }
}
