package io.ktrdr.api.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.market.BarSeries;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.protocol.table.Column;
import io.ktrdr.protocol.table.TableWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.YearMonth;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TearsheetTest {

  private static final Prices MISSING = new Prices.Missing("No prices.");
  private static final Instant DAY_ONE = Instant.parse("2023-01-01T00:00:00Z");

  @Test
  void whatUsersWroteIsTextOnThePage() {
    ObjectNode result = Json.mapper().createObjectNode();
    String evil = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>";
    result.put("strategy_name", evil).put("symbol", evil).put(evil, evil);
    result.putArray("warnings").addObject().put("code", "C").put("message", evil);
    ObjectNode metadata = Json.mapper().createObjectNode();
    metadata.putObject("parameters").put(evil, evil);
    ArrayNode trades = Json.mapper().createArrayNode();
    trade(trades, 5).put("exit_reason", evil);

    String page =
        Tearsheet.html(
            new ReportSource(
                evil,
                metadata,
                result,
                bytes(trades),
                curve(100, 101, 99),
                MISSING,
                Optional.empty()));

    assertThat(page)
        .doesNotContain("<script", "<img", "alert('x')", " style=")
        .contains("&lt;script&gt;");
  }

  /** Equity at each close. */
  @ParameterizedTest
  @ValueSource(strings = {"100", "100,100,100", "100,50,-20,-20", "100,101", "1,2,4,8,4,2,1"})
  void anyCurveGivesAPageWithoutANumberThatIsNone(String equity) {
    double[] values =
        Arrays.stream(equity.split(",", -1)).mapToDouble(Double::parseDouble).toArray();

    String page = page(Json.mapper().createArrayNode(), curve(values), MISSING);

    assertThat(page).contains("</html>").doesNotContain("NaN", "Infinity");
  }

  @Test
  void theTradesThatMovedMostAreMarkedAndAllAreCounted() {
    ArrayNode trades = Json.mapper().createArrayNode();
    for (int i = 0; i < 1_000; i++) {
      trade(trades, i % 2 == 0 ? 3 : -1);
    }

    String page = page(trades, curve(100, 101, 99), MISSING);

    assertThat(page)
        .contains("The 300 of 1000 trades that won or lost most are marked.")
        .contains("<th scope=\"row\">all</th><td>1000</td><td>50.00 %</td><td>1,000.00</td>")
        .doesNotContain("exit loss");
    assertThat(page.split("class=\"exit win\"", -1)).hasSize(1 + 2 * TradesPart.MARKS_MAX);
  }

  @Test
  void tradesStandOnCandlesWithStopAndTarget() {
    ObjectNode result = Json.mapper().createObjectNode();
    ObjectNode config = result.putObject("config");
    config.putObject("execution").put("fill", "next_open");
    config
        .putObject("decisions")
        .putObject("stops")
        .put("stop_loss", 0.02)
        .put("take_profit", 0.03);
    ArrayNode trades = Json.mapper().createArrayNode();
    trade(trades, 5);
    trade(trades, -7).put("side", "SHORT");

    String page =
        Tearsheet.html(
            new ReportSource(
                "op",
                Json.mapper().createObjectNode(),
                result,
                bytes(trades),
                daily(100),
                new Prices.Known(bars(100)),
                Optional.empty()));

    assertThat(page).contains("Largest winners", "Largest losers", "class=\"rise\"");
    assertThat(page.split("<figure>", -1)).hasSize(3);
    assertThat(page).contains(">stop<", ">target<", "class=\"exit loss\"", "class=\"exit win\"");
    assertThat(page).doesNotContain("NaN", "Infinity", "A candle is");
  }

  @Test
  void whatTheModelWasTrainedOnIsABand() {
    ObjectNode result = Json.mapper().createObjectNode();
    result.put("model_version", "m/1d_v1");
    result.put("training_start", "2020-01-01").put("training_end", "2023-01-10");

    String page =
        Tearsheet.html(
            new ReportSource(
                "op",
                Json.mapper().createObjectNode(),
                result,
                bytes(Json.mapper().createArrayNode()),
                daily(31),
                MISSING,
                Optional.empty()));

    // Of 30 returns 9 end within the first ten days.
    assertThat(page)
        .contains("class=\"seen\"", ">model trained on<")
        .contains("<th scope=\"row\">in sample</th><td>9</td>")
        .contains("<th scope=\"row\">out of sample</th><td>21</td>")
        .contains("no more is known of it");
  }

  @Test
  void aLongRunOfManyTradesIsAPageOfBoundedSize() {
    int count = 20_000;
    ObjectNode result = Json.mapper().createObjectNode();
    String longText = "x".repeat(100_000);
    for (int i = 0; i < 1_000; i++) {
      result.put("figure_" + i, i < 10 ? longText : "1");
    }
    ArrayNode trades = Json.mapper().createArrayNode();
    for (int i = 0; i < count; i++) {
      Instant entry = DAY_ONE.plusSeconds(86_400L * i);
      trade(trades, i % 7 - 3)
          .put("entry_time", entry.toString())
          .put("exit_time", entry.plusSeconds(86_400).toString());
    }

    String page =
        Tearsheet.html(
            new ReportSource(
                "op",
                Json.mapper().createObjectNode(),
                result,
                bytes(trades),
                daily(count),
                new Prices.Known(bars(count)),
                Optional.empty()));

    assertThat(page.length()).isLessThan(Tearsheet.CHARACTERS_MAX);
    assertThat(page)
        .contains("A candle is 91 bars", "800 more are in the operation", "at one bar in 5");
  }

  @Test
  void backtestsSideBySideShowWhatDiffersAndEveryExtreme() {
    ObjectNode one = Json.mapper().createObjectNode().put("strategy_name", "<b>");
    one.put("sharpe_ratio", 1.5).putObject("config").put("spread", 0.1).put("capital", 100);
    ObjectNode two = Json.mapper().createObjectNode();
    two.put("sharpe_ratio", -0.5).putObject("config").put("spread", 0.2).put("capital", 100);
    double[] equity = new double[10_000];
    Arrays.fill(equity, 100);
    equity[4_321] = 40;
    equity[4_322] = 250;
    List<Comparison.Entry> entries =
        List.of(
            Comparison.Entry.of("a", "completed", Optional.of(one), Optional.of(curve(equity))),
            Comparison.Entry.of("b", "completed", Optional.of(two), Optional.of(curve(1, 2, 3))),
            Comparison.Entry.of("c", "running", Optional.empty(), Optional.empty()));

    String page = Comparison.html(entries);
    JsonNode curve = Comparison.json(entries).path("backtests").path(0).path("curve");

    assertThat(page)
        .contains(
            "class=\"line1\"", "class=\"line2\"", "each beginning at 100", "no result: running")
        .contains("<th scope=\"row\">spread</th><td>0.100000</td><td>0.200000</td><td>–</td>")
        .contains("<th scope=\"row\">sharpe_ratio</th><td>1.50000</td><td>-0.500000</td>")
        .doesNotContain("<b>", " style=", "NaN");
    assertThat(curve.size()).isLessThanOrEqualTo(2 * Comparison.COLUMNS + 2);
    assertThat(curve.findValues("portfolio_value").stream().map(JsonNode::doubleValue))
        .contains(40.0, 250.0);
    assertThat(curve.path(0).path("timestamp").asText()).isEqualTo("2023-01-01T00:00:00Z");
  }

  @Test
  void monthsCompoundToTheWhole() {
    Curve curve = Curve.read(daily(400));
    double product = 1;
    for (double change : curve.monthly().values()) {
      product *= 1 + change;
    }

    assertThat(curve.monthly().keySet())
        .startsWith(YearMonth.of(2023, 1))
        .endsWith(YearMonth.of(2024, 2));
    double[] equity = curve.equity();
    assertThat(product).isCloseTo(equity[equity.length - 1] / equity[0], within(1e-12));
  }

  @Test
  void drawdownsAreFromPeakToRecoveryDeepestFirst() {
    Curve curve = Curve.read(curve(100, 95, 100, 120, 90, 60, 110, 130, 117));

    assertThat(curve.worst(10))
        .containsExactly(
            new Curve.Drawdown(3, 5, 7, true, 0.5),
            new Curve.Drawdown(7, 8, 8, false, 1 - 117 / 130.0),
            new Curve.Drawdown(0, 1, 2, true, 1 - 95 / 100.0));
    assertThat(curve.worst(1)).hasSize(1);
    assertThat(curve.underwater()[5]).isEqualTo(-0.5);
  }

  @Test
  void aCurveCountsFromTheInitialCapitalWhateverTheFirstCloseHasCost() {
    Curve curve = Curve.read(curve(99, 102)).from(100);

    assertThat(curve.equity()).containsExactly(100, 102);
    assertThat(curve.prices()).isEqualTo(Curve.read(curve(99, 102)).prices());
  }

  @Test
  void aCurveKeptAsATableIsTheSame() {
    double[] equity = {100, 101.5, 99.25};
    TableWriter table =
        new TableWriter(
            List.of(
                Column.time("timestamp"),
                Column.number("price"),
                Column.number("portfolio_value"),
                Column.word("position")),
            equity.length);
    Curve json = Curve.read(curve(equity));
    for (int i = 0; i < equity.length; i++) {
      table.time(json.times()[i]).number(json.prices()[i]).number(equity[i]).word("FLAT");
    }
    Curve read = Curve.read(table.finish());

    assertThat(read.times()).isEqualTo(json.times());
    assertThat(read.prices()).isEqualTo(json.prices());
    assertThat(read.equity()).isEqualTo(json.equity());
  }

  @Test
  void axesHaveRoundValues() {
    assertThat(Scale.of(0, 10).ticks()).containsExactly(0, 2, 4, 6, 8, 10);
    assertThat(Scale.of(59_321, 103_772).ticks())
        .containsExactly(60_000, 65_000, 70_000, 75_000, 80_000, 85_000, 90_000, 95_000, 100_000);
    assertThat(Scale.of(-0.42, 0.01).ticks()).contains(-0.4, 0);
    assertThat(Scale.logarithmic(9, 1_100).ticks())
        .containsExactly(10, 20, 50, 100, 200, 500, 1_000);
  }

  private static String page(ArrayNode trades, byte[] curve, Prices prices) {
    return Tearsheet.html(
        new ReportSource(
            "op",
            Json.mapper().createObjectNode(),
            Json.mapper().createObjectNode(),
            bytes(trades),
            curve,
            prices,
            Optional.empty()));
  }

  /** Around 1.05, in swings that reach the prices of the trades. */
  private static BarSeries bars(int days) {
    long[] times = new long[days];
    double[][] prices = new double[4][days];
    for (int i = 0; i < days; i++) {
      times[i] = DAY_ONE.getEpochSecond() + 86_400L * i;
      prices[0][i] = 1.05 + 0.04 * Math.sin(i / 3.0);
      prices[3][i] = 1.05 + 0.04 * Math.sin((i + 1) / 3.0);
      prices[1][i] = Math.max(prices[0][i], prices[3][i]) + 0.005;
      prices[2][i] = Math.min(prices[0][i], prices[3][i]) - 0.005;
    }
    return BarSeries.of(
        "EURUSD",
        Timeframe.D1,
        times,
        prices[0],
        prices[1],
        prices[2],
        prices[3],
        new double[days]);
  }

  private static ObjectNode trade(ArrayNode trades, double net) {
    return trades
        .addObject()
        .put("trade_id", trades.size())
        .put("side", "LONG")
        .put("entry_time", "2023-01-01T00:00:00Z")
        .put("exit_time", "2023-01-02T00:00:00Z")
        .put("entry_price", 1)
        .put("exit_price", 1.1)
        .put("commission", 0)
        .put("slippage", 0)
        .put("max_favorable_excursion", 1)
        .put("max_adverse_excursion", 2)
        .put("bars_held", 1)
        .put("exit_reason", "EXIT_SIGNAL")
        .put("net_pnl", net);
  }

  private static byte[] daily(int days) {
    double[] equity = new double[days];
    for (int i = 0; i < days; i++) {
      equity[i] = 100 + 10 * Math.sin(i / 9.0);
    }
    return curve(equity);
  }

  private static byte[] curve(double... equity) {
    ArrayNode points = Json.mapper().createArrayNode();
    for (int i = 0; i < equity.length; i++) {
      points
          .addObject()
          .put("timestamp", DAY_ONE.plusSeconds(86_400L * i).toString())
          .put("price", 1 + i * 0.01)
          .put("portfolio_value", equity[i])
          .put("position", "FLAT");
    }
    return bytes(points);
  }

  private static byte[] bytes(ArrayNode rows) {
    return rows.toString().getBytes(StandardCharsets.UTF_8);
  }
}
