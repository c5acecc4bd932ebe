package io.ktrdr.testkit;

import io.ktrdr.standalone.OwnedProcess;
import java.nio.file.Path;

/**
 * A worker program of a test's own, started as the product's backtest workers are.
 *
 * @param service first part of the workers' ids
 * @param classes folder of its compiled classes; the product's libraries are added
 * @param mainClass its main class
 */
public record WorkerProgram(String service, Path classes, String mainClass) {

  /**
   * A worker process and where it answers {@code /health}.
   *
   * @param process may be dead
   * @param port of 127.0.0.1
   */
  record Started(OwnedProcess process, int port) {}
}
