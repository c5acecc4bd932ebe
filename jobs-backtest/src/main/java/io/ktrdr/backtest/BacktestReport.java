package io.ktrdr.backtest;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.market.BarSeries;
import io.ktrdr.market.DataFacts;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.table.Column;
import io.ktrdr.protocol.table.TableWriter;
import io.ktrdr.worker.EngineVersion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A run as JSON, its trades and its equity curve as tables. Nothing in it depends on when, where or
 * how fast it was made.
 */
final class BacktestReport {

  private static final List<Column> TRADE_COLUMNS =
      List.of(
          Column.integer("trade_id"),
          Column.word("symbol"),
          Column.word("side"),
          Column.time("entry_time"),
          Column.number("entry_price"),
          Column.time("exit_time"),
          Column.number("exit_price"),
          Column.number("quantity"),
          Column.number("gross_pnl"),
          Column.number("entry_commission"),
          Column.number("exit_commission"),
          Column.number("commission"),
          Column.number("slippage"),
          Column.number("borrow_cost"),
          Column.number("net_pnl"),
          Column.number("return_pct"),
          Column.integer("bars_held"),
          Column.number("holding_period_hours"),
          Column.number("max_favorable_excursion"),
          Column.number("max_adverse_excursion"),
          Column.word("exit_reason"));

  private static final List<Column> EQUITY_COLUMNS =
      List.of(
          Column.time("timestamp"),
          Column.number("price"),
          Column.number("portfolio_value"),
          Column.word("position"));

  private final OperationSpec.Backtest spec;
  private final PreparedStrategy strategy;
  private final BarSeries bars;
  private final EngineRun run;
  private final DataFacts data;
  private final double[] curve;
  private final EquityMetrics equityMetrics;

  /**
   * @param bars the series {@code run} traded, of which it used the bars from {@code run.from()} on
   * @param data how the bars were got
   */
  BacktestReport(
      OperationSpec.Backtest spec,
      PreparedStrategy strategy,
      BarSeries bars,
      EngineRun run,
      DataFacts data) {
    this.spec = spec;
    this.data = data;
    this.strategy = strategy;
    this.bars = bars;
    this.run = run;
    long seconds = bars.times()[bars.size() - 1] - bars.times()[run.from()];
    this.curve = run.curve();
    this.equityMetrics = new EquityMetrics(curve, seconds);
  }

  /** Metrics flat, then what they were computed from. */
  ObjectNode values(List<Warning> warnings) {
    Metrics metrics = metrics();
    ObjectNode values = Json.mapper().createObjectNode();
    values.put("strategy_name", spec.strategyName());
    values.put("symbol", bars.symbol());
    values.put("timeframe", bars.timeframe().wireName());
    values.put("start_time", bars.time(run.from()).toString());
    values.put("end_time", bars.time(bars.size() - 1).toString());
    values.put("bars", run.equity().length);
    values.setAll(metrics.values());
    values.put("trade_count", run.trades().size());
    values.put("equity_curve_length", run.equity().length);
    strategy.addFacts(values);
    ObjectNode undefined = values.putObject("undefined");
    metrics.undefined().forEach(undefined::put);
    putConfig(values.putObject("config"));
    putConventions(values.putObject("conventions"));
    values.set("data", Json.mapper().valueToTree(data));
    values.put("data_sha256", spec.dataset().sha256().hex());
    values.put("orders_sha256", run.ordersSha256().hex());
    ArrayNode warningArray = values.putArray("warnings");
    for (Warning warning : warnings) {
      warningArray.addObject().put("code", warning.code()).put("message", warning.message());
    }
    return values;
  }

  /** All trades, oldest first: a table. */
  byte[] trades() {
    List<Column> columns = new ArrayList<>(TRADE_COLUMNS);
    columns.addAll(strategy.entryColumns());
    TableWriter table = new TableWriter(columns, run.trades().size());
    for (Trade trade : run.trades()) {
      table
          .integer(trade.number())
          .word(bars.symbol())
          .word(trade.side().name())
          .time(trade.entryTime().getEpochSecond())
          .number(trade.entryPrice())
          .time(trade.exitTime().getEpochSecond())
          .number(trade.exitPrice())
          .number(trade.quantity())
          .number(trade.grossPnl())
          .number(trade.entryCommission())
          .number(trade.exitCommission())
          .number(trade.commission())
          .number(trade.slippageCost())
          .number(trade.borrowCost())
          .number(trade.netPnl())
          .number(trade.returnFraction() * 100)
          .integer(trade.barsHeld())
          .number(trade.holdingHours())
          .number(trade.maxFavorable())
          .number(trade.maxAdverse())
          .word(trade.exitReason().name());
      strategy.addEntry(table, trade);
    }
    return table.finish();
  }

