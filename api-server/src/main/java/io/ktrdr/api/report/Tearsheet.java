package io.ktrdr.api.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/** A backtest's page. Everything from strategies and requests is escaped. */
final class Tearsheet {

  /** More marks hide the price. */
  private static final int MARKS_MAX = 400;

  private static final int DRAWDOWNS_SHOWN = 10;
  private static final int BINS = 41;

  private static final String STYLE =
      """
      :root { color-scheme: light dark; --line: color-mix(in srgb, CanvasText 18%, transparent);
        --soft: color-mix(in srgb, CanvasText 65%, transparent);
        --main: #2f7de1; --good: #2e9d5b; --bad: #d2453b; --warn: #b9800c; }
      * { box-sizing: border-box; }
      body { margin: 0 auto; max-width: 62rem; padding: 1rem; font: 15px/1.45 system-ui, sans-serif; }
      h1 { margin: 0; font-size: 1.5rem; overflow-wrap: anywhere; }
      h2 { font-size: 1.1rem; margin: 1.8rem 0 .4rem; }
      .soft { color: var(--soft); }
      .scroll { overflow-x: auto; }
      .scroll > svg { min-width: 38rem; }
      svg { display: block; width: 100%; height: auto; }
      .grid { stroke: var(--line); } .zero { stroke: var(--soft); }
      .tick { fill: var(--soft); font-size: 12px; }
      .strategy { fill: none; stroke: var(--main); stroke-width: 1.5; }
      .benchmark { fill: none; stroke: var(--soft); stroke-width: 1; }
      .under { fill: color-mix(in srgb, var(--bad) 35%, transparent); stroke: var(--bad); stroke-width: .7; }
      .win { fill: var(--good); } .loss { fill: var(--bad); } .neutral { fill: var(--main); }
      .risk { stroke: var(--bad); stroke-dasharray: 4 3; }
      .figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: .5rem; margin: 1rem 0; }
      .figure { border: 1px solid var(--line); border-radius: .4rem; padding: .4rem .6rem; }
      .figure b { display: block; font-size: 1.15rem; font-variant-numeric: tabular-nums; }
      table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
      th, td { text-align: right; padding: .2rem .4rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
      th { color: var(--soft); font-weight: 600; font-size: .85rem; }
      th:first-child, td:first-child { text-align: left; }
      dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem .8rem; font-size: .9rem; }
      dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
      .warning { border-left: .3rem solid var(--warn); padding: .3rem .7rem; margin: .5rem 0;
        background: color-mix(in srgb, var(--warn) 14%, transparent); }
      .key::before { content: ''; display: inline-block; width: 1.2rem; border-top: 2px solid; margin: 0 .3rem .25rem .8rem; }
      .key.m::before { border-color: var(--main); } .key.b::before { border-color: var(--soft); }
      @media (max-width: 40rem) { body { padding: .6rem; } dl { grid-template-columns: 1fr; } dd { margin-bottom: .3rem; } }
      @media print { .scroll { overflow: visible; } }
      """;

  private final String id;
  private final JsonNode metadata;
  private final JsonNode result;
  private final JsonNode trades;
  private final Curve curve;
  private final StringBuilder page = new StringBuilder(64 * 1024);

  Tearsheet(String id, JsonNode metadata, JsonNode result, JsonNode trades, Curve curve) {
    this.id = id;
    this.metadata = metadata;
    this.result = result;
    this.trades = trades;
    this.curve = curve;
  }

  String html() {
    String title =
        "%s on %s %s"
            .formatted(
                text(result, "strategy_name"), text(result, "symbol"), text(result, "timeframe"));
    page.append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
        .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
        .append("<title>")
        .append(Html.escape(title))
        .append("</title><style>\n")
        .append(STYLE)
        .append("</style></head><body>");
    header(title);
    figures();
    equity();
    underwater();
    monthly();
    returns();
    drawdowns();
    tradesOverPrice();
    excursions();
    sides();
    tables();
    return page.append("</body></html>\n").toString();
  }

  private void header(String title) {
    page.append("<h1>").append(Html.escape(title)).append("</h1><p class=\"soft\">");
    page.append(
        Html.escape(
            "%s to %s, %s bars · %s%s"
                .formatted(
                    day(text(result, "start_time")),
                    day(text(result, "end_time")),
                    text(result, "bars"),
                    id,
                    result.path("partial").asBoolean() ? " · stopped early: partial" : "")));
    page.append("</p>");
    for (JsonNode warning : result.path("warnings")) {
      page.append("<p class=\"warning\">")
          .append(Html.escape("%s: %s".formatted(text(warning, "code"), text(warning, "message"))))
          .append("</p>");
    }
  }

