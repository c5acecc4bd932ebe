package io.ktrdr.market;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.ktrdr.market.ReadOptions.Duplicates;
import io.ktrdr.market.ReadOptions.Prices;
import io.ktrdr.protocol.Timeframe;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files of others, and what in them could mean two things. */
class LayoutsTest {

  private static final String YAHOO =
      """
      Date,Open,High,Low,Close,Adj Close,Volume
      2024-01-02,100,110,90,100,50,22351900
      2024-01-03,100,108,96,104,52,11428600
      """;

  @Test
  void ktrdr() {
    CsvBarReader.Content content =
        read("timestamp,open,high,low,close,volume\n2024-01-02T10:00:00Z,1,2,0.5,1.5,7\n");

    assertThat(content.layout()).isEqualTo(Layout.KTRDR);
    assertThat(content.notes()).isEmpty();
    assertThat(content.bars().volume()).containsExactly(7);
  }

  @Test
  void yahooWithThePricesAsTheyWereTraded() {
    CsvBarReader.Content content = read(YAHOO);

    assertThat(content.layout()).isEqualTo(Layout.YAHOO);
    assertThat(content.bars().close()).containsExactly(100, 104);
    assertThat(content.bars().volume()).containsExactly(22351900, 11428600);
    assertThat(content.notes()).singleElement().asString().contains("Adj Close is not used");
  }

  @Test
  void yahooWithAdjustedPrices() {
    CsvBarReader.Content content =
        read(
            YAHOO,
            Timeframe.D1,
            new ReadOptions(ZoneOffset.UTC, Optional.empty(), Prices.ADJUSTED, Duplicates.REJECT));

    assertThat(content.bars().open()).containsExactly(50, 50);
    assertThat(content.bars().high()).containsExactly(55, 54);
    assertThat(content.bars().low()).containsExactly(45, 48);
    assertThat(content.bars().close()).containsExactly(50, 52);
    assertThat(content.bars().volume()).containsExactly(22351900, 11428600);
    assertThat(content.notes()).singleElement().asString().contains("adjusted");
  }

  @Test
  void metaTrader4WithoutAHeader() {
    CsvBarReader.Content content =
        read("2020.01.02,09:00,1.1,1.2,1.0,1.15,42\n2020.01.02,10:00,1.15,1.16,1.1,1.12,7\n");

    assertThat(content.layout()).isEqualTo(Layout.METATRADER4);
    assertThat(content.bars().time(0)).isEqualTo(Instant.parse("2020-01-02T09:00:00Z"));
    assertThat(content.bars().time(1)).isEqualTo(Instant.parse("2020-01-02T10:00:00Z"));
    assertThat(content.bars().open()).containsExactly(1.1, 1.15);
    assertThat(content.bars().high()).containsExactly(1.2, 1.16);
    assertThat(content.bars().low()).containsExactly(1.0, 1.1);
    assertThat(content.bars().close()).containsExactly(1.15, 1.12);
    assertThat(content.bars().volume()).containsExactly(42, 7);
    assertThat(content.notes()).singleElement().asString().contains("broker's server", "UTC");
  }

  @Test
  void metaTrader5WithTabs() {
    CsvBarReader.Content content =
        read(
            """
            <DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>
            2020.01.02\t09:00:00\t1.1\t1.2\t1.0\t1.15\t42\t0\t3
            """);

    assertThat(content.layout()).isEqualTo(Layout.METATRADER5);
    assertThat(content.bars().time(0)).isEqualTo(Instant.parse("2020-01-02T09:00:00Z"));
    assertThat(content.bars().close()).containsExactly(1.15);
    assertThat(content.bars().volume()).containsExactly(42);
    assertThat(content.notes()).contains("columns not used: <VOL>, <SPREAD>");
  }

