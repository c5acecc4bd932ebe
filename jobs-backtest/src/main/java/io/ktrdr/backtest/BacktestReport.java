package io.ktrdr.backtest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.market.BarSeries;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.strategy.ModelBundle;
import io.ktrdr.strategy.Strategy;
import java.util.List;
import java.util.Locale;

/**
 * A run as JSON: the result, the trades, the equity curve. Nothing in it depends on when, where or
 * how fast it was made.
 */
final class BacktestReport {

  private final OperationSpec.Backtest spec;
  private final ModelBundle model;
  private final Strategy strategy;
  private final BarSeries bars;
  private final EngineRun run;
  private final EquityMetrics equityMetrics;

  /**
   * @param bars the series {@code run} traded, of which it used the bars from {@code run.from()} on
   */
  BacktestReport(
      OperationSpec.Backtest spec,
      ModelBundle model,
      Strategy strategy,
      BarSeries bars,
      EngineRun run) {
    this.spec = spec;
    this.model = model;
    this.strategy = strategy;
    this.bars = bars;
    this.run = run;
    long seconds = bars.times()[bars.size() - 1] - bars.times()[run.from()];
    this.equityMetrics = new EquityMetrics(run.equity(), seconds);
  }

  /** Metrics flat, then what they were computed from. */
  ObjectNode values(List<Warning> warnings) {
    Metrics metrics = metrics();
    ObjectNode values = Json.mapper().createObjectNode();
    values.put("strategy_name", spec.strategyName());
    values.put("model_version", spec.modelVersion());
    values.put("symbol", bars.symbol());
    values.put("timeframe", bars.timeframe().wireName());
    values.put("start_time", bars.time(run.from()).toString());
    values.put("end_time", bars.time(bars.size() - 1).toString());
    values.put("bars", run.equity().length);
    values.setAll(metrics.values());
    values.put("trade_count", run.trades().size());
    values.put("equity_curve_length", run.equity().length);
    ObjectNode decisions = values.putObject("decision_counts");
    for (Signal signal : Signal.values()) {
      decisions.put(signal.name().toLowerCase(Locale.ROOT), run.decisions()[signal.output()]);
    }
    ObjectNode undefined = values.putObject("undefined");
    metrics.undefined().forEach(undefined::put);
    putConfig(values.putObject("config"));
    putConventions(values.putObject("conventions"));
    values.put("data_sha256", spec.dataset().sha256().hex());
    values.put("strategy_sha256", strategy.textSha256().hex());
    values.put("weights_sha256", model.weightsSha256().hex());
    values.put("orders_sha256", run.ordersSha256().hex());
    ArrayNode warningArray = values.putArray("warnings");
    for (Warning warning : warnings) {
      warningArray.addObject().put("code", warning.code()).put("message", warning.message());
    }
    return values;
  }

  /** All trades, oldest first. */
  byte[] trades() {
    ArrayNode trades = Json.mapper().createArrayNode();
    for (Trade trade : run.trades()) {
      trades
          .addObject()
          .put("trade_id", trade.number())
          .put("symbol", bars.symbol())
          .put("side", trade.side().name())
          .put("entry_time", trade.entryTime().toString())
          .put("entry_price", trade.entryPrice())
          .put("exit_time", trade.exitTime().toString())
          .put("exit_price", trade.exitPrice())
          .put("quantity", trade.quantity())
          .put("gross_pnl", trade.grossPnl())
          .put("entry_commission", trade.entryCommission())
          .put("exit_commission", trade.exitCommission())
          .put("commission", trade.commission())
          .put("slippage", trade.slippageCost())
          .put("net_pnl", trade.netPnl())
          .put("return_pct", trade.returnFraction() * 100)
          .put("bars_held", trade.barsHeld())
          .put("holding_period_hours", trade.holdingHours())
          .put("max_favorable_excursion", trade.maxFavorable())
          .put("max_adverse_excursion", trade.maxAdverse())
          .put("exit_reason", trade.exitReason().name())
          .put("confidence", trade.confidence());
    }
    return bytes(trades);
  }

  /**
   * One point a bar, oldest first; {@code timestamp} is the bar's open, the value is at its close.
   */
  byte[] equityCurve() {
    ArrayNode points = Json.mapper().createArrayNode();
    for (int i = 0; i < run.equity().length; i++) {
      int bar = run.from() + i;
      points
          .addObject()
          .put("timestamp", bars.time(bar).toString())
          .put("price", bars.close()[bar])
          .put("portfolio_value", run.equity()[i])
          .put("position", position(run.positions()[i]));
    }
    return bytes(points);
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
    double first = bars.close()[run.from()];
    metrics.number("buy_and_hold_return_pct", bars.close()[bars.size() - 1] / first - 1);
    return metrics;
  }

  private void putConfig(ObjectNode config) {
    config.put("start_date", spec.startDate().toString());
    config.put("end_date", spec.endDate().toString());
    config.put("initial_capital", spec.initialCapital());
    config.put("commission", spec.commission());
    config.put("slippage", spec.slippage());
    config.put("engine_version", spec.engineVersion());
    ObjectNode decisions = config.putObject("decisions");
    decisions.put("confidence_threshold", strategy.decisions().confidenceThreshold());
    decisions.put("position_awareness", strategy.decisions().positionAwareness());
    decisions.put("min_signal_separation_hours", strategy.decisions().minSignalSeparationHours());
    decisions.put("allow_short_from_flat", strategy.decisions().allowShortFromFlat());
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
    conventions.put("fill_rule", "decided at the close, filled at the next bar's open");
    conventions.put("end_rule", "an open position is closed at the last close, with costs");
    conventions.put("cost_rule", "commission and slippage on both sides, inside net results");
    conventions.put("equity_fraction", Account.EQUITY_FRACTION);
    conventions.put("units", "whole");
    conventions.put("fractions", "total_return_pct, win_rate and the like: 0.1 is ten percent");
  }

  private static byte[] bytes(ArrayNode array) {
    try {
      return Json.mapper().writeValueAsBytes(array);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of plain values can be written", e);
    }
  }
}
