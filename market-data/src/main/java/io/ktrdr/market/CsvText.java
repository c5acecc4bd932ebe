package io.ktrdr.market;

import java.nio.charset.StandardCharsets;

/**
 * How the bytes of a file are to be taken, found from its first row.
 *
 * @param start where the text begins, after a byte order mark
 * @param separator between fields: a tab or a semicolon where the first row has one, else a comma
 * @param afterFirstRow where the line after the first row begins; the first row is the first line
 *     that is neither empty nor a comment, and has no quotes; -1 when it has
 */
record CsvText(int start, char separator, int afterFirstRow) {

  private static final byte[] MARK_OF_UTF8 = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
  private static final byte[] MARK_OF_UTF16_LITTLE = {(byte) 0xFF, (byte) 0xFE};
  private static final byte[] MARK_OF_UTF16_BIG = {(byte) 0xFE, (byte) 0xFF};

  /** Of the first row; more is not looked at. */
  private static final int ROW_BYTES_MAX = 8192;

  /**
   * @throws MarketDataException DATA_UNREADABLE when it is not UTF-8
   */
  static CsvText of(String series, byte[] csv) {
    if (startsWith(csv, MARK_OF_UTF16_LITTLE) || startsWith(csv, MARK_OF_UTF16_BIG)) {
      throw new MarketDataException(
          "DATA_UNREADABLE", series + ": the file is UTF-16; save it as UTF-8");
    }
    int start = startsWith(csv, MARK_OF_UTF8) ? MARK_OF_UTF8.length : 0;
    int from = firstRow(csv, start);
    int to = endOfLine(csv, from);
    String row =
        new String(csv, from, Math.min(to - from, ROW_BYTES_MAX), StandardCharsets.ISO_8859_1);
    char separator = row.indexOf('\t') >= 0 ? '\t' : row.indexOf(';') >= 0 ? ';' : ',';
    boolean whole = to - from <= ROW_BYTES_MAX && row.indexOf('"') < 0;
    return new CsvText(start, separator, whole ? afterLine(csv, to) : -1);
  }

  private static boolean startsWith(byte[] csv, byte[] mark) {
    for (int i = 0; i < mark.length; i++) {
      if (csv.length <= i || csv[i] != mark[i]) {
        return false;
      }
    }
    return true;
  }

  /** Where the first line begins that is neither empty nor a comment. */
  private static int firstRow(byte[] csv, int start) {
    int from = start;
    while (from < csv.length) {
      int to = endOfLine(csv, from);
      if (to > from && csv[from] != '#') {
        return from;
      }
      from = to + 1;
    }
    return csv.length;
  }

  private static int endOfLine(byte[] csv, int from) {
    int to = from;
    while (to < csv.length && csv[to] != '\n' && csv[to] != '\r') {
      to++;
    }
    return to;
  }

  private static int afterLine(byte[] csv, int end) {
    boolean two = end + 1 < csv.length && csv[end] == '\r' && csv[end + 1] == '\n';
    return Math.min(csv.length, end + (two ? 2 : 1));
  }
}
