package io.ktrdr.api.report;

import io.ktrdr.api.report.Chart.Mark;
import io.ktrdr.market.BarSeries;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;

/** Single trades on their bars, with their stops. */
final class TradePanels {

  /** Most winners, and most losers, that get a panel. */
  static final int SHOWN = 6;

  /** Longer stretches are drawn with several bars to a candle. */
  static final int CANDLES_MAX = 60;

  private static final int BARS_AROUND = 10;
  private static final int BARS_MIN = 30;

  private final BarSeries bars;
  private final int end;
  private final StopLevels levels;
  private final boolean atClose;

  /**
   * @param end bar after the last of the run
   * @param atClose whether decisions were filled at the close they were made at
   */
  TradePanels(BarSeries bars, int end, StopLevels levels, boolean atClose) {
    this.bars = bars;
    this.end = end;
    this.levels = levels;
    this.atClose = atClose;
  }

  void add(Page page, List<TradeRow> trades) {
    page.openPanels();
    for (TradeRow trade : trades) {
      add(page, trade);
    }
    page.close();
  }

  private void add(Page page, TradeRow trade) {
    int entry = bar(trade.entryTime(), atClose);
    int exit = Math.max(entry, bar(trade.exitTime(), trade.leftAtClose(atClose)));
    int around = Math.max(BARS_AROUND, (BARS_MIN - (exit - entry)) / 2);
    int from = Math.max(0, entry - around);
    int to = Math.min(end, exit + around + 1);
    Candles candles = Candles.of(bars, from, to, CANDLES_MAX);
    // Whoever enters at a close meets the next bar's prices first.
    int first = Math.min(exit, atClose ? entry + 1 : entry);
    double[] stops = levels.stops(trade, bars, first, exit);
    double target = levels.target(trade);
    Scale scale = scale(trade, candles, stops, target);
    String name = name(trade);
    Chart chart =
        new Chart(
                "Trade " + trade.tradeId(),
                "%d candles around it, its entry and its exit.".formatted(candles.size()),
                Chart.NARROW,
                220,
                Scale.of(from - 0.5, to - 0.5),
                scale)
            .yAxis(Texts::price)
            .dayAxis(at -> (double) bars.times()[Math.clamp(Math.round(at), 0, end - 1)])
            .candles(candles, bar -> bar);
    if (inside(scale, target)) {
      chart
          .segment("target", first - 0.5, target, exit + 0.5, target)
          .words(first, target, "target");
    }
    hide(stops, scale);
    if (Rolling.any(stops)) {
      if (first == exit) {
        chart.segment("stop", first - 0.5, stops[0], first + 0.5, stops[0]);
      } else {
        chart.line("stop", LongStream.rangeClosed(first, exit).toArray(), stops);
      }
      chart.words(
          first, Arrays.stream(stops).filter(Double::isFinite).findFirst().orElse(0), "stop");
    }
    mark(chart, trade, entry, exit);
    String each =
        candles.barsEach() == 1 ? "" : "; a candle is %d bars".formatted(candles.barsEach());
    page.panel(chart.svg(), name + each);
  }

  /** Entry, exit and the way between them: winner or loser by form and by colour. */
  static void mark(Chart chart, TradeRow trade, double entry, double exit) {
    String css = trade.won() ? "win" : "loss";
    chart.segment("way " + css, entry, trade.entryPrice(), exit, trade.exitPrice());
    chart.mark(
        "entry",
        trade.isLong() ? Mark.UP : Mark.DOWN,
        entry,
        trade.entryPrice(),
        "%s %s at %s".formatted(trade.side(), trade.entryTime(), trade.entryPrice()));
    chart.mark(
        "exit " + css,
        trade.won() ? Mark.DOT : Mark.CROSS,
        exit,
        trade.exitPrice(),
        "%s %s at %s: %s"
            .formatted(
                trade.exitReason(),
                trade.exitTime(),
                trade.exitPrice(),
                Texts.money(trade.netPnl())));
  }

  private static String name(TradeRow trade) {
    return String.format(
        Locale.ROOT,
        "%d: %s from %s at %s to %s at %s, net %s (%s)",
        trade.tradeId(),
        trade.side().toLowerCase(Locale.ROOT),
        Texts.minute(trade.entryTime()),
        Texts.price(trade.entryPrice()),
        Texts.minute(trade.exitTime()),
        Texts.price(trade.exitPrice()),
        Texts.money(trade.netPnl()),
        trade.exitReason());
  }

  /**
   * The bar of a fill.
   *
   * @param ended whether the time is the bar's end, and not its open
   */
  private int bar(Instant time, boolean ended) {
    int after = bars.firstIndexAtOrAfter(ended ? time : time.plusSeconds(1));
    return Math.clamp(after - 1, 0, end - 1);
  }

  /** Prices, fills, and of stop and target what lies near. */
  private static Scale scale(TradeRow trade, Candles candles, double[] stops, double target) {
    double low = Math.min(trade.entryPrice(), trade.exitPrice());
    double high = Math.max(trade.entryPrice(), trade.exitPrice());
    for (int i = 0; i < candles.size(); i++) {
      low = Math.min(low, candles.low()[i]);
      high = Math.max(high, candles.high()[i]);
    }
    double span = high - low;
    double least = low;
    double most = high;
    for (double level : new double[] {stops[0], stops[stops.length - 1], target}) {
      if (level > low - span / 2 && level < high + span / 2) {
        least = Math.min(least, level);
        most = Math.max(most, level);
      }
    }
    return Scale.roomy(least, most);
  }

  private static boolean inside(Scale scale, double level) {
    return level >= scale.low() && level <= scale.high();
  }

  private static void hide(double[] levels, Scale scale) {
    for (int i = 0; i < levels.length; i++) {
      levels[i] = inside(scale, levels[i]) ? levels[i] : Double.NaN;
    }
  }
}
