package io.ktrdr.market;

import static org.assertj.core.api.Assertions.assertThat;

import io.ktrdr.protocol.DatasetRef;
import io.ktrdr.protocol.GapPolicy;
import io.ktrdr.protocol.MarketCalendar;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.protocol.Timeframe;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ZeroVolumeTest {

  private static final Instant FIRST = Instant.parse("2024-01-01T00:00:00Z");

  @TempDir private Path folder;

  @Test
  void barsWithoutVolumeAreCountedWhereOthersHaveOne() throws IOException {
    Dataset dataset = listed(5, 0, 7, 0, 0, 3);

    assertThat(dataset.zeroVolumeBars()).isEqualTo(3);
    assertThat(dataset.warnings())
        .singleElement()
        .asString()
        .startsWith("DATA_ZERO_VOLUME: ")
        .contains("2024-01-02T00:00:00Z", "3 such bars");
  }

  @Test
  void aFileWithoutAnyVolumeIsNotFlagged() throws IOException {
    Dataset dataset = listed(0, 0, 0);

    assertThat(dataset.zeroVolumeBars()).isZero();
    assertThat(dataset.warnings()).isEmpty();
    assertThat(listed(1, 2, 3).warnings()).isEmpty();
  }

  /** Whether there are volumes at all is a matter of the file, how many lack one of the dates. */
  @Test
  void anOperationIsToldOfThoseWithinItsDates() {
    DatasetBars bars = frozen(GapPolicy.WARN, csv(5, 0, 7, 0, 0, 3));

    assertThat(codes(bars, 0, 1)).isEmpty();
    assertThat(codes(bars, 3, 5)).containsExactly("DATA_ZERO_VOLUME");
    assertThat(bars.warnings(day(3), day(5)).getFirst().message())
        .contains("2024-01-04T00:00:00Z", "2 such bars");
  }

  @Test
  void aFilledBarIsNoneOfTheFile() {
    byte[] csv =
        new String(csv(5, 6, 7, 8), StandardCharsets.UTF_8)
            .replaceAll("2024-01-0[23].*\n", "")
            .getBytes(StandardCharsets.UTF_8);
    DatasetBars bars = frozen(GapPolicy.FILL, csv);

    assertThat(bars.bars().volume()).containsExactly(5, 0, 0, 8);
    assertThat(codes(bars, 0, 4)).isEmpty();
  }

  private static List<String> codes(DatasetBars bars, int from, int to) {
    return bars.warnings(day(from), day(to)).stream().map(DataWarning::code).toList();
  }

  private static DatasetBars frozen(GapPolicy gaps, byte[] csv) {
    return DatasetBars.read(
        csv, new DatasetRef("BTCUSD", Timeframe.D1, Sha256.of(csv), gaps, MarketCalendar.ALWAYS));
  }

  private Dataset listed(double... volumes) throws IOException {
    Path file = folder.resolve("BTCUSD_1d.csv");
    Files.write(file, csv(volumes));
    return new DataCatalogue(folder).find("BTCUSD", Timeframe.D1);
  }

  private static byte[] csv(double... volumes) {
    StringBuilder csv = new StringBuilder("timestamp,open,high,low,close,volume\n");
    for (int i = 0; i < volumes.length; i++) {
      csv.append(day(i)).append(",1,1,1,1,").append(volumes[i]).append('\n');
    }
    return csv.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static Instant day(int i) {
    return FIRST.plusSeconds(86_400L * i);
  }
}
