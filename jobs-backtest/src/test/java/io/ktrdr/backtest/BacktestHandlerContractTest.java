package io.ktrdr.backtest;

import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.worker.OperationHandler;
import io.ktrdr.worker.testkit.InMemoryRun;
import io.ktrdr.worker.testkit.JobHandlerContract;

final class BacktestHandlerContractTest implements JobHandlerContract<OperationSpec.Backtest> {

  private static final int BARS = 365;

  @Override
  public OperationHandler<OperationSpec.Backtest> handler() {
    return new BacktestHandler();
  }

  @Override
  public OperationSpec.Backtest spec(InMemoryRun run) {
    return BacktestInputs.spec(run, BacktestInputs.model(), BacktestInputs.csv(BARS));
  }
}