  private void figures() {
    page.append("<div class=\"figures\">");
    figure("total return", percent("total_return_pct"));
    figure("buy and hold", percent("buy_and_hold_return_pct"));
    figure("a year", percent("annualized_return"));
    figure("Sharpe ratio", number("sharpe_ratio", "%.2f"));
    figure("Sortino ratio", number("sortino_ratio", "%.2f"));
    figure("max drawdown", percent("max_drawdown_pct"));
    figure("volatility", percent("volatility"));
    figure("trades", text(result, "total_trades"));
    figure("win rate", percent("win_rate"));
    figure("profit factor", number("profit_factor", "%.2f"));
    figure("exposure", percent("exposure"));
    figure("final equity", number("final_equity", "%,.2f"));
    page.append("</div>");
  }

  private void figure(String name, String value) {
    page.append(
        "<div class=\"figure\"><span class=\"soft\">%s</span><b>%s</b></div>"
            .formatted(Html.escape(name), Html.escape(value)));
  }

  private void equity() {
    double[] equity = curve.equity();
    double[] benchmark = curve.benchmark();
    double low = Math.min(least(equity), least(benchmark));
    double high = Math.max(most(equity), most(benchmark));
    page.append("<h2>Equity<span class=\"soft\"><span class=\"key m\"></span>strategy")
        .append("<span class=\"key b\"></span>buy and hold</span></h2>");
    long[] times = curve.times();
    chart(
        Chart.overTime("Equity", 280, curve, low, high)
            .yAxis(Tearsheet::units)
            .dayAxis()
            .line("benchmark", times, benchmark)
            .line("strategy", times, equity));
    if (low > 0) {
      page.append("<h2>Equity, logarithmic</h2>");
      chart(
          Chart.logarithmic("Equity, logarithmic", 220, curve, low, high)
              .yAxis(Tearsheet::units)
              .dayAxis()
              .line("benchmark", times, benchmark)
              .line("strategy", times, equity));
    }
  }

  private void underwater() {
    double[] under = curve.underwater();
    long[] times = curve.times();
    page.append("<h2>Drawdown</h2>");
    chart(
        Chart.overTime("Drawdown", 160, curve, least(under), 0)
            .yAxis(value -> String.format(Locale.ROOT, "%.3g %%", value * 100))
            .dayAxis()
            .area("under", times, under, 0));
  }

  private void monthly() {
    Map<Integer, double[]> years = new TreeMap<>();
    for (Map.Entry<YearMonth, Double> month : curve.monthly().entrySet()) {
      double[] row =
          years.computeIfAbsent(
              month.getKey().getYear(),
              _ -> {
                double[] empty = new double[13];
                Arrays.fill(empty, Double.NaN);
                return empty;
              });
      double change = month.getValue();
      row[month.getKey().getMonthValue() - 1] = change;
      row[12] = Double.isNaN(row[12]) ? change : (1 + row[12]) * (1 + change) - 1;
    }
    page.append(
        "<h2>Months<span class=\"soft\"> · percent</span></h2><div"
            + " class=\"scroll\"><table><tr><th>year</th>");
    for (int month = 1; month <= 12; month++) {
      page.append("<th>").append(month).append("</th>");
    }
    page.append("<th>year</th></tr>");
    years.forEach((year, row) -> {
      page.append("<tr><td>").append(year).append("</td>");
      for (double change : row) {
        page.append(heat(change));
      }
      page.append("</tr>");
    });
    page.append("</table></div>");
  }

  private static String heat(double change) {
    if (Double.isNaN(change)) {
      return "<td></td>";
    }
    int strength = (int) Math.min(60, Math.round(Math.abs(change) * 600));
    return "<td style=\"background: color-mix(in srgb, var(--%s) %d%%, transparent)\">%s</td>"
        .formatted(
            change < 0 ? "bad" : "good",
            strength,
            String.format(Locale.ROOT, "%+.1f", change * 100));
  }

