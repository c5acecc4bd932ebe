package io.ktrdr.market;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.ktrdr.market.ReadOptions.Duplicates;
import io.ktrdr.market.ReadOptions.Prices;
import io.ktrdr.protocol.Timeframe;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CsvImportTest {

  private static final byte[] METATRADER =
      """
      2020.07.02,09:00,1.10000,1.2,1.0,1.15,42
      2020.07.02,10:00,0.00001234567890123,1.16,0.00001,1.0842,1234567
      """
          .getBytes(StandardCharsets.UTF_8);

  private static final CsvImport.Announcement UNANNOUNCED = _ -> {};

  @TempDir private Path folder;
  private DataCatalogue catalogue = new DataCatalogue(Path.of(""));
  private CsvImport imports = new CsvImport(Path.of(""), catalogue, 0);

  @BeforeEach
  void open() {
    catalogue = new DataCatalogue(folder);
    imports = new CsvImport(folder, catalogue, 1 << 20);
  }

  @Test
  void whatIsKeptIsInOneLayoutAndInUtc() throws IOException {
    CsvImport.Imported imported =
        imports.run(METATRADER, "EURUSD", Timeframe.H1, in("Europe/Berlin"), false, UNANNOUNCED);

    assertThat(imported.replaced()).isFalse();
    assertThat(imported.source()).isEqualTo(Layout.METATRADER4);
    assertThat(imported.dataset().layout()).isEqualTo(Layout.KTRDR);
    assertThat(Files.readString(folder.resolve("EURUSD_1h.csv")))
        .isEqualTo(
            """
            # note: times are those of the broker's server, read as Europe/Berlin; volume is the number of ticks
            # note: imported from the layout metatrader4; times without an offset were Europe/Berlin
            timestamp,open,high,low,close,volume
            2020-07-02T07:00:00Z,1.1,1.2,1,1.15,42
            2020-07-02T08:00:00Z,0.00001234567890123,1.16,0.00001,1.0842,1234567
            """);
    assertThat(catalogue.find("EURUSD", Timeframe.H1)).isEqualTo(imported.dataset());
    assertThat(names()).containsExactly("EURUSD_1h.csv");
  }

  @Test
  void importedAgainItIsTheSame() {
    byte[] once =
        catalogue.bytes(
            imports
                .run(METATRADER, "EURUSD", Timeframe.H1, in("Europe/Berlin"), false, UNANNOUNCED)
                .dataset());
    byte[] twice =
        catalogue.bytes(
            imports
                .run(once, "EURUSD", Timeframe.H1, ReadOptions.STANDARD, true, UNANNOUNCED)
                .dataset());

    assertThat(twice).isEqualTo(once);
  }

  @Test
  void whatIsThereGoesOnlyWhenAsked() throws IOException {
    Files.writeString(folder.resolve("EURUSD_1h.csv"), "damaged");

    assertThatExceptionOfType(MarketDataException.class)
        .isThrownBy(() ->
            imports.run(
                METATRADER, "EURUSD", Timeframe.H1, ReadOptions.STANDARD, false, UNANNOUNCED))
        .withMessageContaining("replace")
        .extracting(MarketDataException::code)
        .isEqualTo("DATA_EXISTS");
    assertThat(Files.readString(folder.resolve("EURUSD_1h.csv"))).isEqualTo("damaged");
    assertThat(
            imports
                .run(METATRADER, "EURUSD", Timeframe.H1, ReadOptions.STANDARD, true, UNANNOUNCED)
                .replaced())
        .isTrue();
    assertThat(names()).containsExactly("EURUSD_1h.csv");
  }

  @Test
  void nothingIsWrittenOfAFileThatIsNotWholeAndGood() throws IOException {
    byte[] bad =
        (new String(METATRADER, StandardCharsets.UTF_8) + "2020.07.02,11:00,1,1,1,0,1\n")
            .getBytes(StandardCharsets.UTF_8);

    assertThatExceptionOfType(MarketDataException.class)
        .isThrownBy(() ->
            imports.run(bad, "EURUSD", Timeframe.H1, ReadOptions.STANDARD, false, UNANNOUNCED))
        .withMessageContaining("line 3")
        .extracting(MarketDataException::code)
        .isEqualTo("DATA_NONPOSITIVE_PRICE");
    assertThat(names()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"../EURUSD", "a/b", "", ".hidden", "..", "a b", "EUR\0USD", "EUR\nUSD"})
  void aSymbolIsNoPath(String symbol) throws IOException {
    assertThat(CsvImport.isSymbol(symbol)).isFalse();
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            imports.run(
                METATRADER, symbol, Timeframe.H1, ReadOptions.STANDARD, false, UNANNOUNCED));
    assertThat(names()).isEmpty();
  }

  @Test
  void aFolderThatCannotBeWrittenIsSaid() throws IOException {
    Path none = folder.resolve("gone");
    Files.createDirectory(none);
    CsvImport broken = new CsvImport(none, new DataCatalogue(folder), 1 << 20);
    Files.delete(none);

    assertThatExceptionOfType(MarketDataException.class)
        .isThrownBy(() ->
            broken.run(
                METATRADER, "EURUSD", Timeframe.H1, ReadOptions.STANDARD, false, UNANNOUNCED))
        .withMessageContaining("mount it writable")
        .extracting(MarketDataException::code)
        .isEqualTo("DATA_DIRECTORY_UNWRITABLE");
  }

  @Test
  void whatWouldBeTooLargeIsRefused() {
    CsvImport small = new CsvImport(folder, catalogue, 100);

    assertThatExceptionOfType(MarketDataException.class)
        .isThrownBy(() ->
            small.run(METATRADER, "EURUSD", Timeframe.H1, ReadOptions.STANDARD, false, UNANNOUNCED))
        .extracting(MarketDataException::code)
        .isEqualTo("DATA_TOO_LARGE");
  }

  @Test
  void whoIsToldBeforehandCanStillPreventIt() throws IOException {
    Dataset first =
        imports
            .run(METATRADER, "EURUSD", Timeframe.H1, ReadOptions.STANDARD, false, UNANNOUNCED)
            .dataset();
    List<CsvImport.Planned> told = new ArrayList<>();
    CsvImport.Announcement refusing =
        planned -> {
          told.add(planned);
          throw new IllegalStateException("no audit");
        };
    byte[] other =
        "date,open,high,low,close\n2024-01-02,1,1,1,1\n".getBytes(StandardCharsets.UTF_8);
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(
            () -> imports.run(other, "EURUSD", Timeframe.H1, ReadOptions.STANDARD, true, refusing));
    assertThat(names()).containsExactly("EURUSD_1h.csv");
    assertThat(imports.holds("EURUSD", Timeframe.H1, first.sha256())).isTrue();

    Dataset second =
        imports
            .run(other, "EURUSD", Timeframe.H1, ReadOptions.STANDARD, true, UNANNOUNCED)
            .dataset();
    assertThat(told)
        .containsExactly(
            new CsvImport.Planned(
                "EURUSD", Timeframe.H1, second.sha256(), 1, Layout.GENERIC, true));
    assertThat(imports.holds("EURUSD", Timeframe.H1, first.sha256())).isFalse();
    assertThat(imports.holds("NONE", Timeframe.H1, first.sha256())).isFalse();
  }

  @Test
  void whatAnImportThatDiedLeftIsRemovedWhenItIsOldAndNothingElseIs() throws IOException {
    Instant now = Instant.parse("2026-05-01T12:00:00Z");
    Instant old = now.minus(CsvImport.ABANDONED_AFTER);
    String id = "3b1f8a52-0d3c-4b67-9f55-0a3b1f8a520e";
    file(".import-%s.tmp".formatted(id), old);
    file(".import-%s.tmp".formatted(id.replace('3', '4')), old.plusSeconds(1));
    file(".import-mine.tmp", old);
    file("import-%s.tmp".formatted(id), old);
    file("EURUSD_1h.csv", old);
    Path elsewhere =
        Files.createDirectory(folder.resolve(".import-%s.tmp".formatted(id.replace('3', '5'))));
    Files.setLastModifiedTime(elsewhere, FileTime.from(old));

    assertThat(imports.removeAbandoned(now)).isEqualTo(1);

    assertThat(names())
        .hasSize(5)
        .doesNotContain(".import-%s.tmp".formatted(id))
        .contains(".import-mine.tmp", "EURUSD_1h.csv");
    assertThat(imports.removeAbandoned(now.plusSeconds(1))).isEqualTo(1);
  }

  private void file(String name, Instant written) throws IOException {
    Path file = Files.writeString(folder.resolve(name), "x");
    Files.setLastModifiedTime(file, FileTime.from(written));
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> String.valueOf(file.getFileName())).toList();
    }
  }

  private static ReadOptions in(String zone) {
    return new ReadOptions(ZoneId.of(zone), Optional.empty(), Prices.RAW, Duplicates.REJECT);
  }
}
