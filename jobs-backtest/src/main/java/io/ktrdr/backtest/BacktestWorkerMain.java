package io.ktrdr.backtest;

import io.ktrdr.protocol.OperationType;
import io.ktrdr.worker.runtime.WorkerMain;

/** The process that runs backtests, one at a time. Settings come from the environment. */
public final class BacktestWorkerMain {

  private BacktestWorkerMain() {}

  public static void main(String[] args) {
    WorkerMain.run(OperationType.BACKTESTING, BacktestHandler::new, args);
  }
}
