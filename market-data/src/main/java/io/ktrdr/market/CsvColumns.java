package io.ktrdr.market;

import de.siegmar.fastcsv.reader.CsvRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which column of a file holds what, and whose layout that is: found from the first row, which is a
 * header everywhere but in MetaTrader 4's files. A column that is not there is -1.
 *
 * @param header whether the first row is a header
 * @param date the bar's time, or its day where {@code time} is a column of its own
 * @param unread names of columns that are known and not used
 */
record CsvColumns(
    Layout layout,
    boolean header,
    int date,
    int time,
    int open,
    int high,
    int low,
    int close,
    int volume,
    int adjustedClose,
    int count,
    List<String> unread) {

  private enum Role {
    MOMENT("timestamp"),
    DATE("date"),
    TIME("time"),
    OPEN("open"),
    HIGH("high"),
    LOW("low"),
    CLOSE("close"),
    VOLUME("volume"),
    ADJUSTED_CLOSE("adj close"),
    UNREAD("");

    private final String usual;

    Role(String usual) {
      this.usual = usual;
    }
  }

  /** Names in lower case, with single blanks for {@code _} and {@code -}, without {@code <>}. */
  private static final Map<String, Role> ROLES = roles();

  private static final Set<String> OF_KTRDR =
      Set.of("timestamp", "open", "high", "low", "close", "volume");
  private static final Pattern DAY_OF_METATRADER = Pattern.compile("\\d{4}\\.\\d{2}\\.\\d{2}");
  private static final Pattern MINUTE = Pattern.compile("\\d{2}:\\d{2}");
  private static final String EXPECTED =
      "expected a header like timestamp,open,high,low,close,volume";

  private static Map<String, Role> roles() {
    Map<String, Role> roles = new HashMap<>();
    for (String name :
        List.of("timestamp", "datetime", "date time", "open time", "unix", "unix time", "t", "")) {
      roles.put(name, Role.MOMENT);
    }
    roles.put("date", Role.DATE);
    roles.put("time", Role.TIME);
    roles.put("open", Role.OPEN);
    roles.put("o", Role.OPEN);
    roles.put("high", Role.HIGH);
    roles.put("h", Role.HIGH);
    roles.put("low", Role.LOW);
    roles.put("l", Role.LOW);
    roles.put("close", Role.CLOSE);
    roles.put("c", Role.CLOSE);
    for (String name : List.of("volume", "v", "vol", "tickvol", "tick volume")) {
      roles.put(name, Role.VOLUME);
    }
    roles.put("adj close", Role.ADJUSTED_CLOSE);
    roles.put("adjusted close", Role.ADJUSTED_CLOSE);
    for (String name :
        List.of(
            "close time",
            "quote asset volume",
            "quote volume",
            "number of trades",
            "trades",
            "taker buy base asset volume",
            "taker buy quote asset volume",
            "ignore",
            "dividends",
            "stock splits",
            "capital gains",
            "spread")) {
      roles.put(name, Role.UNREAD);
    }
    return Map.copyOf(roles);
  }

  /**
   * @throws MarketDataException DATA_UNREADABLE when the row is no header that is understood
   */
  static CsvColumns of(String series, CsvRecord row, char separator) {
    return isOfMetaTrader4(row) ? ofMetaTrader4(row) : ofHeader(series, row, separator);
  }

  private static boolean isOfMetaTrader4(CsvRecord row) {
    int fields = row.getFieldCount();
    return (fields == 6 || fields == 7)
        && DAY_OF_METATRADER.matcher(row.getField(0).strip()).matches()
        && MINUTE.matcher(row.getField(1).strip()).matches();
  }

  private static CsvColumns ofMetaTrader4(CsvRecord row) {
    int volume = row.getFieldCount() == 7 ? 6 : -1;
    return new CsvColumns(
        Layout.METATRADER4, false, 0, 1, 2, 3, 4, 5, volume, -1, row.getFieldCount(), List.of());
  }

  private static CsvColumns ofHeader(String series, CsvRecord row, char separator) {
    Map<Role, Integer> found = new HashMap<>();
    List<String> unread = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (int i = 0; i < row.getFieldCount(); i++) {
      String written = row.getField(i).strip();
      String name = plain(written);
      names.add(name);
      Role role = role(series, row, name);
      if (isVolumeOfMetaTrader5(row, name)) {
        role = Role.UNREAD;
      }
      if (role == Role.UNREAD) {
        unread.add(written);
      } else if (found.putIfAbsent(role, i) != null) {
        throw refused(
            series,
            row,
            name.equals(role.usual)
                ? "column '%s' appears twice".formatted(name)
                : "column '%s' is a second '%s'".formatted(name, role.usual));
      }
    }
    int[] time = time(series, row, found);
    for (Role role : List.of(Role.OPEN, Role.HIGH, Role.LOW, Role.CLOSE)) {
      if (!found.containsKey(role)) {
        throw refused(series, row, "column '%s' is missing".formatted(role.usual));
      }
    }
    return new CsvColumns(
        layout(row, names, found, separator),
        true,
        time[0],
        time[1],
        found.getOrDefault(Role.OPEN, -1),
        found.getOrDefault(Role.HIGH, -1),
        found.getOrDefault(Role.LOW, -1),
        found.getOrDefault(Role.CLOSE, -1),
        found.getOrDefault(Role.VOLUME, -1),
        found.getOrDefault(Role.ADJUSTED_CLOSE, -1),
        row.getFieldCount(),
        List.copyOf(unread));
  }

  private static String plain(String written) {
    return written
        .toLowerCase(Locale.ROOT)
        .replaceAll("^<|>$", "")
        .replaceAll("[\\s_-]+", " ")
        .strip();
  }

  private static Role role(String series, CsvRecord row, String name) {
    return Optional.ofNullable(ROLES.get(name))
        .orElseThrow(() ->
            refused(series, row, "unknown column '%s'".formatted(CsvBarReader.shortened(name))));
  }

  /** Beside the number of ticks there is a volume, which brokers of currencies leave at 0. */
  private static boolean isVolumeOfMetaTrader5(CsvRecord row, String name) {
    return name.equals("vol")
        && row.getFields().stream().anyMatch(field -> plain(field.strip()).equals("tickvol"));
  }

  /** Columns of date and time of day; the latter is -1 where one column has both. */
  private static int[] time(String series, CsvRecord row, Map<Role, Integer> found) {
    int moment = found.getOrDefault(Role.MOMENT, -1);
    int date = found.getOrDefault(Role.DATE, -1);
    int time = found.getOrDefault(Role.TIME, -1);
    if (moment >= 0) {
      if (date >= 0 || time >= 0) {
        throw refused(series, row, "there is more than one column with times; keep one");
      }
      return new int[] {moment, -1};
    }
    if (date < 0 && time < 0) {
      throw refused(series, row, "column 'timestamp' is missing");
    }
    return date < 0 ? new int[] {time, -1} : new int[] {date, time};
  }

  private static Layout layout(
      CsvRecord row, List<String> names, Map<Role, Integer> found, char separator) {
    if (row.getFields().stream().anyMatch(field -> field.strip().equalsIgnoreCase("<date>"))) {
      return Layout.METATRADER5;
    }
    if (separator == ',' && OF_KTRDR.containsAll(names)) {
      return Layout.KTRDR;
    }
    return separator == ',' && found.containsKey(Role.ADJUSTED_CLOSE)
        ? Layout.YAHOO
        : Layout.GENERIC;
  }

  private static MarketDataException refused(String series, CsvRecord row, String what) {
    return new MarketDataException(
        "DATA_UNREADABLE",
        "%s, line %d: %s; %s".formatted(series, row.getStartingLineNumber(), what, EXPECTED));
  }
}
