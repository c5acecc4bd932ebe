package io.ktrdr.api.result;

import static org.assertj.core.api.Assertions.assertThat;

import io.ktrdr.api.report.Prices;
import io.ktrdr.api.report.ReportSource;
import io.ktrdr.api.report.Tearsheet;
import io.ktrdr.protocol.DatasetRef;
import io.ktrdr.protocol.GapPolicy;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.MarketCalendar;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.protocol.Timeframe;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReportPricesTest {

  private static final LocalDate FIRST = LocalDate.of(2024, 1, 1);
  private static final int DAYS = 30;

  @Test
  void aReportDrawsTheBarsThatWereFilled() {
    assertThat(candles(GapPolicy.WARN)).isEqualTo(DAYS - 2);
    assertThat(candles(GapPolicy.FILL)).isEqualTo(DAYS);
  }

  @Test
  void aFileThatIsTooLargeOrGoneIsSaid() {
    DatasetRef ref = ref(GapPolicy.FILL);

    assertThat(ReportSources.prices(ref, Optional.empty())).isInstanceOf(Prices.Missing.class);
    Prices large =
        ReportSources.prices(
            ref, Optional.of(new ResultStore.Stored(99_000_000, Optional.empty())));
    assertThat(large)
        .isInstanceOfSatisfying(
            Prices.Missing.class, missing -> assertThat(missing.why()).contains("99000000 bytes"));
  }

  /** Of the page; each has one wick that goes up to its high and one that goes down. */
  private static int candles(GapPolicy gaps) {
    byte[] csv = csv();
    Prices prices =
        ReportSources.prices(
            ref(gaps), Optional.of(new ResultStore.Stored(csv.length, Optional.of(csv))));
    String page =
        Tearsheet.html(
            new ReportSource(
                "op",
                Json.mapper().createObjectNode(),
                Json.mapper().createObjectNode(),
                trades(),
                equity(),
                prices,
                Optional.empty()));
    int from = page.indexOf("class=\"rise\" d=\"");
    String path = page.substring(from, page.indexOf("\"/>", from));
    return path.split("Z", -1).length - 1;
  }

  private static DatasetRef ref(GapPolicy gaps) {
    return new DatasetRef("BTCUSD", Timeframe.D1, Sha256.of(csv()), gaps, MarketCalendar.ALWAYS);
  }

  /** Every bar rises; the eleventh and the twelfth are missing. */
  private static byte[] csv() {
    StringBuilder csv = new StringBuilder("timestamp,open,high,low,close,volume\n");
    for (int day = 0; day < DAYS; day++) {
      if (day != 10 && day != 11) {
        csv.append(FIRST.plusDays(day)).append(",1,1.3,0.9,1.1,0\n");
      }
    }
    return csv.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] trades() {
    return Json.mapper()
        .createArrayNode()
        .add(
            Json.mapper()
                .createObjectNode()
                .put("trade_id", 1)
                .put("side", "LONG")
                .put("entry_time", "2024-01-05T00:00:00Z")
                .put("exit_time", "2024-01-20T00:00:00Z")
                .put("entry_price", 1)
                .put("exit_price", 1.1)
                .put("commission", 0)
                .put("slippage", 0)
                .put("max_favorable_excursion", 1)
                .put("max_adverse_excursion", 2)
                .put("bars_held", 15)
                .put("exit_reason", "EXIT_SIGNAL")
                .put("net_pnl", 5))
        .toString()
        .getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] equity() {
    StringBuilder points = new StringBuilder();
    for (int day = 0; day < DAYS; day++) {
      points
          .append(day == 0 ? "[" : ",")
          .append(
              "{\"timestamp\":\"%sT00:00:00Z\",\"price\":1,\"portfolio_value\":100,\"position\":\"FLAT\"}"
                  .formatted(FIRST.plusDays(day)));
    }
    return points.append("]").toString().getBytes(StandardCharsets.UTF_8);
  }
}
