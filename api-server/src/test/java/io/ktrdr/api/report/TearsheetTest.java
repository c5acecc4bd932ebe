package io.ktrdr.api.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.table.Column;
import io.ktrdr.protocol.table.TableWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TearsheetTest {

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

    String page = Tearsheet.html(evil, metadata, result, bytes(trades), curve(100, 101, 99));

    assertThat(page).doesNotContain("<script", "<img", "alert('x')").contains("&lt;script&gt;");
  }

  /** Equity at each close. */
  @ParameterizedTest
  @ValueSource(strings = {"100", "100,100,100", "100,50,-20,-20", "100,101", "1,2,4,8,4,2,1"})
  void anyCurveGivesAPageWithoutANumberThatIsNone(String equity) {
    double[] values =
        Arrays.stream(equity.split(",", -1)).mapToDouble(Double::parseDouble).toArray();

    String page =
        Tearsheet.html(
            "op",
            Json.mapper().createObjectNode(),
            Json.mapper().createObjectNode(),
            bytes(Json.mapper().createArrayNode()),
            curve(values));

    assertThat(page).contains("</html>").doesNotContain("NaN", "Infinity");
  }

  @Test
  void onlySoManyTradesAreMarkedAndAllAreCounted() {
    ArrayNode trades = Json.mapper().createArrayNode();
    for (int i = 0; i < 1_000; i++) {
      trade(trades, i % 2 == 0 ? 3 : -1);
    }

    String page =
        Tearsheet.html(
            "op",
            Json.mapper().createObjectNode(),
            Json.mapper().createObjectNode(),
            bytes(trades),
            curve(100, 101, 99));

    assertThat(page)
        .contains("The last 400 of 1000 trades are marked.")
        .contains("<td>all</td><td>1000</td><td>50.00 %</td><td>1,000.00</td><td>1.00</td>");
    assertThat(page.split("<circle", -1)).hasSize(1 + 3 * Charts.MARKS_MAX);
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
    assertThat(Chart.ticks(0, 10)).containsExactly(0, 2, 4, 6, 8, 10);
    assertThat(Chart.ticks(59_321, 103_772))
        .containsExactly(60_000, 65_000, 70_000, 75_000, 80_000, 85_000, 90_000, 95_000, 100_000);
    assertThat(Chart.ticks(-0.42, 0.01)).contains(-0.4, 0);
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
    Instant first = Instant.parse(LocalDate.of(2023, 1, 1) + "T00:00:00Z");
    for (int i = 0; i < equity.length; i++) {
      points
          .addObject()
          .put("timestamp", first.plusSeconds(86_400L * i).toString())
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
