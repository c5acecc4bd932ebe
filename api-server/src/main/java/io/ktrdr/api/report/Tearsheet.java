package io.ktrdr.api.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.YearMonth;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Predicate;

/** A backtest's page. Everything from strategies and requests is escaped. */
public final class Tearsheet {

  private static final int DRAWDOWNS_SHOWN = 10;
  private static final int MONTHS = 12;
  private static final String STYLE = style();

  private final String id;
  private final JsonNode metadata;
  private final JsonNode result;
  private final List<TradeRow> trades;
  private final Curve curve;
  private final StringBuilder page = new StringBuilder(64 * 1024);

  private Tearsheet(
      String id, JsonNode metadata, JsonNode result, List<TradeRow> trades, Curve curve) {
    this.id = id;
    this.metadata = metadata;
    this.result = result;
    this.trades = trades;
    this.curve = curve;
  }

  /**
   * The page of an operation, HTML that needs no network and no script.
   *
   * @param metadata of the operation
   * @param result of the operation
   * @param trades the artifact of that name
   * @param equity the artifact of that name
   */
  public static String html(
      String id, JsonNode metadata, JsonNode result, byte[] trades, byte[] equity) {
    return new Tearsheet(id, metadata, result, TradeRow.read(trades), Curve.read(equity)).html();
  }

