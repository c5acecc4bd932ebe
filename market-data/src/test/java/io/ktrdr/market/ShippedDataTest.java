package io.ktrdr.market;

import static org.assertj.core.api.Assertions.assertThat;

import io.ktrdr.protocol.MarketCalendar;
import io.ktrdr.protocol.Timeframe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The data in {@code data/} is what its README says. */
class ShippedDataTest {

  private static final Path DATA = Path.of("..", "data");

  private final DataCatalogue catalogue = new DataCatalogue(DATA);

  @ParameterizedTest
  @CsvSource({
    "EURUSD,2536,2024-12-23T00:00:00Z",
    "GBPUSD,2477,2024-11-29T00:00:00Z",
    "USDJPY,2477,2024-11-29T00:00:00Z"
  })
  void everyPairCoversTenYears(String symbol, int rows, Instant last) throws IOException {
    Dataset dataset = catalogue.find(symbol, Timeframe.D1);

    assertThat(dataset.rows()).isEqualTo(rows);
    assertThat(dataset.firstBar()).isEqualTo(Instant.parse("2015-01-02T00:00:00Z"));
    assertThat(dataset.lastBar()).isEqualTo(last);
    assertThat(dataset.layout()).isEqualTo(Layout.KTRDR);
    assertThat(dataset.gaps()).isEqualTo(Gaps.none(MarketCalendar.EXCHANGE));
    assertThat(dataset.notes()).anyMatch(note -> note.contains("one fixing a day"));
    assertThat(Files.readString(DATA.resolve("README.md"))).contains(dataset.sha256().hex());
  }

  @Test
  void everyBarOpensAtTheCloseBeforeIt() {
    Dataset dataset = catalogue.find("EURUSD", Timeframe.D1);
    BarSeries bars = CsvBarReader.read(catalogue.bytes(dataset), "EURUSD", Timeframe.D1);

    for (int i = 1; i < bars.size(); i++) {
      assertThat(bars.open()[i]).isEqualTo(bars.close()[i - 1]);
    }
  }
}