  @Test
  void metaTrader5OfDaysHasNoTime() {
    CsvBarReader.Content content =
        read(
            """
            <DATE>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>
            2020.01.02\t1.1\t1.2\t1.0\t1.15\t42\t0\t3
            """,
            Timeframe.D1,
            ReadOptions.STANDARD);

    assertThat(content.layout()).isEqualTo(Layout.METATRADER5);
    assertThat(content.bars().time(0)).isEqualTo(Instant.parse("2020-01-02T00:00:00Z"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "t,o,h,l,c,v|1577836800,1,2,0.5,1.5,7|2020-01-01T00:00:00Z",
        "Open time,Open,High,Low,Close,Volume,Close"
            + " time|1577836800000,1,2,0.5,1.5,7,x|2020-01-01T00:00:00Z",
        "open_time,open,high,low,close,volume|1577836800000000,1,2,0.5,1.5,7|2020-01-01T00:00:00Z",
        "unix;Open;High;Low;Close;Vol|1577836800.0;1;2;0.5;1.5;7|2020-01-01T00:00:00Z",
        "date,time,open,high,low,close,volume|2020/01/02,14:30,1,2,0.5,1.5,7|2020-01-02T14:30:00Z",
        "date,open,high,low,close,volume|2020.01.02 14:30,1,2,0.5,1.5,7|2020-01-02T14:30:00Z",
        "date,open,high,low,close,volume|20200102,1,2,0.5,1.5,7|2020-01-02T00:00:00Z",
        "date,open,high,low,close,volume|2020-01-02"
            + " 14:30:00.000,1,2,0.5,1.5,7|2020-01-02T14:30:00Z",
        "date,open,high,low,close,volume|2020-01-02T14:30-0500,1,2,0.5,1.5,7|2020-01-02T19:30:00Z",
        "date,open,high,low,close,volume|2020-01-02 14:30:00+02,1,2,0.5,1.5,7|2020-01-02T12:30:00Z",
        "date,open,high,low,close,volume|2020-01-02 14:30+02:00,1,2,0.5,1.5,7|2020-01-02T12:30:00Z",
      })
  void anyHeaderWhoseNamesAreKnown(String header, String row, Instant time) {
    CsvBarReader.Content content = read(header + "\n" + row + "\n");

    assertThat(content.layout()).isEqualTo(Layout.GENERIC);
    assertThat(content.bars().time(0)).isEqualTo(time);
    assertThat(content.bars().open()).containsExactly(1);
    assertThat(content.bars().high()).containsExactly(2);
    assertThat(content.bars().low()).containsExactly(0.5);
    assertThat(content.bars().close()).containsExactly(1.5);
    assertThat(content.bars().volume()).containsExactly(7);
  }

  /** Rows are separated by {@code ~}. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "date,open,high,low,close~03/04/2020,1,1,1,1|DATA_AMBIGUOUS_TIME|line 2;03/04/2020;year"
            + " first",
        "date,open,high,low,close~25.12.2020 10:00,1,1,1,1|DATA_AMBIGUOUS_TIME|line 2;year first",
        "date,open,high,low,close~1-2-20,1,1,1,1|DATA_AMBIGUOUS_TIME|line 2;year first",
        "date;open;high;low;close~2020-01-02;1,1;1,1;1,1;1,1|DATA_UNREADABLE|line 2;comma;1.0842",
        "date,open,high,low,close~2020-01-02,1,1,1,1,1,1,1,1|DATA_UNREADABLE|line 2;9"
            + " fields;points",
        "date,open,high,low,close~2020-01-02,1d,1,1,1|DATA_UNREADABLE|line 2;open is '1d'",
        "t,o,h,l,c~12345,1,1,1,1|DATA_UNREADABLE|line 2;12345",
        "date,open,high,low,close~2020-01-02,1,1,1,1~2020/01/03,1,1,1,1|DATA_UNREADABLE|line 3;not"
            + " written like",
        "date,open,high,low,close~0020-01-02,1,1,1,1|DATA_UNREADABLE|line 2;year 20",
        "2020.01.02,09:00,1,1,1,1,1~2020.01.02,10:00,1,1,1,1|DATA_UNREADABLE|line 2;first row has"
            + " 7",
      })
  void whatMayMeanTwoThingsIsRefused(String rows, String code, String words) {
    assertThatExceptionOfType(MarketDataException.class)
        .isThrownBy(() -> read(rows.replace('~', '\n')))
        .withMessageContainingAll(words.split(";", -1))
        .extracting(MarketDataException::code)
        .isEqualTo(code);
  }

  @Test
  void aFileInUtf16SaysWhatToDo() {
    byte[] csv = "timestamp,open".getBytes(StandardCharsets.UTF_16);

    assertThatExceptionOfType(MarketDataException.class)
        .isThrownBy(
            () -> CsvBarReader.readContent(csv, "EURUSD", Timeframe.H1, ReadOptions.STANDARD))
        .withMessageContaining("save it as UTF-8")
        .extracting(MarketDataException::code)
        .isEqualTo("DATA_UNREADABLE");
  }

  @Test
  void anotherLayoutThanSaidIsRefused() {
    ReadOptions options =
        new ReadOptions(ZoneOffset.UTC, Optional.of(Layout.KTRDR), Prices.RAW, Duplicates.REJECT);

    assertThatExceptionOfType(MarketDataException.class)
        .isThrownBy(() -> read(YAHOO, Timeframe.D1, options))
        .withMessageContaining("layout yahoo, not ktrdr");
  }

  @Test
  void localTimesAreOfTheZoneInWinterAndSummer() {
    CsvBarReader.Content content =
        read(
            """
            date,open,high,low,close
            2024-01-15 10:00,1,1,1,1
            2024-07-15 10:00,1,1,1,1
            2024-07-15 10:00+00:00,1,1,1,1
            """,
            Timeframe.H1,
            in("Europe/Berlin"));

    assertThat(content.bars().time(0)).isEqualTo(Instant.parse("2024-01-15T09:00:00Z"));
    assertThat(content.bars().time(1)).isEqualTo(Instant.parse("2024-07-15T08:00:00Z"));
    assertThat(content.bars().time(2)).isEqualTo(Instant.parse("2024-07-15T10:00:00Z"));
  }

  @Test
  void aDayIsADayInAnyZone() {
    String csv = "date,open,high,low,close\n2024-01-15,1,1,1,1\n";

    assertThat(read(csv, Timeframe.D1, in("Asia/Tokyo")).bars().time(0))
        .isEqualTo(Instant.parse("2024-01-15T00:00:00Z"));
    assertThat(read(csv, Timeframe.H1, in("Asia/Tokyo")).bars().time(0))
        .isEqualTo(Instant.parse("2024-01-14T15:00:00Z"));
  }

  @ParameterizedTest
  @CsvSource({
    "2024-10-27 02:30,was twice in Europe/Berlin",
    "2024-03-31 02:30,does not exist in Europe/Berlin"
  })
  void anHourThatClocksSkipOrRepeatIsRefused(String time, String words) {
    assertThatExceptionOfType(MarketDataException.class)
        .isThrownBy(() ->
            read(
                "date,open,high,low,close\n2024-03-29 01:00,1,1,1,1\n" + time + ",1,1,1,1\n",
                Timeframe.H1,
                in("Europe/Berlin")))
        .withMessageContainingAll("line 3", words)
        .extracting(MarketDataException::code)
        .isEqualTo("DATA_AMBIGUOUS_TIME");
  }

  @Test
  void ofRowsWithTheSameTimeTheLastIsKeptWhenAsked() {
    String csv =
        """
        date,open,high,low,close
        2024-01-02,1,1,1,1
        2024-01-02,2,2,2,2
        2024-01-03,3,3,3,3
        2024-01-03,4,4,4,4
        """;
    ReadOptions keepLast =
        new ReadOptions(ZoneOffset.UTC, Optional.empty(), Prices.RAW, Duplicates.KEEP_LAST);

    CsvBarReader.Content content = read(csv, Timeframe.D1, keepLast);

    assertThat(content.bars().close()).containsExactly(2, 4);
    assertThat(content.notes()).singleElement().asString().contains("2 left out");
    assertThatExceptionOfType(MarketDataException.class)
        .isThrownBy(() -> read(csv, Timeframe.D1, ReadOptions.STANDARD))
        .withMessageContainingAll("line 3", "line 5", "2 such rows")
        .extracting(MarketDataException::code)
        .isEqualTo("DATA_DUPLICATE_TS");
  }

  private static ReadOptions in(String zone) {
    return new ReadOptions(ZoneId.of(zone), Optional.empty(), Prices.RAW, Duplicates.REJECT);
  }

  private static CsvBarReader.Content read(String csv) {
    return read(csv, Timeframe.H1, ReadOptions.STANDARD);
  }

  private static CsvBarReader.Content read(String csv, Timeframe timeframe, ReadOptions options) {
    return CsvBarReader.readContent(
        csv.getBytes(StandardCharsets.UTF_8), "EURUSD", timeframe, options);
  }
}
