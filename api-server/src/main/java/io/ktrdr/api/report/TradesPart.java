package io.ktrdr.api.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.api.report.Chart.Mark;
import io.ktrdr.market.BarSeries;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/** The trades: on the prices, by themselves, and in figures. */
final class TradesPart {

  /** Most trades that are marked in one chart: more marks hide what is under them. */
  static final int MARKS_MAX = 300;

  /** Most candles of the whole range. */
  static final int CANDLES_MAX = 220;

  private static final int BINS_MAX = 30;

  private final Page page;
  private final List<TradeRow> trades;
  private final List<TradeRow> marked;
  private final Curve curve;
  private final JsonNode result;
  private final Prices prices;

  TradesPart(Page page, List<TradeRow> trades, Curve curve, JsonNode result, Prices prices) {
    this.page = page;
    this.trades = trades;
    this.curve = curve;
    this.result = result;
    this.prices = prices;
    this.marked =
        trades.size() <= MARKS_MAX
            ? trades
            : trades.stream()
                .sorted(
                    Comparator.comparingDouble((TradeRow trade) -> -Math.abs(trade.netPnl()))
                        .thenComparingInt(TradeRow::tradeId))
                .limit(MARKS_MAX)
                .sorted(Comparator.comparingInt(TradeRow::tradeId))
                .toList();
  }

  void add() {
    page.heading("Trades");
    if (marked.size() < trades.size()) {
      page.note(
          "The %d of %d trades that won or lost most are marked."
              .formatted(marked.size(), trades.size()));
    }
    switch (prices) {
      case Prices.Known(BarSeries bars) -> addOnCandles(bars);
      case Prices.Missing(String why) -> {
        page.note(why + " The line is the closes of the run.");
        addKey();
        page.wide(onCloses());
      }
    }
    if (!trades.isEmpty()) {
      addExcursions();
      addHoldingTimes();
    }
    addSides();
  }

  private void addKey() {
    page.note(
        "▲ entered long, ▼ entered short; ● left with a gain, × left with a loss, whose way there"
            + " is dashed.");
  }

  private void addOnCandles(BarSeries bars) {
    long[] times = curve.times();
    int from = bars.firstIndexAtOrAfter(Instant.ofEpochSecond(times[0]));
    int to = bars.firstIndexAtOrAfter(Instant.ofEpochSecond(times[times.length - 1] + 1));
    if (from >= to) {
      page.note("The stored prices do not reach over the run.");
      page.wide(onCloses());
      return;
    }
    Candles candles = Candles.of(bars, from, to, CANDLES_MAX);
    addKey();
    if (candles.barsEach() > 1) {
      page.note(
          "A candle is %d bars: their first open, last close, highest high and lowest low."
              .formatted(candles.barsEach()));
    }
    Chart chart =
        onPrices(
                Arrays.stream(candles.low()).min().orElse(0),
                Arrays.stream(candles.high()).max().orElse(0))
            .candles(candles, bar -> (double) bars.times()[(int) bar]);
    page.wide(marks(chart));
    boolean atClose =
        result.path("config").path("execution").path("fill").asText().equals("same_close");
    TradePanels panels = new TradePanels(bars, to, StopLevels.of(result.path("config")), atClose);
    addPanels("Largest winners", panels, TradeRow::won, -1);
    addPanels("Largest losers", panels, trade -> trade.netPnl() < 0, 1);
  }

  private void addPanels(
      String title, TradePanels panels, Predicate<TradeRow> wanted, int direction) {
    List<TradeRow> chosen =
        trades.stream()
            .filter(wanted)
            .sorted(
                Comparator.comparingDouble((TradeRow trade) -> direction * trade.netPnl())
                    .thenComparingInt(TradeRow::tradeId))
            .limit(TradePanels.SHOWN)
            .toList();
    if (!chosen.isEmpty()) {
      page.heading(title, "bars around each, with stop and target where they are near");
      panels.add(page, chosen);
    }
  }

  private String onCloses() {
    double[] closes = curve.prices();
    return marks(
        onPrices(Arrays.stream(closes).min().orElse(0), Arrays.stream(closes).max().orElse(0))
            .line("benchmark", curve.times(), closes));
  }

  private Chart onPrices(double lowest, double highest) {
    double least = lowest;
    double most = highest;
    for (TradeRow trade : marked) {
      least = Math.min(least, Math.min(trade.entryPrice(), trade.exitPrice()));
      most = Math.max(most, Math.max(trade.entryPrice(), trade.exitPrice()));
    }
    long[] times = curve.times();
    return new Chart(
            "Price and trades",
            "Prices between %s and %s, and %d trades on them."
                .formatted(Texts.price(lowest), Texts.price(highest), marked.size()),
            Chart.WIDE,
            320,
            Scale.of((double) times[0], (double) times[times.length - 1]),
            Scale.roomy(least, most))
        .yAxis(Texts::price)
        .dayAxis();
  }

  private String marks(Chart chart) {
    for (TradeRow trade : marked) {
      TradePanels.mark(chart, trade, seconds(trade.entryTime()), seconds(trade.exitTime()));
    }
    return chart.svg();
  }

  private static double seconds(Instant time) {
    return (double) time.getEpochSecond();
  }

