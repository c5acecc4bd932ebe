package io.ktrdr.market;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.ktrdr.protocol.Timeframe;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CsvBarReaderTest {

  private static final String HEADER = "timestamp,open,high,low,close,volume\n";
  private static final String GOOD = "2024-01-02,1.1,1.2,1.0,1.15,10\n";

  @Test
  void readsColumnsInAnyOrderAndCase() {
    BarSeries bars = read("Volume,CLOSE,Low,high,Open,Date\n10,1.15,1.0,1.2,1.1,2024-01-02\n");

    assertThat(bars.size()).isEqualTo(1);
    assertThat(bars.time(0)).isEqualTo(Instant.parse("2024-01-02T00:00:00Z"));
    assertThat(bars.open()).containsExactly(1.1);
    assertThat(bars.high()).containsExactly(1.2);
    assertThat(bars.low()).containsExactly(1.0);
    assertThat(bars.close()).containsExactly(1.15);
    assertThat(bars.volume()).containsExactly(10);
  }

  @ParameterizedTest
  @ValueSource(strings = {"timestamp", "Date", "TIME", "datetime", "\"\"", ""})
  void findsTheTimeColumnUnderItsUsualNames(String name) {
    assertThat(read(name + ",open,high,low,close\n2024-01-02,1,1,1,1\n").size()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "2024-03-01,2024-03-01T00:00:00Z",
    "2024-03-01 14:30:00,2024-03-01T14:30:00Z",
    "2024-03-01T14:30:00,2024-03-01T14:30:00Z",
    "2024-03-01T14:30:00Z,2024-03-01T14:30:00Z",
    "2024-03-01T14:30:00+02:00,2024-03-01T12:30:00Z",
    "2024-03-01 14:30:00+00:00,2024-03-01T14:30:00Z"
  })
  void readsTimesAsUtcUnlessTheyNameAZone(String written, Instant expected) {
    assertThat(read(HEADER + written + ",1,1,1,1,0\n").time(0)).isEqualTo(expected);
  }

  @Test
  void readsEveryHourOfAllDaysOfALeapYearAndTheNext() {
    StringBuilder csv = new StringBuilder(HEADER);
    Instant first = Instant.parse("2023-12-31T00:00:07Z");
    int hours = 800 * 24;
    for (int i = 0; i < hours; i++) {
      csv.append(first.plusSeconds(3_600L * i)).append(",1,1,1,1,0\n");
    }

    BarSeries bars =
        CsvBarReader.read(csv.toString().getBytes(StandardCharsets.UTF_8), "EURUSD", Timeframe.H1);

    assertThat(bars.size()).isEqualTo(hours);
    for (int i = 0; i < hours; i++) {
      assertThat(bars.time(i)).isEqualTo(first.plusSeconds(3_600L * i));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2024-02-30T00:00:00Z",
        "2023-02-29T00:00:00Z",
        "2024-13-01T00:00:00Z",
        "2024-01-00T00:00:00Z",
        "2024-01-05T24:00:00Z",
        "2024-01-05T23:60:00Z",
        "2024-01-05T23:59:60Z",
        "2924-01-05T23:59:00Z"
      })
  void refusesTimesThatAreOnNoClock(String written) {
    assertThatExceptionOfType(MarketDataException.class)
        .isThrownBy(
            () -> read(HEADER + "2022-01-02T00:00:00Z,1,1,1,1,0\n" + written + ",1,1,1,1,0\n"))
        .withMessageContaining("line 3")
        .withMessageContaining(written);
  }

  @Test
  void volumeIsOptionalAndMinusOneMeansUnknown() {
    assertThat(read("date,open,high,low,close\n2024-01-02,1,1,1,1\n").volume()).containsExactly(0);
    assertThat(read(HEADER + "2024-01-02,1,1,1,1,-1\n").volume()).containsExactly(0);
  }

  @Test
  void keepsTheNotesAtTheTopAndSkipsOtherComments() {
    CsvBarReader.Content content =
        CsvBarReader.readContent(
            bytes("# note: one fixing a day\n# made by hand\n#note:second\n" + HEADER + GOOD),
            "EURUSD",
            Timeframe.D1,
            ReadOptions.STANDARD);

    assertThat(content.notes()).containsExactly("one fixing a day", "second");
    assertThat(content.bars().size()).isEqualTo(1);
  }

  @Test
  void readsAByteOrderMarkAndWindowsLineEnds() {
    assertThat(read("\uFEFF" + (HEADER + GOOD).replace("\n", "\r\n")).size()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "2024-01-01,1,1,1,1,0|DATA_UNSORTED|2024-01-01T00:00:00Z comes after 2024-01-02",
        "2024-01-02,1,1,1,1,0|DATA_DUPLICATE_TS|2024-01-02T00:00:00Z",
        "2024-01-03,NaN,1,1,1,0|DATA_NAN|open has no value",
        "2024-01-03,1,1,1,,0|DATA_NAN|close has no value",
        "2024-01-03,1,Infinity,1,1,0|DATA_NAN|high is Infinity; fill",
        "2024-01-03,1,inf,1,1,0|DATA_NAN|high is inf",
        "2024-01-03,1,1,-Inf,1,0|DATA_NAN|low is -Inf",
        "2024-01-03,1,1e999,1,1,0|DATA_NAN|high is Infinity",
        "2024-01-03,0,1,0,1,0|DATA_NONPOSITIVE_PRICE|open is 0.0",
        "2024-01-03,1,1,-1,1,0|DATA_NONPOSITIVE_PRICE|low is -1.0",
        "2024-01-03,1,1,2,1,0|DATA_OHLC_INCONSISTENT|high 1.0 is below low 2.0",
        "2024-01-03,3,2,1,1,0|DATA_OHLC_INCONSISTENT|open 3.0 is outside",
        "2024-01-03,1,2,1,0.5,0|DATA_OHLC_INCONSISTENT|close 0.5 is outside",
        "2024-01-03,1,1,1,1,-2|DATA_OHLC_INCONSISTENT|volume is -2.0",
        "2024-01-03,1,1,1,1,NaN|DATA_NAN|volume has no value",
        "2024-01-03,one,1,1,1,0|DATA_UNREADABLE|open is 'one'",
        "2024-13-03,1,1,1,1,0|DATA_UNREADABLE|'2024-13-03' is not a time",
        "2024-01-03T00:00:00.5Z,1,1,1,1,0|DATA_UNREADABLE|not a whole second",
        "2024-01-03,1,1,1,1|DATA_UNREADABLE|5 fields where the header has 6",
        "# note: late|DATA_UNREADABLE|a comment between bars"
      })
  void refusesABadRowNamingSymbolLineAndValue(String row, String code, String what) {
    assertThatExceptionOfType(MarketDataException.class)
        .isThrownBy(() -> read("# a comment\n" + HEADER + GOOD + row + "\n"))
        .withMessageContaining("EURUSD 1d, line 4")
        .withMessageContaining(what)
        .extracting(MarketDataException::code)
        .isEqualTo(code);
  }

  @Test
  void saysHowManyRowsLackANumberAndNamesTheFirst() {
    String bad =
        """
        2024-01-03,1,1,1,null,0
        2024-01-04,1,1,1,1,0
        2024-01-05,,NaN,1,1,0
        2024-01-06,1,-inf,1,1,0
        2024-01-07,1,1e999,1,1,0
        2024-01-08,1,1,1,1,nan
        2024-01-09,1,one,1,1
        # note: only counted by now
        2024-01-01,0,0,0,0,-1
        """;
    assertThatExceptionOfType(MarketDataException.class)
        .isThrownBy(() -> read(HEADER + GOOD + bad))
        .withMessage(
            "EURUSD 1d, line 3: close has no value; fill or remove the row (the first of 5 such"
                + " rows)")
        .extracting(MarketDataException::code)
        .isEqualTo("DATA_NAN");
    assertThatExceptionOfType(MarketDataException.class)
        .isThrownBy(() -> read(HEADER + GOOD + "2024-01-03,1,1,1,1,NaN\n"))
        .withMessageEndingWith("volume has no value; fill or remove the row (1 such row)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "date,open,high,low|DATA_UNREADABLE|'close' is missing",
        "open,high,low,close|DATA_UNREADABLE|'timestamp' is missing",
        "date,open,high,low,close,close|DATA_UNREADABLE|'close' appears twice",
        "date,open,high,low,close,price|DATA_UNREADABLE|unknown column 'price'",
        "timestamp,date,open,high,low,close|DATA_UNREADABLE|more than one column with times",
        "date,open,o,high,low,close|DATA_UNREADABLE|column 'o' is a second 'open'",
        "2024-01-02,1,1,1,1|DATA_UNREADABLE|unknown column '2024 01 02'"
      })
  void refusesAHeaderItCannotUnderstand(String header, String code, String what) {
    assertThatExceptionOfType(MarketDataException.class)
        .isThrownBy(() -> read(header + "\n2024-01-02,1,1,1,1\n"))
        .withMessageContaining(what)
        .extracting(MarketDataException::code)
        .isEqualTo(code);
  }

  @Test
  void refusesAFileWithoutBars() {
    assertThatExceptionOfType(MarketDataException.class)
        .isThrownBy(() -> read(HEADER))
        .extracting(MarketDataException::code)
        .isEqualTo("DATA_EMPTY");
  }

  @Test
  void refusesBytesThatAreNotUtf8() {
    byte[] latin1 = (HEADER + "2024-01-02,1,1,1,1,é\n").getBytes(StandardCharsets.ISO_8859_1);

    assertThatExceptionOfType(MarketDataException.class)
        .isThrownBy(() -> CsvBarReader.read(latin1, "EURUSD", Timeframe.D1))
        .extracting(MarketDataException::code)
        .isEqualTo("DATA_UNREADABLE");
  }

  @Test
  void refusesHourlyBarsCalledDaily() {
    StringBuilder csv = new StringBuilder(HEADER);
    for (int hour = 0; hour < 10; hour++) {
      csv.append("2024-01-02T0%d:00:00Z,1,1,1,1,0\n".formatted(hour));
    }

    assertThatExceptionOfType(MarketDataException.class)
        .isThrownBy(() -> read(csv.toString()))
        .withMessageContaining("usually 3600 s apart")
        .extracting(MarketDataException::code)
        .isEqualTo("DATA_TIMEFRAME_MISMATCH");
  }

  @Test
  void growsWithTheFile() {
    StringBuilder csv = new StringBuilder(HEADER);
    Instant start = Instant.parse("2000-01-01T00:00:00Z");
    for (int i = 0; i < 10_000; i++) {
      csv.append(start.plusSeconds(86_400L * i)).append(",1,2,1,%d,0\n".formatted(1 + i % 2));
    }

    BarSeries bars = read(csv.toString());

    assertThat(bars.size()).isEqualTo(10_000);
    assertThat(bars.close()[9_999]).isEqualTo(2);
    assertThat(bars.time(9_999)).isEqualTo(start.plusSeconds(86_400L * 9_999));
  }

  @Test
  void readingIsLookedAtEveryStretchAndEndsWhenItIsToldTo() {
    StringBuilder csv = new StringBuilder(HEADER);
    Instant start = Instant.parse("2000-01-01T00:00:00Z");
    for (int i = 0; i < 2 * CsvBarReader.STRETCH + 10; i++) {
      csv.append(start.plusSeconds(86_400L * i)).append(",1,2,1,1,0\n");
    }
    byte[] bytes = bytes(csv.toString());
    AtomicInteger looks = new AtomicInteger();

    readBetween(bytes, looks::incrementAndGet);
    assertThat(looks).hasValue(2);

    assertThatExceptionOfType(CancellationException.class)
        .isThrownBy(() ->
            readBetween(
                bytes,
                () -> {
                  looks.incrementAndGet();
                  throw new CancellationException();
                }));
    assertThat(looks).hasValue(3);
  }

  private static void readBetween(byte[] csv, Runnable between) {
    CsvBarReader.readContent(csv, "EURUSD", Timeframe.D1, ReadOptions.STANDARD, between);
  }

  private static BarSeries read(String csv) {
    return CsvBarReader.read(bytes(csv), "EURUSD", Timeframe.D1);
  }

  private static byte[] bytes(String csv) {
    return csv.getBytes(StandardCharsets.UTF_8);
  }

  /** A row in quotes sends the whole file the slower way, on which the same has to come out. */
  @Test
  void plainRowsAndOthersAreReadTheSame() {
    StringBuilder rows = new StringBuilder();
    Random random = new Random(7);
    Instant time = Instant.parse("2023-12-30T22:00:00Z");
    for (int i = 0; i < 2_000; i++) {
      time = time.plusSeconds(3_600L * (1 + random.nextInt(3)));
      long low = 1 + random.nextLong(1L << random.nextInt(1, 40));
      long high = low + random.nextInt(50);
      int decimals = random.nextInt(8);
      rows.append(time);
      for (long price : new long[] {low, high, low, high}) {
        rows.append(',').append(BigDecimal.valueOf(price, decimals).toPlainString());
      }
      rows.append(',').append(random.nextInt(3)).append(i % 5 == 0 ? "\r\n" : "\n");
    }
    String last = time.plusSeconds(3_600) + ",1,1,1,1,";

    BarSeries plain = hours(HEADER + rows + last + "7");
    BarSeries quoted = hours(HEADER + rows + last + "\"7\"");

    assertThat(plain.size()).isEqualTo(2_001);
    assertThat(plain.fingerprint()).isEqualTo(quoted.fingerprint());
  }

  private static BarSeries hours(String csv) {
    return CsvBarReader.read(csv.getBytes(StandardCharsets.UTF_8), "EURUSD", Timeframe.H1);
  }
}
