package io.ktrdr.api.report;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/** The charts of a report, each as SVG. */
final class Charts {

  /** More marks hide what is under them. */
  static final int MARKS_MAX = 400;

  private static final int BINS = 41;

  private final Curve curve;
  private final List<TradeRow> marked;

  Charts(Curve curve, List<TradeRow> trades) {
    this.curve = curve;
    this.marked = trades.subList(Math.max(0, trades.size() - MARKS_MAX), trades.size());
  }

  String equity() {
    return equity(
        Chart.overTime("Equity", 280, curve, lowest(), highest(curve.equity(), curve.benchmark())));
  }

  /** Empty when the equity or the price was not above 0 all the time. */
  Optional<String> logarithmicEquity() {
    return lowest() > 0
        ? Optional.of(
            equity(
                Chart.logarithmic(
                    "Equity, logarithmic",
                    220,
                    curve,
                    lowest(),
                    highest(curve.equity(), curve.benchmark()))))
        : Optional.empty();
  }

  private double lowest() {
    return Math.min(least(curve.equity()), least(curve.benchmark()));
  }

  private String equity(Chart chart) {
    return chart
        .yAxis(Texts::units)
        .dayAxis()
        .line("benchmark", curve.times(), curve.benchmark())
        .line("strategy", curve.times(), curve.equity())
        .svg();
  }

  String drawdown() {
    double[] under = curve.underwater();
    return Chart.overTime("Drawdown", 160, curve, least(under), 0)
        .yAxis(value -> String.format(Locale.ROOT, "%.3g %%", value * 100))
        .dayAxis()
        .area("under", curve.times(), under, 0)
        .svg();
  }

  /**
   * How often which return came.
   *
   * @param risk a return to be marked
   * @return empty when nothing moved
   */
  Optional<String> returns(OptionalDouble risk) {
    double[] returns = curve.returns();
    double reach = reach(returns);
    if (!(reach > 0)) {
      return Optional.empty();
    }
    int[] counts = new int[BINS];
    for (double r : returns) {
      int bin = (int) Math.floor((r + reach) / (2 * reach) * BINS);
      counts[Math.clamp(bin, 0, BINS - 1)]++;
    }
    Chart chart =
        Chart.over("Returns of a bar", 200, -reach, reach, 0, Arrays.stream(counts).max().orElse(1))
            .yAxis(value -> String.format(Locale.ROOT, "%.0f", value))
            .xAxis(value -> String.format(Locale.ROOT, "%+.3g %%", value * 100));
    for (int bin = 0; bin < BINS; bin++) {
      double from = -reach + 2 * reach * bin / BINS;
      double to = from + 2 * reach / BINS;
      chart.bar(
          to <= 0 ? "loss" : from >= 0 ? "win" : "neutral",
          from,
          to,
          counts[bin],
          String.format(
              Locale.ROOT, "%+.3f %% to %+.3f %%: %d bars", from * 100, to * 100, counts[bin]));
    }
    risk.ifPresent(at -> {
      if (Math.abs(at) <= reach) {
        chart.vertical("risk", at);
      }
    });
    return Optional.of(chart.svg());
  }

  /** Largest return to be shown: a few far ones would press the rest into one bin. */
  private static double reach(double[] returns) {
    if (returns.length < 2) {
      return 0;
    }
    double[] sorted = returns.clone();
    Arrays.sort(sorted);
    int cut = sorted.length / 200;
    double usual = Math.max(-sorted[cut], sorted[sorted.length - 1 - cut]);
    double most = Math.max(-sorted[0], sorted[sorted.length - 1]);
    return Math.min(most, 1.5 * usual);
  }

  String trades() {
    double[] prices = curve.prices();
    Chart chart =
        Chart.overTime("Price and trades", 280, curve, least(prices), highest(prices))
            .yAxis(value -> String.format(Locale.ROOT, "%.5g", value))
            .dayAxis()
            .line("benchmark", curve.times(), prices);
    for (TradeRow trade : marked) {
      chart.triangle(
          "neutral",
          seconds(trade.entryTime()),
          trade.entryPrice(),
          trade.isLong(),
          "%s %s at %s".formatted(trade.side(), trade.entryTime(), trade.entryPrice()));
      chart.dot(
          result(trade),
          seconds(trade.exitTime()),
          trade.exitPrice(),
          "%s %s: %s".formatted(trade.exitReason(), trade.exitTime(), Texts.money(trade.netPnl())));
    }
    return chart.svg();
  }

  /** How far each trade was behind, against what it earned and how far it was ahead. */
  String excursions() {
    double worst = 0;
    double low = 0;
    double high = 0;
    for (TradeRow trade : marked) {
      worst = Math.max(worst, trade.maxAdverseExcursion());
      low = Math.min(low, trade.netPnl());
      high = Math.max(high, Math.max(trade.netPnl(), trade.maxFavorableExcursion()));
    }
    Chart chart =
        Chart.over("Excursions", 240, 0, worst, low, high)
            .yAxis(Texts::units)
            .xAxis(Texts::units)
            .horizontal("zero", 0);
    for (TradeRow trade : marked) {
      double behind = trade.maxAdverseExcursion();
      String hint =
          "trade %d: net %s, behind %s"
              .formatted(trade.tradeId(), Texts.money(trade.netPnl()), Texts.money(behind));
      chart.dot("neutral", behind, trade.maxFavorableExcursion(), hint);
      chart.dot(result(trade), behind, trade.netPnl(), hint);
    }
    return chart.svg();
  }

  private static String result(TradeRow trade) {
    return trade.netPnl() >= 0 ? "win" : "loss";
  }

  private static double seconds(Instant time) {
    return (double) time.getEpochSecond();
  }

  private static double least(double[] values) {
    return Arrays.stream(values).min().orElse(0);
  }

  private static double highest(double[]... columns) {
    return Arrays.stream(columns).flatMapToDouble(Arrays::stream).max().orElse(0);
  }
}