  private void returns() {
    double[] returns = curve.returns();
    if (returns.length < 2) {
      return;
    }
    double reach = Arrays.stream(returns).map(Math::abs).max().orElse(0);
    double[] sorted = returns.clone();
    Arrays.sort(sorted);
    // A few far ones would press the rest into one bin.
    reach =
        Math.min(
            reach,
            1.5
                * Math.max(
                    -sorted[sorted.length / 200], sorted[sorted.length - 1 - sorted.length / 200]));
    if (!(reach > 0)) {
      return;
    }
    int[] counts = new int[BINS];
    for (double r : returns) {
      int bin = (int) Math.floor((r + reach) / (2 * reach) * BINS);
      counts[Math.clamp(bin, 0, BINS - 1)]++;
    }
    int highest = Arrays.stream(counts).max().orElse(1);
    page.append("<h2>Returns of a bar<span class=\"soft\"> · dashed: 5 % quantile</span></h2>");
    Chart chart =
        Chart.over("Returns of a bar", 200, -reach, reach, 0, highest)
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
    if (result.path("value_at_risk_95").isNumber()) {
      double risk = result.path("value_at_risk_95").doubleValue();
      if (Math.abs(risk) <= reach) {
        chart.vertical("risk", risk);
      }
    }
    chart(chart);
  }

  private void drawdowns() {
    page.append("<h2>Worst drawdowns</h2><div class=\"scroll\"><table><tr><th>from</th>")
        .append("<th>lowest</th><th>recovered</th><th>depth</th><th>bars</th><th>days</th></tr>");
    for (Curve.Drawdown drawdown : curve.worst(DRAWDOWNS_SHOWN)) {
      long[] times = curve.times();
      double days = (times[drawdown.recovery()] - times[drawdown.peak()]) / 86_400.0;
      row(
          day(times[drawdown.peak()]),
          day(times[drawdown.trough()]),
          drawdown.recovered() ? day(times[drawdown.recovery()]) : "not yet",
          share(-drawdown.depth()),
          String.valueOf(drawdown.recovery() - drawdown.peak()),
          String.format(Locale.ROOT, "%.0f", days));
    }
    page.append("</table></div>");
  }

  private void tradesOverPrice() {
    long[] times = curve.times();
    double[] prices = curve.prices();
    page.append("<h2>Trades<span class=\"soft\"> · entries point up for long and down for short;")
        .append(" exits are dots, green when they earned</span></h2>");
    Chart chart =
        Chart.overTime("Price and trades", 280, curve, least(prices), most(prices))
            .yAxis(value -> String.format(Locale.ROOT, "%.5g", value))
            .dayAxis()
            .line("benchmark", times, prices);
    int first = Math.max(0, trades.size() - MARKS_MAX);
    for (int i = first; i < trades.size(); i++) {
      JsonNode trade = trades.get(i);
      boolean isLong = text(trade, "side").equals("LONG");
      double net = trade.path("net_pnl").doubleValue();
      chart.triangle(
          "neutral",
          seconds(trade, "entry_time"),
          trade.path("entry_price").doubleValue(),
          isLong,
          "%s %s at %s"
              .formatted(
                  text(trade, "side"), text(trade, "entry_time"), text(trade, "entry_price")));
      chart.dot(
          net >= 0 ? "win" : "loss",
          seconds(trade, "exit_time"),
          trade.path("exit_price").doubleValue(),
          "%s %s: %s".formatted(text(trade, "exit_reason"), text(trade, "exit_time"), money(net)));
    }
    chart(chart);
    if (first > 0) {
      page.append(
          "<p class=\"soft\">The last %d of %d trades are marked.</p>"
              .formatted(MARKS_MAX, trades.size()));
    }
  }

  private void excursions() {
    if (trades.isEmpty()) {
      return;
    }
    double worst = 0;
    double low = 0;
    double high = 0;
    for (JsonNode trade : trades) {
      worst = Math.max(worst, trade.path("max_adverse_excursion").doubleValue());
      low = Math.min(low, trade.path("net_pnl").doubleValue());
      high = Math.max(high, trade.path("max_favorable_excursion").doubleValue());
    }
    page.append("<h2>Excursions<span class=\"soft\"> · how far behind each trade was, and what it")
        .append(" earned; blue: how far ahead it was</span></h2>");
    Chart chart =
        Chart.over("Excursions", 240, 0, worst, low, high)
            .yAxis(Tearsheet::units)
            .xAxis(Tearsheet::units)
            .horizontal("zero", 0);
    for (JsonNode trade : trades) {
      double behind = trade.path("max_adverse_excursion").doubleValue();
      double net = trade.path("net_pnl").doubleValue();
      String hint =
          "trade %s: net %s, behind %s"
              .formatted(text(trade, "trade_id"), money(net), money(behind));
      chart.dot("neutral", behind, trade.path("max_favorable_excursion").doubleValue(), hint);
      chart.dot(net >= 0 ? "win" : "loss", behind, net, hint);
    }
    chart(chart);
  }

