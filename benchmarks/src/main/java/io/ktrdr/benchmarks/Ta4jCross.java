package io.ktrdr.benchmarks;

import io.ktrdr.backtest.EngineRun;
import io.ktrdr.backtest.ExitReason;
import io.ktrdr.backtest.Trade;
import io.ktrdr.market.BarSeries;
import java.time.Duration;
import java.util.List;
import org.ta4j.core.BaseBarSeriesBuilder;
import org.ta4j.core.BaseStrategy;
import org.ta4j.core.Position;
import org.ta4j.core.Trade.TradeType;
import org.ta4j.core.TradingRecord;
import org.ta4j.core.analysis.cost.LinearTransactionCostModel;
import org.ta4j.core.analysis.cost.ZeroCostModel;
import org.ta4j.core.backtest.BarSeriesManager;
import org.ta4j.core.backtest.TradeOnNextOpenModel;
import org.ta4j.core.indicators.averages.SMAIndicator;
import org.ta4j.core.indicators.helpers.ClosePriceIndicator;
import org.ta4j.core.num.DoubleNumFactory;
import org.ta4j.core.rules.CrossedDownIndicatorRule;
import org.ta4j.core.rules.CrossedUpIndicatorRule;

/** {@link Cross} as ta4j's own BarSeriesManager runs it, with numbers that are doubles. */
final class Ta4jCross {

  /** Largest difference of a trade's result, as a share of what was traded. */
  private static final double TOLERANCE = 1e-9;

  private final BarSeries bars;
  private final org.ta4j.core.BarSeries series;

  /** Converts the bars; this is not measured. */
  Ta4jCross(BarSeries bars) {
    this.bars = bars;
    this.series = new BaseBarSeriesBuilder().withNumFactory(DoubleNumFactory.getInstance()).build();
    Duration length = bars.timeframe().length();
    for (int i = 0; i < bars.size(); i++) {
      series
          .barBuilder()
          .timePeriod(length)
          .endTime(bars.time(i).plus(length))
          .openPrice(bars.open()[i])
          .highPrice(bars.high()[i])
          .lowPrice(bars.low()[i])
          .closePrice(bars.close()[i])
          .volume(bars.volume()[i])
          .add();
    }
  }

  /** New indicators, new rules, a new record: nothing is left from the run before. */
  TradingRecord run() {
    ClosePriceIndicator close = new ClosePriceIndicator(series);
    SMAIndicator fast = new SMAIndicator(close, Cross.FAST);
    SMAIndicator slow = new SMAIndicator(close, Cross.SLOW);
    BaseStrategy strategy =
        new BaseStrategy(
            new CrossedUpIndicatorRule(fast, slow),
            new CrossedDownIndicatorRule(fast, slow),
            Cross.SLOW);
    return new BarSeriesManager(
            series,
            new LinearTransactionCostModel(Cross.COMMISSION_RATE),
            new ZeroCostModel(),
            new TradeOnNextOpenModel())
        .run(strategy, TradeType.BUY, series.numFactory().numOf(Cross.UNITS));
  }

  /**
   * Holds trade against trade: opened and closed at the same bars, with the same result. Only ours
   * closes what is open at the end.
   *
   * @return trades that were compared
   * @throws IllegalStateException naming the first that differs
   */
  int requireSameTrades(EngineRun ours) {
    List<Position> theirs = run().getPositions();
    List<Trade> closed =
        ours.trades().stream()
            .filter(trade -> trade.exitReason() != ExitReason.END_OF_DATA)
            .toList();
    if (closed.size() != theirs.size()) {
      throw new IllegalStateException(
          "%d trades, ta4j has %d".formatted(closed.size(), theirs.size()));
    }
    for (int i = 0; i < closed.size(); i++) {
      Trade trade = closed.get(i);
      Position position = theirs.get(i);
      boolean same =
          trade.entryTime().equals(bars.time(position.getEntry().getIndex()))
              && trade.exitTime().equals(bars.time(position.getExit().getIndex()))
              && Math.abs(trade.netPnl() - position.getProfit().doubleValue())
                  <= TOLERANCE * trade.quantity() * trade.entryPrice();
      if (!same) {
        throw new IllegalStateException("%s, ta4j has %s".formatted(trade, position));
      }
    }
    return closed.size();
  }
}
