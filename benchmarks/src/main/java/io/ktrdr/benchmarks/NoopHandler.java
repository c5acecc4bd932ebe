package io.ktrdr.benchmarks;

import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.worker.OperationHandler;
import io.ktrdr.worker.OperationResult;
import io.ktrdr.worker.RunContext;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Ends at once, or, for a spec with {@link #HOLD_CAPITAL}, holds its worker until it is stopped or
 * killed.
 */
final class NoopHandler implements OperationHandler<OperationSpec.Backtest> {

  /** The initial capital that means "stay running". */
  static final double HOLD_CAPITAL = 1234.5;

  private static final long HOLD_MILLIS_MAX = TimeUnit.MINUTES.toMillis(5);
  private static final long STEP_MILLIS = 50;

  @Override
  public Class<OperationSpec.Backtest> specType() {
    return OperationSpec.Backtest.class;
  }

  @Override
  public OperationResult run(OperationSpec.Backtest spec, RunContext context)
      throws InterruptedException {
    if (spec.initialCapital() == HOLD_CAPITAL) {
      hold(context);
    }
    return new OperationResult(Json.mapper().createObjectNode().put("noop", true), List.of());
  }

  private static void hold(RunContext context) throws InterruptedException {
    for (long held = 0; held < HOLD_MILLIS_MAX; held += STEP_MILLIS) {
      context.throwIfStopped();
      TimeUnit.MILLISECONDS.sleep(STEP_MILLIS);
    }
  }
}
