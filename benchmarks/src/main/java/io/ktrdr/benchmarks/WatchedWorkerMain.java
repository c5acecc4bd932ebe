package io.ktrdr.benchmarks;

import io.ktrdr.protocol.OperationType;
import io.ktrdr.worker.runtime.WorkerMain;

/** A worker that measures what a backtest spends on being watched. */
public final class WatchedWorkerMain {

  private WatchedWorkerMain() {}

  public static void main(String[] arguments) {
    WorkerMain.run(
        OperationType.BACKTESTING,
        () -> new WatchedHandler(WatchedBench.WARM_UP, WatchedBench.REPEATS, WatchedBench.OFFERS));
  }
}
