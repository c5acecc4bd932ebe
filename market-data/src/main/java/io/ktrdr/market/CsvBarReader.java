package io.ktrdr.market;

import de.siegmar.fastcsv.reader.CommentStrategy;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import io.ktrdr.protocol.Timeframe;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads bars from CSV and refuses the first row that is not a valid bar.
 *
 * <p>The file is UTF-8. Lines at its top that start with {@code #} are comments; {@code # note: …}
 * is shown to whoever lists the data. The header names the columns in any case and any order:
 * {@code timestamp}, {@code date}, {@code time}, {@code datetime} or nothing for the bar's open
 * time, {@code open}, {@code high}, {@code low}, {@code close}, and optionally {@code volume}
 * (missing or -1 means 0). Other columns are refused: a column nobody reads is a misunderstanding.
 * For times see {@link BarTimes}.
 *
 * <p>Stateless; any number of threads may read at once.
 */
public final class CsvBarReader {

  /** Largest file accepted. */
  public static final int FILE_BYTES_MAX = 256 * 1024 * 1024;

  /** Most bars accepted: more than a decade of one-minute bars. */
  public static final int ROWS_MAX = 5_000_000;

  private static final String NOTE = "note:";
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  private final String series;
  private final BarColumns bars = new BarColumns();
  private final List<String> notes = new ArrayList<>();

  private CsvBarReader(String series) {
    this.series = series;
  }

  /** What a file holds. */
  record Content(BarSeries bars, List<String> notes) {}

  /**
   * The bars of one file, at least one.
   *
   * @throws MarketDataException naming symbol, line and value
   */
  public static BarSeries read(byte[] csv, String symbol, Timeframe timeframe) {
    return readContent(csv, symbol, timeframe).bars();
  }

  static Content readContent(byte[] csv, String symbol, Timeframe timeframe) {
    String series = symbol + " " + timeframe;
    if (csv.length > FILE_BYTES_MAX) {
      throw new MarketDataException(
          "DATA_TOO_LARGE",
          "%s: %d bytes, at most %d are read; split the file or use a longer timeframe"
              .formatted(series, csv.length, FILE_BYTES_MAX));
    }
    CsvBarReader reader = new CsvBarReader(series);
    try (Reader text = decoded(csv);
        CsvReader<CsvRecord> records =
            CsvReader.builder()
                .commentStrategy(CommentStrategy.READ)
                .skipEmptyLines(true)
                .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
                .ofCsvRecord(text)) {
      reader.readAll(records.iterator());
    } catch (IOException | UncheckedIOException | CsvParseException e) {
      throw new MarketDataException(
          "DATA_UNREADABLE",
          "%s: not a CSV file in UTF-8 after line %d (%s)"
              .formatted(series, reader.bars.size() + 1, rootMessage(e)),
          e);
    }
    BarSeries bars = reader.bars.toSeries(symbol, timeframe);
    if (bars.size() == 0) {
      throw new MarketDataException("DATA_EMPTY", series + ": the file has no bars");
    }
    BarRules.checkSpacing(series, timeframe, bars.times());
    return new Content(bars, List.copyOf(reader.notes));
  }

  private void readAll(Iterator<CsvRecord> records) {
    CsvHeader header = null;
    while (records.hasNext()) {
      CsvRecord row = records.next();
      if (row.isComment() && bars.size() == 0) {
        readNote(row.getField(0).strip());
      } else if (header == null) {
        header = CsvHeader.parse(series, row);
      } else {
        readRow(header, row);
      }
    }
  }

  private void readNote(String comment) {
    if (comment.startsWith(NOTE)) {
      notes.add(comment.substring(NOTE.length()).strip());
    }
  }

  private void readRow(CsvHeader header, CsvRecord row) {
    String where = series + ", line " + row.getStartingLineNumber();
    if (bars.size() == ROWS_MAX) {
      throw new MarketDataException(
          "DATA_TOO_LARGE", where + ": more than " + ROWS_MAX + " rows; use a longer timeframe");
    }
    if (row.isComment()) {
      throw new MarketDataException(
          "DATA_UNREADABLE", where + ": a comment between bars; move it above the header");
    }
    if (row.getFieldCount() != header.columns()) {
      throw new MarketDataException(
          "DATA_UNREADABLE",
          "%s: %d fields where the header has %d"
              .formatted(where, row.getFieldCount(), header.columns()));
    }
    long time = BarTimes.parse(where, row.getField(header.time()));
    double open = number(where, "open", row.getField(header.open()));
    double high = number(where, "high", row.getField(header.high()));
    double low = number(where, "low", row.getField(header.low()));
    double close = number(where, "close", row.getField(header.close()));
    double volume =
        header.volume() < 0 ? 0 : number(where, "volume", row.getField(header.volume()));
    if (volume == -1) {
      volume = 0;
    }
    if (bars.size() > 0) {
      BarRules.checkOrder(where, bars.lastTime(), time);
    }
    BarRules.checkPrices(where, open, high, low, close, volume);
    bars.add(time, open, high, low, close, volume);
  }

  private static double number(String where, String column, String field) {
    String text = field.strip();
    if (text.isEmpty() || text.equalsIgnoreCase("nan") || text.equalsIgnoreCase("null")) {
      throw new MarketDataException(
          "DATA_NAN", "%s: %s has no value; fill or remove the row".formatted(where, column));
    }
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new MarketDataException(
          "DATA_UNREADABLE",
          "%s: %s is '%s', not a number; write it like 1.0842"
              .formatted(where, column, shortened(text)),
          e);
    }
  }

  static String shortened(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "…";
  }

  private static Reader decoded(byte[] csv) {
    int start = startsWithMark(csv) ? BYTE_ORDER_MARK.length : 0;
    return new InputStreamReader(
        new ByteArrayInputStream(csv, start, csv.length - start),
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT));
  }

  private static boolean startsWithMark(byte[] csv) {
    return csv.length >= BYTE_ORDER_MARK.length
        && csv[0] == BYTE_ORDER_MARK[0]
        && csv[1] == BYTE_ORDER_MARK[1]
        && csv[2] == BYTE_ORDER_MARK[2];
  }

  private static @Nullable String rootMessage(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getMessage();
  }
}
