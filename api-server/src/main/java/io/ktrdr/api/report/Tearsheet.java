package io.ktrdr.api.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * A backtest's page. Everything from strategies and requests is escaped.
 *
 * <p>However long the run, the page is at most {@value #CHARACTERS_MAX} characters: lines, candles,
 * marks, rows and texts each have a limit of their own, and the page says where one was reached.
 */
public final class Tearsheet {

  /** Most characters of a page. */
  public static final int CHARACTERS_MAX = 1_000_000;

  private final String id;
  private final JsonNode metadata;
  private final JsonNode result;
  private final ReportSource source;
  private final List<TradeRow> trades;
  private final Curve curve;
  private final Page page;

  private Tearsheet(ReportSource source) {
    this.id = source.id();
    this.metadata = source.metadata();
    this.result = source.result();
    this.source = source;
    this.trades = TradeRow.read(source.trades());
    Curve stored = Curve.read(source.equity());
    this.curve = stored.from(capital(result, stored));
    this.page =
        new Page("%s on %s %s".formatted(text("strategy_name"), text("symbol"), text("timeframe")));
  }

  /** What the backtest began with. */
  static double capital(JsonNode result, Curve stored) {
    return result.path("config").path("initial_capital").asDouble(stored.equity()[0]);
  }

  /** The page of a backtest, HTML that needs no network and no script. */
  public static String html(ReportSource source) {
    return new Tearsheet(source).html();
  }

  private String html() {
    addHeader();
    addFigures();
    new EquityPart(page, curve, result).add();
    new TradesPart(page, trades, curve, result, source.prices()).add();
    Resample.of(curve.equity()[0], trades).ifPresent(fan -> fan.addTo(page));
    new ModelPart(page, result, source.model()).add();
    addTables();
    return page.finished();
  }

  private void addHeader() {
    page.note(
        "%s to %s, %s bars · %s%s"
            .formatted(
                Texts.day(curve.times()[0]),
                Texts.day(curve.times()[curve.size() - 1]),
                curve.size(),
                id,
                result.path("partial").asBoolean() ? " · stopped early: partial" : ""));
    for (JsonNode warning : result.path("warnings")) {
      page.warning(
          "%s: %s".formatted(warning.path("code").asText(), warning.path("message").asText()));
    }
  }

  private void addFigures() {
    page.openFigures();
    page.figure("total return", percent("total_return_pct"));
    page.figure("buy and hold", percent("buy_and_hold_return_pct"));
    page.figure("a year", percent("annualized_return"));
    page.figure("Sharpe ratio", number("sharpe_ratio", "%.2f"));
    page.figure("Sortino ratio", number("sortino_ratio", "%.2f"));
    page.figure("max drawdown", percent("max_drawdown_pct"));
    page.figure("volatility", percent("volatility"));
    page.figure("trades", text("total_trades"));
    page.figure("win rate", percent("win_rate"));
    page.figure("profit factor", number("profit_factor", "%.2f"));
    page.figure("exposure", percent("exposure"));
    page.figure("final equity", number("final_equity", "%,.2f"));
    page.close();
    addOrigin();
  }

  /** What the figures can be made again from. */
  private void addOrigin() {
    JsonNode config = result.path("config");
    page.openDefinitions();
    addIfThere("strategy", result.path("strategy_sha256"));
    addIfThere("data", result.path("data_sha256"));
    addIfThere("orders", result.path("orders_sha256"));
    addIfThere("engine", config.path("engine_version"));
    addIfThere("fills", result.path("conventions").path("fill_rule"));
    String costs =
        StreamSupport.stream(config.path("execution").properties().spliterator(), false)
            .filter(field -> field.getValue().isNumber() && field.getValue().doubleValue() != 0)
            .map(field -> field.getKey() + " " + field.getValue().decimalValue().toPlainString())
            .collect(Collectors.joining(", "));
    page.definition("costs", costs.isEmpty() ? "none" : costs);
    JsonNode sizing = config.path("sizing");
    if (sizing.isObject()) {
      page.definition(
          "sizing",
          "%s %s%s"
              .formatted(
                  sizing.path("kind").asText(),
                  sizing.path("value").asText(),
                  sizing.path("whole_units").asBoolean() ? ", whole units" : ""));
    }
    double periods = curve.periodsPerYear();
    page.definition(
        "periods a year",
        Double.isFinite(periods) ? String.format(Locale.ROOT, "%.2f, observed", periods) : "–");
    page.closeDefinitions();
  }

  private void addIfThere(String name, JsonNode value) {
    if (!value.isMissingNode()) {
      page.definition(name, value.asText());
    }
  }

  private void addTables() {
    page.heading("All figures");
    page.openDefinitions();
    for (Map.Entry<String, JsonNode> field : result.properties()) {
      JsonNode value = field.getValue();
      if (value.isFloatingPointNumber()) {
        page.definition(field.getKey(), String.format(Locale.ROOT, "%.6g", value.doubleValue()));
      } else if (value.isNull()) {
        String reason = result.path("undefined").path(field.getKey()).asText("");
        page.definition(field.getKey(), "– (" + reason + ")");
      } else if (value.isValueNode()) {
        page.definition(field.getKey(), value.asText());
      }
    }
    page.closeDefinitions();
    addDefinitions("Settings", result.path("config"));
    addDefinitions("Conventions", result.path("conventions"));
    addDefinitions("Request", metadata.path("parameters"));
  }

  private void addDefinitions(String title, JsonNode node) {
    page.heading(title);
    page.openDefinitions();
    page.definitions("", node);
    page.closeDefinitions();
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
