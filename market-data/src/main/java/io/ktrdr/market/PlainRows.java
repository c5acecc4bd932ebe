package io.ktrdr.market;

import java.time.LocalDate;
import java.time.YearMonth;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rows of nearly every file straight from its bytes, in a fraction of the time: times
 * like {@code 2024-03-01T14:00:00Z}, numbers of digits and at most one point, no quotes, no blanks,
 * every bar valid and later than the one before. Gives up at the first row that is anything else;
 * {@link CsvBarReader} then reads the file again, and says what is wrong, if anything is. What this
 * class reads, the other reads the same. Not thread-safe.
 */
final class PlainRows {

  private static final byte[] SHAPE_OF_TIME = {
    '0', '0', '0', '0', '-', '0', '0', '-', '0', '0', 'T', '0', '0', ':', '0', '0', ':', '0', '0',
    'Z'
  };
  private static final int DATE_LENGTH = 10;
  private static final long SECONDS_PER_DAY = 86_400;

  private final byte[] csv;
  private final byte separator;
  private final CsvColumns columns;
  private final double[] numbers;

  /** Where the next field begins. */
  private int at;

  /** Where the day in {@link #epochDay} is written; days are the same for many rows. */
  private int dayAt = -1;

  private long epochDay;
  private long time;

  private PlainRows(byte[] csv, int start, char separator, CsvColumns columns) {
    this.csv = csv;
    this.at = start;
    this.separator = (byte) separator;
    this.columns = columns;
    this.numbers = new double[columns.count()];
  }

  /**
   * The bars of all rows; null when one of them is not plain.
   *
   * @param start of the row after the header
   * @param between called after every {@value CsvBarReader#STRETCH} rows; what it throws ends the
   *     reading
   */
  static @Nullable BarColumns read(
      byte[] csv, int start, char separator, CsvColumns columns, Runnable between) {
    BarColumns bars = new BarColumns();
    PlainRows rows = new PlainRows(csv, start, separator, columns);
    while (rows.at < csv.length) {
      if (bars.size() == CsvBarReader.ROWS_MAX || !rows.readRow() || !rows.addTo(bars)) {
        return null;
      }
      if (bars.size() % CsvBarReader.STRETCH == 0) {
        between.run();
      }
    }
    return bars;
  }

  private boolean readRow() {
    int count = columns.count();
    for (int field = 0; field < count; field++) {
      if (!(field == columns.date() ? readTime() : readNumber(field))) {
        return false;
      }
      if (field < count - 1) {
        if (at == csv.length || csv[at] != separator) {
          return false;
        }
        at++;
      }
    }
    return atEndOfRow();
  }

  private boolean atEndOfRow() {
    if (at < csv.length && csv[at] == '\r') {
      at++;
    }
    return at == csv.length || csv[at++] == '\n';
  }

  private boolean addTo(BarColumns bars) {
    double open = numbers[columns.open()];
    double high = numbers[columns.high()];
    double low = numbers[columns.low()];
    double close = numbers[columns.close()];
    boolean valid =
        low > 0
            && low <= open
            && open <= high
            && low <= close
            && close <= high
            && (bars.size() == 0 || time > bars.lastTime());
    if (valid) {
      bars.add(time, open, high, low, close, columns.volume() < 0 ? 0 : numbers[columns.volume()]);
    }
    return valid;
  }

  private boolean readNumber(int field) {
    int begin = at;
    int point = -1;
    long whole = 0;
    int end = begin;
    int limit = Math.min(csv.length, begin + PlainNumber.DIGITS_MAX + 2);
    while (end < limit) {
      int digit = csv[end] - '0';
      if (digit >= 0 && digit <= 9) {
        whole = 10 * whole + digit;
      } else if (csv[end] == '.' && point < 0) {
        point = end;
      } else {
        break;
      }
      end++;
    }
    int digits = end - begin - (point < 0 ? 0 : 1);
    if (digits == 0 || digits > PlainNumber.DIGITS_MAX) {
      return false;
    }
    numbers[field] = PlainNumber.of(whole, point < 0 ? 0 : end - point - 1);
    at = end;
    return true;
  }

  private boolean readTime() {
    int begin = at;
    if (csv.length - begin < SHAPE_OF_TIME.length) {
      return false;
    }
    for (int i = 0; i < SHAPE_OF_TIME.length; i++) {
      byte wanted = SHAPE_OF_TIME[i];
      byte found = csv[begin + i];
      if (wanted == '0' ? found < '0' || found > '9' : found != wanted) {
        return false;
      }
    }
    int hour = pair(begin + 11);
    int minute = pair(begin + 14);
    int second = pair(begin + 17);
    if (hour > 23 || minute > 59 || second > 59 || !readDay(begin)) {
      return false;
    }
    int secondOfDay = (hour * 60 + minute) * 60 + second;
    time = epochDay * SECONDS_PER_DAY + secondOfDay;
    at = begin + SHAPE_OF_TIME.length;
    return true;
  }

  private boolean readDay(int begin) {
    if (dayAt >= 0 && isSameDay(begin)) {
      return true;
    }
    int year = 100 * pair(begin) + pair(begin + 2);
    int month = pair(begin + 5);
    int day = pair(begin + 8);
    if (year < BarTimes.YEAR_MIN
        || year > BarTimes.YEAR_MAX
        || month < 1
        || month > 12
        || !YearMonth.of(year, month).isValidDay(day)) {
      return false;
    }
    epochDay = LocalDate.of(year, month, day).toEpochDay();
    dayAt = begin;
    return true;
  }

  private boolean isSameDay(int begin) {
    for (int i = DATE_LENGTH - 1; i >= 0; i--) {
      if (csv[begin + i] != csv[dayAt + i]) {
        return false;
      }
    }
    return true;
  }

  private int pair(int from) {
    return 10 * (csv[from] - '0') + csv[from + 1] - '0';
  }
}