  private static String style() {
    try (InputStream css = Tearsheet.class.getResourceAsStream("/report/report.css")) {
      if (css == null) {
        throw new IllegalStateException("report.css is not on the class path");
      }
      return new String(css.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String html() {
    String title =
        "%s on %s %s".formatted(text("strategy_name"), text("symbol"), text("timeframe"));
    page.append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
        .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
        .append("<title>")
        .append(Html.escape(title))
        .append("</title><style>\n")
        .append(STYLE)
        .append("</style></head><body>");
    header(title);
    figures();
    charts();
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
                    Texts.day(curve.times()[0]),
                    Texts.day(curve.times()[curve.size() - 1]),
                    curve.size(),
                    id,
                    result.path("partial").asBoolean() ? " · stopped early: partial" : "")));
    page.append("</p>");
    for (JsonNode warning : result.path("warnings")) {
      page.append("<p class=\"warning\">")
          .append(
              Html.escape(
                  "%s: %s"
                      .formatted(warning.path("code").asText(), warning.path("message").asText())))
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
    figure("trades", text("total_trades"));
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

  private void charts() {
    Charts charts = new Charts(curve, trades);
    page.append("<h2>Equity<span class=\"soft\"><span class=\"key m\"></span>strategy")
        .append("<span class=\"key b\"></span>buy and hold</span></h2>");
    wide(charts.equity());
    charts
        .logarithmicEquity()
        .ifPresent(svg -> {
          heading("Equity, logarithmic", "");
          wide(svg);
        });
    heading("Drawdown", "");
    wide(charts.drawdown());
    monthly();
    JsonNode risk = result.path("value_at_risk_95");
    charts
        .returns(risk.isNumber() ? OptionalDouble.of(risk.doubleValue()) : OptionalDouble.empty())
        .ifPresent(svg -> {
          heading("Returns of a bar", "dashed: 5 % quantile");
          wide(svg);
        });
    drawdowns();
    heading(
        "Trades",
        "entries point up for long and down for short; exits are dots, green when they earned");
    wide(charts.trades());
    if (!trades.isEmpty()) {
      heading(
          "Excursions",
          "how far behind each trade was, and what it earned; blue: how far ahead it was");
      wide(charts.excursions());
    }
    if (trades.size() > Charts.MARKS_MAX) {
      page.append(
          "<p class=\"soft\">The last %d of %d trades are marked.</p>"
              .formatted(Charts.MARKS_MAX, trades.size()));
    }
  }

  private void monthly() {
    Map<Integer, double[]> years = new TreeMap<>();
    for (Map.Entry<YearMonth, Double> month : curve.monthly().entrySet()) {
      double[] row = years.computeIfAbsent(month.getKey().getYear(), _ -> emptyYear());
      double change = month.getValue();
      row[month.getKey().getMonthValue() - 1] = change;
      row[MONTHS] = Double.isNaN(row[MONTHS]) ? change : (1 + row[MONTHS]) * (1 + change) - 1;
    }
    heading("Months", "percent");
    page.append("<div class=\"scroll\"><table><tr><th>year</th>");
    for (int month = 1; month <= MONTHS; month++) {
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

  private static double[] emptyYear() {
    double[] months = new double[MONTHS + 1];
    Arrays.fill(months, Double.NaN);
    return months;
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

  private void drawdowns() {
    heading("Worst drawdowns", "");
    page.append("<div class=\"scroll\"><table><tr><th>from</th><th>lowest</th><th>recovered</th>")
        .append("<th>depth</th><th>bars</th><th>days</th></tr>");
    long[] times = curve.times();
    for (Curve.Drawdown drawdown : curve.worst(DRAWDOWNS_SHOWN)) {
      double days = (times[drawdown.recovery()] - times[drawdown.peak()]) / 86_400.0;
      row(
          Texts.day(times[drawdown.peak()]),
          Texts.day(times[drawdown.trough()]),
          drawdown.recovered() ? Texts.day(times[drawdown.recovery()]) : "not yet",
          Texts.percent(-drawdown.depth()),
          String.valueOf(drawdown.recovery() - drawdown.peak()),
          String.format(Locale.ROOT, "%.0f", days));
    }
    page.append("</table></div>");
  }

  private void sides() {
    heading("Long and short", "");
    page.append("<div class=\"scroll\"><table><tr><th></th><th>trades</th><th>won</th><th>net</th>")
        .append("<th>mean</th><th>commission</th><th>slippage</th><th>borrowing</th></tr>");
    side("long", TradeRow::isLong);
    side("short", trade -> !trade.isLong());
    side("all", _ -> true);
    page.append("</table></div>");
  }

  private void side(String name, Predicate<TradeRow> wanted) {
    List<TradeRow> chosen = trades.stream().filter(wanted).toList();
    int count = chosen.size();
    long won = chosen.stream().filter(trade -> trade.netPnl() > 0).count();
    double net = chosen.stream().mapToDouble(TradeRow::netPnl).sum();
    row(
        name,
        String.valueOf(count),
        count == 0 ? "–" : Texts.percent((double) won / count),
        Texts.money(net),
        count == 0 ? "–" : Texts.money(net / count),
        Texts.money(chosen.stream().mapToDouble(TradeRow::commission).sum()),
        Texts.money(chosen.stream().mapToDouble(TradeRow::slippage).sum()),
        Texts.money(chosen.stream().mapToDouble(TradeRow::borrowing).sum()));
  }

  private void tables() {
    heading("All figures", "");
    page.append("<dl>");
    for (Map.Entry<String, JsonNode> field : result.properties()) {
      JsonNode value = field.getValue();
      if (value.isFloatingPointNumber()) {
        definition(field.getKey(), String.format(Locale.ROOT, "%.6g", value.doubleValue()));
      } else if (value.isNull()) {
        String reason = result.path("undefined").path(field.getKey()).asText("");
        definition(field.getKey(), "– (" + reason + ")");
      } else if (value.isValueNode()) {
        definition(field.getKey(), value.asText());
      }
    }
    page.append("</dl>");
    definitions("Settings", result.path("config"));
    definitions("Conventions", result.path("conventions"));
    definitions("Request", metadata.path("parameters"));
  }

  private void definitions(String title, JsonNode node) {
    heading(title, "");
    page.append("<dl>");
    nested("", node);
    page.append("</dl>");
  }

  private void nested(String prefix, JsonNode node) {
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      if (field.getValue().isObject()) {
        nested(prefix + field.getKey() + ".", field.getValue());
      } else {
        definition(prefix + field.getKey(), field.getValue().asText());
      }
    }
  }

  private void definition(String name, String value) {
    page.append("<dt>%s</dt><dd>%s</dd>".formatted(Html.escape(name), Html.escape(value)));
  }

  private void heading(String title, String hint) {
    page.append("<h2>").append(Html.escape(title));
    if (!hint.isEmpty()) {
      page.append("<span class=\"soft\"> · ").append(Html.escape(hint)).append("</span>");
    }
    page.append("</h2>");
  }

  private void row(String... cells) {
    page.append("<tr>");
    for (String cell : cells) {
      page.append("<td>").append(Html.escape(cell)).append("</td>");
    }
    page.append("</tr>");
  }

  /** What may be wider than a phone. */
  private void wide(String svg) {
    page.append("<div class=\"scroll\">").append(svg).append("</div>");
  }

  private String percent(String name) {
    JsonNode value = result.path(name);
    return value.isNumber() ? Texts.percent(value.doubleValue()) : "–";
  }

  private String number(String name, String format) {
    JsonNode value = result.path(name);
    return value.isNumber() ? String.format(Locale.ROOT, format, value.doubleValue()) : "–";
  }

  private String text(String name) {
    return result.path(name).asText("");
  }
}
