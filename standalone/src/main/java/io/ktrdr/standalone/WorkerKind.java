package io.ktrdr.standalone;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The kinds of worker process, as this machine starts them. */
public enum WorkerKind {
  /** Runs backtests. */
  BACKTEST("backtest-worker", "jobs-backtest", "io.ktrdr.backtest.BacktestWorkerMain", 512),

  /** Trains models. */
  TRAINING("training-worker", "jobs-training", "io.ktrdr.training.TrainingWorkerMain", 1024);

  private final String service;
  private final String module;
  private final String mainClass;
  private final int heapMegabytes;

  WorkerKind(String service, String module, String mainClass, int heapMegabytes) {
    this.service = service;
    this.module = module;
    this.mainClass = mainClass;
    this.heapMegabytes = heapMegabytes;
  }

  /** Name as in {@code --scale} and in worker ids. */
  public String service() {
    return service;
  }

  /** The module its program and libraries are built by. */
  public String module() {
    return module;
  }

  String mainClass() {
    return mainClass;
  }

  int heapMegabytes() {
    return heapMegabytes;
  }

  /** The kind of that service name. */
  public static Optional<WorkerKind> ofService(String name) {
    return Arrays.stream(values()).filter(kind -> kind.service.equals(name)).findFirst();
  }

  /** All service names. */
  public static List<String> services() {
    return Arrays.stream(values()).map(WorkerKind::service).toList();
  }
}
