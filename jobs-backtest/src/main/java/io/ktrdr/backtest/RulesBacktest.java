package io.ktrdr.backtest;

import io.ktrdr.market.BarSeries;
import io.ktrdr.protocol.Execution;
import io.ktrdr.protocol.Sizing;
import io.ktrdr.strategy.RulesStrategy;
import io.ktrdr.strategy.indicator.IndicatorCache;
import io.ktrdr.worker.OperationFailedException;
import org.jspecify.annotations.Nullable;

/**
 * Rules over a series of bars, without an operation around them: the engine for those who run many
 * in one process, as benchmarks do. Indicators and conditions are computed once, when it is made;
 * each run trades anew and gives the same. Immutable and thread-safe.
 */
public final class RulesBacktest {

  private final BarSeries bars;
  private final PreparedRules rules;
  private final Execution execution;
  private final Sizing sizing;
  private final double @Nullable [] fractions;
  private final double initialCapital;

  /**
   * Trades every bar of the series; nothing is decided before the strategy's warm-up is over.
   *
   * @param execution instead of the strategy's own
   * @param sizing instead of the strategy's own
   * @param initialCapital above 0
   * @param indicators shared by those that run over the same bars
   */
  public RulesBacktest(
      RulesStrategy strategy,
      BarSeries bars,
      Execution execution,
      Sizing sizing,
      double initialCapital,
      IndicatorCache indicators) {
    boolean targetsVolatility = sizing.kind() == Sizing.Kind.VOLATILITY_TARGET;
    this.bars = bars;
    this.execution = execution;
    this.sizing = sizing;
    this.initialCapital = initialCapital;
    this.fractions = targetsVolatility ? VolatilityTarget.shares(bars, sizing.value()) : null;
    this.rules =
        new PreparedRules(
            strategy,
            bars,
            0,
            Math.max(strategy.warmupBars(), sizing.warmupBars()),
            indicators,
            () -> {});
  }

  /**
   * Equity and positions of every bar, and all trades.
   *
   * @throws OperationFailedException RECONCILIATION_FAILED
   */
  public EngineRun run() {
    return traded().soFar();
  }

  /**
   * Equity after everything is closed: what a search over parameters looks at first.
   *
   * @throws OperationFailedException RECONCILIATION_FAILED
   */
  public double finalEquity() {
    return traded().lastEquity();
  }

  private FillLoop traded() {
    FillLoop loop =
        new FillLoop(
            bars,
            0,
            bars.size(),
            rules,
            rules.stops(),
            execution,
            sizing,
            fractions,
            initialCapital);
    loop.advance(bars.size());
    loop.reconcile();
    return loop;
  }
}