  private void sides() {
    page.append("<h2>Long and short</h2><div class=\"scroll\"><table><tr><th></th><th>trades</th>")
        .append(
            "<th>won</th><th>net</th><th>mean</th><th>commission</th><th>slippage</th><th>borrowing</th></tr>");
    side("long", trade -> text(trade, "side").equals("LONG"));
    side("short", trade -> text(trade, "side").equals("SHORT"));
    side("all", _ -> true);
    page.append("</table></div>");
  }

  private void side(String name, Predicate<JsonNode> wanted) {
    int count = 0;
    int won = 0;
    double net = 0;
    double commission = 0;
    double slippage = 0;
    double borrowing = 0;
    for (JsonNode trade : trades) {
      if (wanted.test(trade)) {
        count++;
        won += trade.path("net_pnl").doubleValue() > 0 ? 1 : 0;
        net += trade.path("net_pnl").doubleValue();
        commission += trade.path("commission").doubleValue();
        slippage += trade.path("slippage").doubleValue();
        borrowing += trade.path("borrow_cost").doubleValue();
      }
    }
    row(
        name,
        String.valueOf(count),
        count == 0 ? "–" : String.format(Locale.ROOT, "%.1f %%", 100.0 * won / count),
        money(net),
        count == 0 ? "–" : money(net / count),
        money(commission),
        money(slippage),
        money(borrowing));
  }

  private void tables() {
    page.append("<h2>All figures</h2><dl>");
    result
        .properties()
        .forEach(field -> {
          JsonNode value = field.getValue();
          if (value.isFloatingPointNumber()) {
            definition(field.getKey(), String.format(Locale.ROOT, "%.6g", value.doubleValue()));
          } else if (value.isNull()) {
            definition(
                field.getKey(), "– (" + text(result.path("undefined"), field.getKey()) + ")");
          } else if (value.isValueNode()) {
            definition(field.getKey(), value.asText());
          }
        });
    page.append("</dl><h2>Settings</h2><dl>");
    nested("", result.path("config"));
    page.append("</dl><h2>Conventions</h2><dl>");
    nested("", result.path("conventions"));
    page.append("</dl><h2>Request</h2><dl>");
    nested("", metadata.path("parameters"));
    page.append("</dl>");
  }

  private void nested(String prefix, JsonNode node) {
    node.properties()
        .forEach(field -> {
          if (field.getValue().isObject()) {
            nested(prefix + field.getKey() + ".", field.getValue());
          } else {
            definition(prefix + field.getKey(), field.getValue().asText());
          }
        });
  }

  private void definition(String name, String value) {
    page.append("<dt>%s</dt><dd>%s</dd>".formatted(Html.escape(name), Html.escape(value)));
  }

  private void row(String... cells) {
    page.append("<tr>");
    for (String cell : cells) {
      page.append("<td>").append(Html.escape(cell)).append("</td>");
    }
    page.append("</tr>");
  }

  private void chart(Chart chart) {
    page.append("<div class=\"scroll\">").append(chart.svg()).append("</div>");
  }

  private String percent(String name) {
    return result.path(name).isNumber()
        ? String.format(Locale.ROOT, "%.2f %%", result.path(name).doubleValue() * 100)
        : "–";
  }

  private String number(String name, String format) {
    return result.path(name).isNumber()
        ? String.format(Locale.ROOT, format, result.path(name).doubleValue())
        : "–";
  }

  private static String money(double value) {
    return String.format(Locale.ROOT, "%,.2f", value);
  }

  /** On an axis, whose values are round. */
  private static String units(double value) {
    return Math.abs(value) >= 10
        ? String.format(Locale.ROOT, "%,.0f", value)
        : String.format(Locale.ROOT, "%.3g", value);
  }

  private static String share(double value) {
    return String.format(Locale.ROOT, "%.1f %%", value * 100);
  }

  private static String text(JsonNode node, String name) {
    return node.path(name).asText("");
  }

  private static double seconds(JsonNode trade, String name) {
    return (double) Instant.parse(text(trade, name)).getEpochSecond();
  }

  private static String day(String instant) {
    return instant.length() < 10 ? instant : instant.substring(0, 10);
  }

  private static String day(long seconds) {
    return LocalDate.ofInstant(Instant.ofEpochSecond(seconds), ZoneOffset.UTC).toString();
  }

  private static double least(double[] values) {
    return Arrays.stream(values).min().orElse(0);
  }

  private static double most(double[] values) {
    return Arrays.stream(values).max().orElse(0);
  }
}
