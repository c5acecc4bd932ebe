package io.ktrdr.backtest;

import java.util.List;

/**
 * Figures of a list of trades, from their net results: both commissions and both slippages are in.
 * Money is summed without drift ({@link NeumaierSum}).
 *
 * <p>A trade with a net result of exactly zero neither wins nor loses. Win rate: winners by all
 * trades. Profit factor: sum of the gains by the sum of the losses, in money. Expectancy: mean net
 * result; its ratio {@code (1 + W / L) win rate - 1} and the Kelly fraction {@code win rate - (1 -
 * win rate) / (W / L)}, with W and L the mean gain and the mean loss of winners and losers. SQN:
 * {@code √N mean / std}, sample deviation. Holding periods are in hours.
 */
final class TradeMetrics {

  private static final String NO_TRADES = "no trades";
  private static final String NO_WINNERS = "no winning trades";
  private static final String NO_LOSERS = "no losing trades";

  private final List<Trade> trades;

  TradeMetrics(List<Trade> trades) {
    this.trades = trades;
  }

  void addTo(Metrics metrics) {
    Sums all = new Sums();
    Sums winners = new Sums();
    Sums losers = new Sums();
    for (Trade trade : trades) {
      all.add(trade);
      if (trade.netPnl() > 0) {
        winners.add(trade);
      } else if (trade.netPnl() < 0) {
        losers.add(trade);
      }
    }
    metrics.count("total_trades", all.count);
    metrics.count("winning_trades", winners.count);
    metrics.count("losing_trades", losers.count);
    metrics.count("long_trades", trades.stream().filter(t -> t.side() == Side.LONG).count());
    metrics.count("short_trades", trades.stream().filter(t -> t.side() == Side.SHORT).count());
    metrics.number("win_rate", (double) winners.count / all.count, NO_TRADES);
    if (losers.count == 0) {
      metrics.undefine("profit_factor", all.count == 0 ? NO_TRADES : NO_LOSERS);
    } else {
      metrics.number("profit_factor", winners.net.value() / -losers.net.value());
    }
    metrics.number("avg_holding_period", all.hours / all.count, NO_TRADES);
    metrics.number("avg_win_holding_period", winners.hours / winners.count, NO_WINNERS);
    metrics.number("avg_loss_holding_period", losers.hours / losers.count, NO_LOSERS);
    metrics.number("avg_win", winners.net.value() / winners.count, NO_WINNERS);
    metrics.number("avg_loss", losers.net.value() / losers.count, NO_LOSERS);
    metrics.number("largest_win", winners.largest, NO_WINNERS);
    metrics.number("largest_loss", losers.smallest, NO_LOSERS);
    metrics.number("expectancy", all.net.value() / all.count, NO_TRADES);
    addEdge(metrics, all, winners, losers);
    addQuality(metrics, all.net.value() / all.count);
    metrics.number("total_commission", all.commission.value());
    metrics.number("total_slippage", all.slippage.value());
    metrics.number("total_borrow_cost", all.borrow.value());
  }

  private static void addEdge(Metrics metrics, Sums all, Sums winners, Sums losers) {
    if (winners.count == 0 || losers.count == 0) {
      String reason = all.count == 0 ? NO_TRADES : winners.count == 0 ? NO_WINNERS : NO_LOSERS;
      metrics.undefine("expectancy_ratio", reason);
      metrics.undefine("kelly_fraction", reason);
      return;
    }
    double winRate = (double) winners.count / all.count;
    double payoff = winners.net.value() / winners.count / (-losers.net.value() / losers.count);
    metrics.number("expectancy_ratio", (1 + payoff) * winRate - 1);
    metrics.number("kelly_fraction", winRate - (1 - winRate) / payoff);
  }

  private void addQuality(Metrics metrics, double mean) {
    int n = trades.size();
    if (n < 2) {
      metrics.undefine("sqn", "fewer than two trades");
      return;
    }
    double squares = 0;
    for (Trade trade : trades) {
      double difference = trade.netPnl() - mean;
      squares += difference * difference;
    }
    double quality = Math.sqrt(n) * mean / Math.sqrt(squares / (n - 1));
    metrics.number("sqn", quality, "all trades end alike");
  }

  private static final class Sums {
    private int count;
    private final NeumaierSum net = new NeumaierSum(0);
    private final NeumaierSum commission = new NeumaierSum(0);
    private final NeumaierSum slippage = new NeumaierSum(0);
    private final NeumaierSum borrow = new NeumaierSum(0);
    private double hours;
    private double largest = Double.NEGATIVE_INFINITY;
    private double smallest = Double.POSITIVE_INFINITY;

    void add(Trade trade) {
      count++;
      net.add(trade.netPnl());
      hours += trade.holdingHours();
      commission.add(trade.commission());
      slippage.add(trade.slippageCost());
      borrow.add(trade.borrowCost());
      largest = Math.max(largest, trade.netPnl());
      smallest = Math.min(smallest, trade.netPnl());
    }
  }
}