  /**
   * One point a bar, oldest first: a table; {@code timestamp} is the bar's open, the value is at
   * its close.
   */
  byte[] equityCurve() {
    TableWriter table = new TableWriter(EQUITY_COLUMNS, run.equity().length);
    for (int i = 0; i < run.equity().length; i++) {
      int bar = run.from() + i;
      table
          .time(bars.times()[bar])
          .number(bars.close()[bar])
          .number(run.equity()[i])
          .word(position(run.positions()[i]));
    }
    return table.finish();
  }

  private static String position(byte sign) {
    if (sign == 0) {
      return "FLAT";
    }
    return sign > 0 ? "LONG" : "SHORT";
  }

  private Metrics metrics() {
    Metrics metrics = new Metrics();
    equityMetrics.addTo(metrics);
    new TradeMetrics(run.trades()).addTo(metrics);
    int inMarket = 0;
    for (byte position : run.positions()) {
      inMarket += position == 0 ? 0 : 1;
    }
    metrics.number("exposure", (double) inMarket / run.positions().length);
    new RiskMetrics(curve, bars.times(), run.from()).addTo(metrics);
    double[] closes = Arrays.copyOfRange(bars.close(), run.from(), bars.size());
    new BenchmarkMetrics(curve, closes, equityMetrics.periodsPerYear()).addTo(metrics);
    return metrics;
  }

  private void putConfig(ObjectNode config) {
    config.put("start_date", spec.startDate().toString());
    config.put("end_date", spec.endDate().toString());
    config.put("initial_capital", spec.initialCapital());
    config.put("commission", spec.execution().commissionRate());
    config.put("slippage", spec.execution().slippageRate());
    config.set("execution", Json.mapper().valueToTree(spec.execution()));
    config.set("sizing", Json.mapper().valueToTree(spec.sizing()));
    config.put(
        "engine_version",
        EngineVersion.of(BacktestHandler.class).orSubmitted(spec.engineVersion()));
    strategy.addConfig(config);
  }

  private void putConventions(ObjectNode conventions) {
    double periods = equityMetrics.periodsPerYear();
    if (Double.isFinite(periods)) {
      conventions.put("periods_per_year", periods);
    } else {
      conventions.putNull("periods_per_year");
    }
    conventions.put("periods_per_year_rule", "observed: returns / years of 365.25 days");
    conventions.put("deviation", "sample (n - 1); Sortino: downside over all returns");
    conventions.put("risk_free_rate", 0.0);
    conventions.put(
        "value_at_risk", "5 % quantile of the returns of a bar, linear; CVaR: mean up to it");
    conventions.put("benchmark", "buy and hold: returns of the closes of the same bars");
    conventions.put("win_rule", "net result above zero, both commissions and slippages inside");
    conventions.put(
        "fill_rule",
        switch (spec.execution().fill()) {
          case NEXT_OPEN -> "decided at the close, filled at the next bar's open";
          case SAME_CLOSE ->
              "decided at the close and filled at that same close: better than can be traded";
        });
    conventions.put(
        "stop_rule",
        "an open beyond a stop fills there; of stop and target in one bar, the stop; the trailing"
            + " stop follows the bars before");
    conventions.put("end_rule", "an open position is closed at the last close, with costs");
    conventions.put("cost_rule", "commission and slippage on both sides, inside net results");
    conventions.put("missing_bars", missingBars());
    conventions.put("fractions", "total_return_pct, win_rate and the like: 0.1 is ten percent");
  }

  private String missingBars() {
    return switch (data.gaps()) {
      case FAIL -> "none by the calendar %s, or the backtest is refused".formatted(data.calendar());
      case WARN -> "left out: the bars there are follow each other";
      case FILL ->
          "filled by the calendar %s: at the close before, volume 0".formatted(data.calendar());
    };
  }
}
