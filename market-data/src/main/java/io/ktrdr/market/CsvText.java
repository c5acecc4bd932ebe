package io.ktrdr.market;

import java.nio.charset.StandardCharsets;

/**
 * How the bytes of a file are to be taken, found from its first row.
 *
 * @param start where the text begins, after a byte order mark
 * @param separator between fields: a tab or a semicolon where the first row has one, else a comma
 */
record CsvText(int start, char separator) {

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
    String row = firstRow(csv, start);
    boolean tabs = row.indexOf('\t') >= 0;
    return new CsvText(start, tabs ? '\t' : row.indexOf(';') >= 0 ? ';' : ',');
  }

  private static boolean startsWith(byte[] csv, byte[] mark) {
    for (int i = 0; i < mark.length; i++) {
      if (csv.length <= i || csv[i] != mark[i]) {
        return false;
      }
    }
    return true;
  }

  /** The first line that is neither empty nor a comment. */
  private static String firstRow(byte[] csv, int start) {
    int from = start;
    while (from < csv.length) {
      int to = from;
      while (to < csv.length && csv[to] != '\n' && csv[to] != '\r') {
        to++;
      }
      if (to > from && csv[from] != '#') {
        int length = Math.min(to - from, ROW_BYTES_MAX);
        return new String(csv, from, length, StandardCharsets.ISO_8859_1);
      }
      from = to + 1;
    }
    return "";
  }
}