  /** How far each trade was behind, against what it earned and how far it was ahead. */
  private void addExcursions() {
    double worst = 0;
    double low = 0;
    double high = 0;
    for (TradeRow trade : marked) {
      worst = Math.max(worst, trade.maxAdverseExcursion());
      low = Math.min(low, trade.netPnl());
      high = Math.max(high, Math.max(trade.netPnl(), trade.maxFavorableExcursion()));
    }
    Chart chart =
        new Chart(
                "Excursions",
                "Of each trade, how far it was behind against its result and how far it was ahead.",
                Chart.WIDE,
                240,
                Scale.of(0, worst),
                Scale.roomy(low, high))
            .yAxis(Texts::units)
            .xAxis(Texts::units)
            .horizontal("zero", 0);
    for (TradeRow trade : marked) {
      double behind = trade.maxAdverseExcursion();
      double ahead = trade.maxFavorableExcursion();
      String hint =
          "trade %d: net %s, behind %s, ahead %s"
              .formatted(
                  trade.tradeId(),
                  Texts.money(trade.netPnl()),
                  Texts.money(behind),
                  Texts.money(ahead));
      chart.mark("entry", Mark.UP, behind, ahead, hint);
      chart.mark(
          trade.won() ? "exit win" : "exit loss",
          trade.won() ? Mark.DOT : Mark.CROSS,
          behind,
          trade.netPnl(),
          hint);
    }
    page.heading(
        "Excursions",
        "to the right: how far behind a trade was; ● and × what it earned or lost, ▲ how far ahead"
            + " it was");
    page.wide(chart.svg());
  }

  private void addHoldingTimes() {
    List<TradeRow> known = trades.stream().filter(trade -> trade.barsHeld() != null).toList();
    if (known.isEmpty()) {
      return;
    }
    int longest = known.stream().mapToInt(TradeRow::held).max().orElse(0);
    int width = Math.ceilDiv(longest + 1, BINS_MAX);
    int[] all = new int[Math.ceilDiv(longest + 1, width)];
    int[] won = new int[all.length];
    for (TradeRow trade : known) {
      all[trade.held() / width]++;
      won[trade.held() / width] += trade.won() ? 1 : 0;
    }
    Chart chart =
        new Chart(
                "Holding times",
                "How many trades were held for how many bars; the longest for %d."
                    .formatted(longest),
                Chart.WIDE,
                180,
                Scale.of(0, (double) all.length * width),
                Scale.roomy(0, Arrays.stream(all).max().orElse(1)))
            .yAxis(value -> String.format(Locale.ROOT, "%.0f", value))
            .xAxis(value -> String.format(Locale.ROOT, "%.0f", value));
    for (int bin = 0; bin < all.length; bin++) {
      double from = (double) bin * width;
      String hint =
          "%d to %d bars: %d trades, %d of them won"
              .formatted(bin * width, (bin + 1) * width - 1, all[bin], won[bin]);
      chart.bar("loss", from, from + width, all[bin], hint);
      chart.bar("win", from, from + width, won[bin], hint);
    }
    page.heading("Holding times", "in bars; winners below, the rest above");
    page.wide(chart.svg());
  }

  private void addSides() {
    page.heading("Long and short");
    page.openTable(
        "",
        "trades",
        "won",
        "net",
        "mean",
        "best",
        "worst",
        "bars held",
        "wins in a row",
        "losses in a row",
        "commission",
        "slippage",
        "borrowing");
    addSide("long", TradeRow::isLong);
    addSide("short", trade -> !trade.isLong());
    addSide("all", _ -> true);
    page.closeTable();
  }

  private void addSide(String name, Predicate<TradeRow> wanted) {
    List<TradeRow> chosen = trades.stream().filter(wanted).toList();
    int count = chosen.size();
    if (count == 0) {
      page.row(name, "0", "–", "–", "–", "–", "–", "–", "–", "–", "–", "–", "–");
      return;
    }
    double net = chosen.stream().mapToDouble(TradeRow::netPnl).sum();
    long won = chosen.stream().filter(TradeRow::won).count();
    page.row(
        name,
        String.valueOf(count),
        Texts.percent((double) won / count),
        Texts.money(net),
        Texts.money(net / count),
        Texts.money(chosen.stream().mapToDouble(TradeRow::netPnl).max().orElse(0)),
        Texts.money(chosen.stream().mapToDouble(TradeRow::netPnl).min().orElse(0)),
        String.format(
            Locale.ROOT, "%.1f", chosen.stream().mapToInt(TradeRow::held).average().orElse(0)),
        String.valueOf(longestRow(chosen, TradeRow::won)),
        String.valueOf(longestRow(chosen, trade -> !trade.won())),
        Texts.money(chosen.stream().mapToDouble(TradeRow::commission).sum()),
        Texts.money(chosen.stream().mapToDouble(TradeRow::slippage).sum()),
        Texts.money(chosen.stream().mapToDouble(TradeRow::borrowing).sum()));
  }

  /** Most trades in a row that are of a kind. */
  static int longestRow(List<TradeRow> trades, Predicate<TradeRow> kind) {
    int longest = 0;
    int now = 0;
    for (TradeRow trade : trades) {
      now = kind.test(trade) ? now + 1 : 0;
      longest = Math.max(longest, now);
    }
    return longest;
  }
}
