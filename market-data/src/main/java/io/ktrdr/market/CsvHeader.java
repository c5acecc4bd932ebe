package io.ktrdr.market;

import de.siegmar.fastcsv.reader.CsvRecord;
import java.util.Locale;
import java.util.Set;

/** Which column holds what. {@code volume} is -1 when the file has none. */
record CsvHeader(int time, int open, int high, int low, int close, int volume, int columns) {

  private static final Set<String> TIME_NAMES = Set.of("timestamp", "date", "time", "datetime", "");
  private static final String EXPECTED =
      "expected a header like timestamp,open,high,low,close,volume";

  static CsvHeader parse(String series, CsvRecord row) {
    int[] found = {-1, -1, -1, -1, -1, -1};
    for (int i = 0; i < row.getFieldCount(); i++) {
      String name = row.getField(i).strip().toLowerCase(Locale.ROOT);
      int slot = slot(series, row, name);
      if (found[slot] >= 0) {
        throw refused(series, row, "column '%s' appears twice".formatted(name));
      }
      found[slot] = i;
    }
    String[] required = {"timestamp", "open", "high", "low", "close"};
    for (int slot = 0; slot < required.length; slot++) {
      if (found[slot] < 0) {
        throw refused(series, row, "column '%s' is missing".formatted(required[slot]));
      }
    }
    return new CsvHeader(
        found[0], found[1], found[2], found[3], found[4], found[5], row.getFieldCount());
  }

  private static int slot(String series, CsvRecord row, String name) {
    if (TIME_NAMES.contains(name)) {
      return 0;
    }
    return switch (name) {
      case "open" -> 1;
      case "high" -> 2;
      case "low" -> 3;
      case "close" -> 4;
      case "volume" -> 5;
      default ->
          throw refused(series, row, "unknown column '%s'".formatted(CsvBarReader.shortened(name)));
    };
  }

  private static MarketDataException refused(String series, CsvRecord row, String what) {
    return new MarketDataException(
        "DATA_UNREADABLE",
        "%s, line %d: %s; %s".formatted(series, row.getStartingLineNumber(), what, EXPECTED));
  }
}
