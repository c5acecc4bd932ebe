package io.ktrdr.api.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.market.BarSeries;

/**
 * The stops of a strategy of rules as fractions of the entry's price; infinite where there is none.
 */
record StopLevels(double stopLoss, double takeProfit, double trailing) {

  /**
   * @param config of the result
   */
  static StopLevels of(JsonNode config) {
    JsonNode stops = config.path("decisions").path("stops");
    return new StopLevels(
        stops.path("stop_loss").asDouble(Double.POSITIVE_INFINITY),
        stops.path("take_profit").asDouble(Double.POSITIVE_INFINITY),
        stops.path("trailing").asDouble(Double.POSITIVE_INFINITY));
  }

  /** Infinite without one. */
  double target(TradeRow trade) {
    return trade.entryPrice() * (1 + trade.sign() * takeProfit);
  }

  /**
   * The stop at each bar from the entry's to the exit's, both inclusive: of stop loss and trailing
   * stop the nearer, the latter by the best price of the bars before. Infinite without one.
   */
  double[] stops(TradeRow trade, BarSeries bars, int entryBar, int exitBar) {
    double[] levels = new double[exitBar - entryBar + 1];
    int sign = trade.sign();
    double fixed = trade.entryPrice() * (1 - sign * stopLoss);
    double best = trade.entryPrice();
    for (int bar = entryBar; bar <= exitBar; bar++) {
      double trails = best * (1 - sign * trailing);
      levels[bar - entryBar] = sign > 0 ? Math.max(fixed, trails) : Math.min(fixed, trails);
      best = sign > 0 ? Math.max(best, bars.high()[bar]) : Math.min(best, bars.low()[bar]);
    }
    return levels;
  }
}
