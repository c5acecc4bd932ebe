package io.ktrdr.benchmarks;

import io.ktrdr.backtest.RulesBacktest;
import io.ktrdr.market.BarSeries;
import io.ktrdr.protocol.Execution;
import io.ktrdr.protocol.Sizing;
import io.ktrdr.strategy.RulesStrategy;
import io.ktrdr.strategy.StrategyParser;
import io.ktrdr.strategy.indicator.IndicatorCache;

/** The strategy that is measured: crossing of two averages, long only, filled at the next open. */
final class Cross {

  static final int FAST = 10;
  static final int SLOW = 30;
  static final double UNITS = 1_000;
  static final double COMMISSION_RATE = 0.0001;
  static final double CAPITAL = 1_000_000;

  private Cross() {}

  static RulesStrategy strategy(int fast, int slow) {
    return StrategyParser.parseRules(yaml(fast, slow));
  }

  static String yaml(int fast, int slow) {
    return """
    name: cross
    indicators:
      fast: {type: sma, period: %d}
      slow: {type: sma, period: %d}
    decisions:
      kind: rules
      enter_long: {crosses_above: [fast, slow]}
      exit_long: {crosses_below: [fast, slow]}
    """
        .formatted(fast, slow);
  }

  /** Indicators and rules computed, without help from what was computed before; ready to trade. */
  static RulesBacktest prepared(RulesStrategy strategy, BarSeries bars) {
    return prepared(strategy, bars, new IndicatorCache(0));
  }

  static RulesBacktest prepared(RulesStrategy strategy, BarSeries bars, IndicatorCache indicators) {
    return new RulesBacktest(
        strategy,
        bars,
        new Execution(Execution.Fill.NEXT_OPEN, COMMISSION_RATE, 0, 0, 0, 0, 0, 0, 0, true),
        new Sizing(Sizing.Kind.FIXED_UNITS, UNITS, true),
        CAPITAL,
        indicators);
  }
}
