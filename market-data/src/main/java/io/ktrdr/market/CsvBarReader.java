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
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads bars from CSV and refuses the first row that is not a valid bar; when it is one without a
 * number, with how many there are.
 *
 * <p>The file is UTF-8, its fields are separated by commas, semicolons or tabs. Lines at its top
 * that start with {@code #} are comments; {@code # note: …} is shown to whoever lists the data. The
 * layout is found from the first row, see {@link Layout} and {@link CsvColumns}; a column whose
 * name is not known is refused: a column nobody reads is a misunderstanding. A volume that is
 * missing or -1 is 0. For times see {@link BarTimes}.
 *
 * <p>Any number of threads may read at once.
 */
public final class CsvBarReader {

  /** Largest file accepted. */
  public static final int FILE_BYTES_MAX = 256 * 1024 * 1024;

  /** Most bars accepted: more than a decade of one-minute bars. */
  public static final int ROWS_MAX = 5_000_000;

  /** Rows between two looks whether to go on: some milliseconds. */
  static final int STRETCH = 8_192;

  private static final int DUPLICATES_NAMED = 3;

  /** As those write it who divided by zero. */
  private static final Pattern INFINITE = Pattern.compile("(?i)[+-]?inf(inity)?");

  private static final String NOTE = "note:";
  private static final String DATA_NAN = "DATA_NAN";

  private final String series;
  private final ReadOptions options;
  private final byte[] csv;
  private final CsvText text;
  private final BarTimes times;
  private final RowPlace place;
  private BarColumns bars = new BarColumns();
  private final List<String> notes = new ArrayList<>();
  private final List<String> duplicates = new ArrayList<>();
  private int duplicateCount;
  private @Nullable CsvColumns columns;
  private @Nullable MarketDataException firstWithoutNumber;
  private int rowsWithoutNumber;

  private CsvBarReader(String series, Timeframe timeframe, ReadOptions options, byte[] csv) {
    this.series = series;
    this.options = options;
    this.csv = csv;
    this.text = CsvText.of(series, csv);
    this.times = new BarTimes(options.zone(), timeframe);
    this.place = new RowPlace(series, "line");
  }

  /** What a file holds. */
  record Content(BarSeries bars, Layout layout, List<String> notes) {}

  /**
   * The bars of one file, at least one; times without an offset are UTC.
   *
   * @throws MarketDataException naming symbol, line and value
   */
  public static BarSeries read(byte[] csv, String symbol, Timeframe timeframe) {
    return readContent(csv, symbol, timeframe, ReadOptions.STANDARD).bars();
  }

  /** As the other, of a caller that will not want to stop. */
  static Content readContent(byte[] csv, String symbol, Timeframe timeframe, ReadOptions options) {
    return readContent(csv, symbol, timeframe, options, () -> {});
  }

  /**
   * @param between called after every {@value #STRETCH} rows; what it throws ends the reading
   * @throws MarketDataException naming symbol, line and value
   */
  static Content readContent(
      byte[] csv, String symbol, Timeframe timeframe, ReadOptions options, Runnable between) {
    String series = symbol + " " + timeframe;
    if (csv.length > FILE_BYTES_MAX) {
      throw new MarketDataException(
          "DATA_TOO_LARGE",
          "%s: %d bytes, at most %d are read; split the file or use a longer timeframe"
              .formatted(series, csv.length, FILE_BYTES_MAX));
    }
    CsvBarReader reader = new CsvBarReader(series, timeframe, options, csv);
    CsvText text = reader.text;
    try (Reader decoded = decoded(csv, text.start());
        CsvReader<CsvRecord> records =
            CsvReader.builder()
                .fieldSeparator(text.separator())
                .commentStrategy(CommentStrategy.READ)
                .skipEmptyLines(true)
                .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
                .ofCsvRecord(decoded)) {
      reader.readAll(records.iterator(), between);
    } catch (IOException | UncheckedIOException | CsvParseException e) {
      throw new MarketDataException(
          "DATA_UNREADABLE",
          "%s: not a CSV file in UTF-8 after line %d (%s)"
              .formatted(series, reader.bars.size() + 1, rootMessage(e)),
          e);
    }
    return reader.content(symbol, timeframe);
  }

  private Content content(String symbol, Timeframe timeframe) {
    MarketDataException first = firstWithoutNumber;
    if (first != null) {
      throw new MarketDataException(
          DATA_NAN,
          rowsWithoutNumber == 1
              ? "%s (1 such row)".formatted(first.getMessage())
              : "%s (the first of %d such rows)".formatted(first.getMessage(), rowsWithoutNumber),
          first);
    }
    CsvColumns found = columns;
    if (found == null || bars.size() == 0) {
      throw new MarketDataException("DATA_EMPTY", series + ": the file has no bars");
    }
    if (duplicateCount > 0 && options.duplicates() == ReadOptions.Duplicates.REJECT) {
      throw new MarketDataException(
          "DATA_DUPLICATE_TS",
          "%s, %s; %d such rows: keep one of each (an import may say duplicates=keep_last)"
              .formatted(series, String.join(", ", duplicates), duplicateCount));
    }
    BarSeries read = bars.toSeries(symbol, timeframe);
    BarRules.checkSpacing(series, timeframe, read.times());
    addNotes(found);
    return new Content(read, found.layout(), List.copyOf(notes));
  }

  private void readAll(Iterator<CsvRecord> records, Runnable between) {
    for (int rows = 1; records.hasNext(); rows++) {
      if (rows % STRETCH == 0) {
        between.run();
      }
      CsvRecord row = records.next();
      if (row.isComment() && bars.size() == 0) {
        readNote(row.getField(0).strip());
      } else if (columns == null) {
        CsvColumns found = CsvColumns.of(series, row, text.separator());
        columns = found;
        checkLayout(found);
        if (readPlain(found, between)) {
          return;
        }
        if (!found.header()) {
          read(found, row);
        }
      } else {
        read(columns, row);
      }
    }
  }

  /** Whether all rows are read now, see {@link PlainRows}. */
  private boolean readPlain(CsvColumns found, Runnable between) {
    if (!found.header()
        || found.time() >= 0
        || options.prices() == ReadOptions.Prices.ADJUSTED
        || text.afterFirstRow() < 0) {
      return false;
    }
    BarColumns plain = PlainRows.read(csv, text.afterFirstRow(), text.separator(), found, between);
    if (plain == null) {
      return false;
    }
    bars = plain;
    return true;
  }

  private void checkLayout(CsvColumns found) {
    options
        .layout()
        .filter(wanted -> wanted != found.layout())
        .ifPresent(wanted -> {
          throw new MarketDataException(
              "DATA_UNREADABLE",
              "%s: the file has the layout %s, not %s; leave out the layout, or send another file"
                  .formatted(series, found.layout(), wanted));
        });
    if (options.prices() == ReadOptions.Prices.ADJUSTED && found.adjustedClose() < 0) {
      throw new MarketDataException(
          "DATA_UNREADABLE",
          "%s: the file has no column 'Adj Close', so there are no adjusted prices in it"
              .formatted(series));
    }
  }

  private void readNote(String comment) {
    if (comment.startsWith(NOTE)) {
      notes.add(comment.substring(NOTE.length()).strip());
    }
  }

  private void addNotes(CsvColumns found) {
    if (options.prices() == ReadOptions.Prices.ADJUSTED) {
      notes.add("prices are adjusted: multiplied by Adj Close / Close");
    } else if (found.adjustedClose() >= 0) {
      notes.add("prices are those of Open, High, Low and Close; Adj Close is not used");
    }
    if (found.layout() == Layout.METATRADER4 || found.layout() == Layout.METATRADER5) {
      notes.add(
          "times are those of the broker's server, read as %s; volume is the number of ticks"
              .formatted(options.zone().getId().equals("Z") ? "UTC" : options.zone().getId()));
    }
    if (!found.unread().isEmpty()) {
      notes.add("columns not used: " + String.join(", ", found.unread()));
    }
    if (duplicateCount > 0) {
      notes.add(
          "of rows with the same time the last was kept: %d left out".formatted(duplicateCount));
    }
  }

  /** After a row without a number, the others are only counted: how many are like it. */
  private void read(CsvColumns at, CsvRecord row) {
    if (firstWithoutNumber != null) {
      rowsWithoutNumber += lacksNumber(at, row) ? 1 : 0;
      return;
    }
    try {
      readRow(at, row);
    } catch (MarketDataException e) {
      if (!e.code().equals(DATA_NAN)) {
        throw e;
      }
      firstWithoutNumber = e;
      rowsWithoutNumber = 1;
    }
  }

  private boolean lacksNumber(CsvColumns at, CsvRecord row) {
    return lacksNumber(row, at.open())
        || lacksNumber(row, at.high())
        || lacksNumber(row, at.low())
        || lacksNumber(row, at.close())
        || lacksNumber(row, at.volume())
        || (options.prices() == ReadOptions.Prices.ADJUSTED
            && lacksNumber(row, at.adjustedClose()));
  }

  private static boolean lacksNumber(CsvRecord row, int column) {
    if (row.isComment() || column < 0 || column >= row.getFieldCount()) {
      return false;
    }
    String text = row.getField(column).strip();
    try {
      return isMissing(text)
          || INFINITE.matcher(text).matches()
          || Double.isInfinite(Double.parseDouble(text));
    } catch (NumberFormatException _) {
      return false;
    }
  }

  private static boolean isMissing(String text) {
    return text.isEmpty() || text.equalsIgnoreCase("nan") || text.equalsIgnoreCase("null");
  }

  private void readRow(CsvColumns at, CsvRecord row) {
    place.at(row.getStartingLineNumber());
    if (bars.size() == ROWS_MAX) {
      throw new MarketDataException(
          "DATA_TOO_LARGE", place + ": more than " + ROWS_MAX + " rows; use a longer timeframe");
    }
    if (row.isComment()) {
      throw new MarketDataException(
          "DATA_UNREADABLE", place + ": a comment between bars; move it above the header");
    }
    if (row.getFieldCount() != at.count()) {
      throw new MarketDataException(
          "DATA_UNREADABLE",
          "%s: %d fields where the %s has %d; if numbers have decimal commas, write points"
              .formatted(
                  place, row.getFieldCount(), at.header() ? "header" : "first row", at.count()));
    }
    String written = row.getField(at.date());
    long time =
        times.parse(place, at.time() < 0 ? written : written + " " + row.getField(at.time()));
    double open = number(place, "open", row.getField(at.open()));
    double high = number(place, "high", row.getField(at.high()));
    double low = number(place, "low", row.getField(at.low()));
    double close = number(place, "close", row.getField(at.close()));
    double volume = at.volume() < 0 ? 0 : number(place, "volume", row.getField(at.volume()));
    BarRules.checkPrices(place, open, high, low, close, volume == -1 ? 0 : volume);
    if (options.prices() == ReadOptions.Prices.ADJUSTED) {
      double adjusted = number(place, "adj close", row.getField(at.adjustedClose()));
      double factor = adjusted / close;
      open *= factor;
      high = Math.max(high * factor, adjusted);
      low = Math.min(low * factor, adjusted);
      close = adjusted;
      BarRules.checkPrices(place, open, high, low, close, 0);
    }
    add(row, time, open, high, low, close, volume == -1 ? 0 : volume);
  }

  private void add(
      CsvRecord row, long time, double open, double high, double low, double close, double volume) {
    if (bars.size() > 0 && bars.lastTime() == time) {
      bars.removeLast();
      duplicateCount++;
      if (duplicates.size() < DUPLICATES_NAMED) {
        duplicates.add(
            "line %d: %s is the same time as the row before"
                .formatted(row.getStartingLineNumber(), BarRules.at(time)));
      }
    } else if (bars.size() > 0) {
      BarRules.checkOrder(place, bars.lastTime(), time);
    }
    bars.add(time, open, high, low, close, volume);
  }

  private static double number(RowPlace where, String column, String field) {
    double plain = PlainNumber.parse(field);
    return Double.isNaN(plain) ? anyNumber(where, column, field) : plain;
  }

  private static double anyNumber(RowPlace where, String column, String field) {
    String text = field.strip();
    if (isMissing(text)) {
      throw new MarketDataException(
          DATA_NAN, "%s: %s has no value; fill or remove the row".formatted(where, column));
    }
    if (INFINITE.matcher(text).matches()) {
      throw new MarketDataException(
          DATA_NAN, "%s: %s is %s; fill or remove the row".formatted(where, column, text));
    }
    if (text.indexOf(',') >= 0) {
      throw new MarketDataException(
          "DATA_UNREADABLE",
          "%s: %s is '%s'; whether its comma is a decimal one cannot be known, write it like 1.0842"
              .formatted(where, column, shortened(text)));
    }
    try {
      char last = text.charAt(text.length() - 1);
      // Java's own spellings, which nobody else's numbers have.
      if (last == 'd' || last == 'D' || last == 'f' || last == 'F' || text.indexOf('x') >= 0) {
        throw new NumberFormatException(text);
      }
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

  private static Reader decoded(byte[] csv, int start) {
    return new InputStreamReader(
        new ByteArrayInputStream(csv, start, csv.length - start),
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT));
  }

  private static @Nullable String rootMessage(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getMessage();
  }
}
