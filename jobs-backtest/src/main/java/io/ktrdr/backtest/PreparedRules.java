package io.ktrdr.backtest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.market.BarSeries;
import io.ktrdr.protocol.table.Column;
import io.ktrdr.protocol.table.TableWriter;
import io.ktrdr.strategy.RuleColumns;
import io.ktrdr.strategy.RulesStrategy;
import io.ktrdr.strategy.Stops;
import io.ktrdr.strategy.indicator.IndicatorCache;
import java.util.BitSet;
import java.util.List;

/** What the rules of a strategy want at each bar of a series. */
final class PreparedRules implements PreparedStrategy {

  private final RulesStrategy strategy;
  private final SignalColumns signals;
  private final int from;
  private final int firstUsable;

  /**
   * @param from first bar that is traded
   * @param firstUsable bars before it are not decided at: the rules warm up, or the sizing
   * @param between called before each indicator; what it throws ends the preparing
   */
  PreparedRules(
      RulesStrategy strategy,
      BarSeries bars,
      int from,
      int firstUsable,
      IndicatorCache cache,
      Runnable between) {
    this.strategy = strategy;
    this.from = from;
    this.firstUsable = firstUsable;
    RuleColumns rules = new RuleColumns(strategy.rules(), bars, cache, between);
    this.signals =
        new SignalColumns(
            usable(rules.enterLong()),
            usable(rules.exitLong()),
            usable(rules.enterShort()),
            usable(rules.exitShort()));
  }

  private BitSet usable(BitSet held) {
    BitSet usable = (BitSet) held.clone();
    usable.clear(0, firstUsable);
    return usable;
  }

  @Override
  public int at(int bar, int position, long lastFillTime) {
    return signals.at(bar, position, lastFillTime);
  }

  @Override
  public int next(int bar, int end, int position) {
    return signals.next(bar, end, position);
  }

  @Override
  public int firstUsable() {
    return firstUsable;
  }

  @Override
  public Stops stops() {
    return strategy.rules().stops();
  }

  @Override
  public void addFacts(ObjectNode values) {
    values
        .putObject("rule_counts")
        .put("enter_long", barsWith(ENTER_LONG))
        .put("exit_long", barsWith(EXIT_LONG))
        .put("enter_short", barsWith(ENTER_SHORT))
        .put("exit_short", barsWith(EXIT_SHORT));
    values.put("strategy_sha256", strategy.textSha256().hex());
  }

  @Override
  public void addConfig(ObjectNode config) {
    PreparedStrategy.putStops(config.putObject("decisions").put("kind", "rules"), stops());
  }

  @Override
  public List<Column> entryColumns() {
    return List.of(Column.word("entry_reason"));
  }

  @Override
  public void addEntry(TableWriter row, Trade trade) {
    row.word("ENTER_" + trade.side().name());
  }

  /** Nothing: what the rules want is known beforehand. */
  @Override
  public int[] counted() {
    return new int[0];
  }

  @Override
  public void resume(int[] counted) {
    if (counted.length != 0) {
      throw new IllegalArgumentException("%d counts".formatted(counted.length));
    }
  }

  @Override
  public String whyNoTrades() {
    return "enter_long held at %d bars of the range, enter_short at %d, and no order was filled"
        .formatted(barsWith(ENTER_LONG), barsWith(ENTER_SHORT));
  }

  /** Bars of the range at whose close that is wanted. */
  private int barsWith(int signal) {
    return signals.count(signal, from);
  }
}
