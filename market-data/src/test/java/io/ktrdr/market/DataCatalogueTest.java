package io.ktrdr.market;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.ktrdr.protocol.MarketCalendar;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.protocol.Timeframe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DataCatalogueTest {

  private static final String TWO_BARS =
      """
      # note: one fixing a day
      date,open,high,low,close
      2024-01-02,1,1,1,1
      2024-01-03,1,2,1,2
      """;

  @TempDir Path folder;
  private DataCatalogue catalogue;

  @BeforeEach
  void open() {
    catalogue = new DataCatalogue(folder);
  }

  @Test
  void describesEveryUsableFile() throws IOException {
    Path file = write("EURUSD_1d.csv", TWO_BARS);

    Dataset dataset = catalogue.find("EURUSD", Timeframe.D1);

    assertThat(dataset)
        .isEqualTo(
            new Dataset(
                "EURUSD",
                Timeframe.D1,
                file,
                Sha256.of(Files.readAllBytes(file)),
                2,
                Instant.parse("2024-01-02T00:00:00Z"),
                Instant.parse("2024-01-03T00:00:00Z"),
                BarCounts.of(CsvBarReader.read(Files.readAllBytes(file), "EURUSD", Timeframe.D1)),
                Layout.GENERIC,
                Gaps.none(MarketCalendar.EXCHANGE),
                List.of("one fixing a day"),
                0,
                List.of()));
    assertThat(catalogue.bytes(dataset)).isEqualTo(Files.readAllBytes(file));
  }

  @Test
  void listsDamagedFilesWithTheReasonBesideGoodOnes() throws IOException {
    write("EURUSD_1d.csv", TWO_BARS);
    write("GBPUSD_1d.csv", "date,open,high,low,close\n2024-01-02,1,1,1,0\n");
    write("USDJPY.csv", TWO_BARS);
    write("notes.txt", "not a CSV file");
    Files.createDirectory(folder.resolve("AUDUSD_1d.csv"));

    List<Listing> listings = catalogue.list();

    assertThat(listings)
        .extracting(Listing::fileName)
        .containsExactly("EURUSD_1d.csv", "GBPUSD_1d.csv", "USDJPY.csv");
    assertThat(listings.get(0)).isInstanceOf(Listing.Available.class);
    assertThat(((Listing.Damaged) listings.get(1)).code()).isEqualTo("DATA_NONPOSITIVE_PRICE");
    assertThat(((Listing.Damaged) listings.get(2)).code()).isEqualTo("DATA_FILE_NAME");
    assertThatExceptionOfType(MarketDataException.class)
        .isThrownBy(() -> catalogue.find("GBPUSD", Timeframe.D1))
        .withMessageContaining("line 2")
        .extracting(MarketDataException::code)
        .isEqualTo("DATA_NONPOSITIVE_PRICE");
  }

  @Test
  void symbolsMayContainUnderscoresDotsAndDashes() throws IOException {
    write("BRK.B_x-1_1d.csv", TWO_BARS);

    assertThat(catalogue.find("BRK.B_x-1", Timeframe.D1).rows()).isEqualTo(2);
  }

  @Test
  void suggestsSymbolsAndTimeframesThatExist() throws IOException {
    write("EURUSD_1d.csv", TWO_BARS);

    assertThatExceptionOfType(MarketDataException.class)
        .isThrownBy(() -> catalogue.find("EURUDS", Timeframe.D1))
        .withMessageContaining("did you mean 'EURUSD'?")
        .extracting(MarketDataException::code)
        .isEqualTo("SYMBOL_UNKNOWN");
    assertThatExceptionOfType(MarketDataException.class)
        .isThrownBy(() -> catalogue.find("EURUSD", Timeframe.H1))
        .withMessageContaining("there are: 1d")
        .extracting(MarketDataException::code)
        .isEqualTo("TIMEFRAME_UNKNOWN");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../EURUSD", "/etc/passwd", "EURUSD_1d.csv", "", "EURUSD\0"})
  void aRequestedSymbolNeverBecomesAPath(String symbol) throws IOException {
    write("EURUSD_1d.csv", TWO_BARS);
    DataCatalogue below = new DataCatalogue(Files.createDirectory(folder.resolve("below")));

    assertThatExceptionOfType(MarketDataException.class)
        .isThrownBy(() -> below.find(symbol, Timeframe.D1))
        .extracting(MarketDataException::code)
        .isEqualTo("SYMBOL_UNKNOWN");
  }

  @Test
  void readsAFileAgainWhenItChangedAndForgetsItWhenItWent() throws IOException {
    Path file = write("EURUSD_1d.csv", TWO_BARS);
    Dataset before = catalogue.find("EURUSD", Timeframe.D1);

    write("EURUSD_1d.csv", TWO_BARS + "2024-01-04,2,2,2,2\n");
    Dataset after = catalogue.find("EURUSD", Timeframe.D1);

    assertThat(after.rows()).isEqualTo(3);
    assertThat(after.sha256()).isNotEqualTo(before.sha256());
    assertThatExceptionOfType(MarketDataException.class)
        .isThrownBy(() -> catalogue.bytes(before))
        .extracting(MarketDataException::code)
        .isEqualTo("DATA_CHANGED");
    Files.delete(file);
    assertThat(catalogue.list()).isEmpty();
  }

  @Test
  void doesNotReadAnUnchangedFileAgain() throws IOException {
    Path file = write("EURUSD_1d.csv", TWO_BARS);
    FileTime modified = Files.getLastModifiedTime(file);
    Dataset before = catalogue.find("EURUSD", Timeframe.D1);

    Files.writeString(file, TWO_BARS.replace("1,2,1,2", "2,2,1,1"));
    Files.setLastModifiedTime(file, modified);

    assertThat(catalogue.find("EURUSD", Timeframe.D1)).isEqualTo(before);
    assertThatExceptionOfType(MarketDataException.class).isThrownBy(() -> catalogue.bytes(before));
  }

  @Test
  void aMissingFolderSaysWhatToSet() {
    assertThatExceptionOfType(MarketDataException.class)
        .isThrownBy(() -> new DataCatalogue(folder.resolve("none")).list())
        .withMessageContaining("KTRDR_DATA_DIR")
        .extracting(MarketDataException::code)
        .isEqualTo("DATA_DIRECTORY_UNREADABLE");
  }

  private Path write(String name, String csv) throws IOException {
    return Files.writeString(folder.resolve(name), csv);
  }
}
