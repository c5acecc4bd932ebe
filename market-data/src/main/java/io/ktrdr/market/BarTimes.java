package io.ktrdr.market;

import io.ktrdr.protocol.Timeframe;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.TemporalAccessor;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Times of the bars of one file: ISO dates and times, with {@code -}, {@code /} or {@code .} in the
 * date and the year first, or seconds, milliseconds or microseconds since 1970. All rows write them
 * the same way. What names no offset is local in the file's zone; a day of daily or weekly bars is
 * that day at 00:00 UTC in any zone. Not thread-safe.
 */
final class BarTimes {

  private static final int DATE_LENGTH = "yyyy-MM-dd".length();
  private static final String ISO_SHAPE = "0000-00-00T00:00:00";
  private static final int LOCAL_LENGTH = ISO_SHAPE.length();
  private static final long SECONDS_PER_DAY = 86_400;
  static final int YEAR_MIN = 1700;
  static final int YEAR_MAX = 2199;

  private static final Pattern YEAR_LAST =
      Pattern.compile("\\d{1,2}[-/.]\\d{1,2}[-/.]\\d{2,4}(\\D.*)?");
  private static final Pattern WHOLE_WITH_ZEROS = Pattern.compile("\\d+\\.0+");

  private static final Pattern OFFSET_WITHOUT_COLON = Pattern.compile("(.*T.*[+-]\\d{2})(\\d{2})?");

  private static final DateTimeFormatter ISO =
      new DateTimeFormatterBuilder()
          .append(DateTimeFormatter.ISO_LOCAL_DATE_TIME)
          .optionalStart()
          .appendOffsetId()
          .toFormatter();

  /** How a file writes its times. */
  private enum Form {
    DASHES,
    SLASHES,
    DOTS,
    DIGITS,
    SECONDS,
    MILLISECONDS,
    MICROSECONDS
  }

  private final ZoneId zone;
  private final boolean ofDays;
  private @Nullable Form form;

  BarTimes(ZoneId zone, Timeframe timeframe) {
    this.zone = zone;
    this.ofDays = timeframe == Timeframe.D1 || timeframe == Timeframe.W1;
  }

  /**
   * Epoch seconds.
   *
   * @throws MarketDataException DATA_UNREADABLE, or DATA_AMBIGUOUS_TIME for what may be two times
   */
  long parse(RowPlace where, String field) {
    if (form == Form.DASHES && isPlainUtc(field)) {
      return plainUtc(field);
    }
    String text = field.strip();
    if (!startsWithYear(text) && YEAR_LAST.matcher(text).matches()) {
      throw new MarketDataException(
          "DATA_AMBIGUOUS_TIME",
          "%s: '%s' does not say which number is the day and which the month; write the year first, like 2020-04-03"
              .formatted(where, CsvBarReader.shortened(text)));
    }
    Instant instant;
    try {
      instant = instant(where, text);
    } catch (DateTimeException | NumberFormatException e) {
      throw unreadable(where, text, e);
    }
    if (instant.getNano() != 0) {
      throw new MarketDataException(
          "DATA_UNREADABLE", "%s: '%s' is not a whole second".formatted(where, text));
    }
    int year = instant.atOffset(ZoneOffset.UTC).getYear();
    if (year < YEAR_MIN || year > YEAR_MAX) {
      throw new MarketDataException(
          "DATA_UNREADABLE",
          "%s: '%s' is in the year %d, expected %d to %d"
              .formatted(where, CsvBarReader.shortened(text), year, YEAR_MIN, YEAR_MAX));
    }
    return instant.getEpochSecond();
  }

  private Instant instant(RowPlace where, String text) {
    Form found = formOf(where, text);
    if (form == null) {
      form = found;
    } else if (form != found) {
      throw new MarketDataException(
          "DATA_UNREADABLE",
          "%s: '%s' is not written like the times before it; write all of them the same way"
              .formatted(where, CsvBarReader.shortened(text)));
    }
    return switch (found) {
      case DASHES -> written(where, text);
      case SLASHES -> written(where, text.replace('/', '-'));
      case DOTS ->
          written(
              where,
              text.substring(0, DATE_LENGTH).replace('.', '-') + text.substring(DATE_LENGTH));
      case DIGITS -> midnight(where, LocalDate.parse(text, DateTimeFormatter.BASIC_ISO_DATE));
      case SECONDS -> Instant.ofEpochSecond(whole(text));
      case MILLISECONDS -> Instant.ofEpochMilli(whole(text));
      case MICROSECONDS -> Instant.ofEpochSecond(whole(text) / 1_000_000, whole(text) % 1_000_000);
    };
  }

  private static long whole(String text) {
    int point = text.indexOf('.');
    return Long.parseLong(point < 0 ? text : text.substring(0, point));
  }

  /** Spares nearly every time the slower looks. */
  private static boolean startsWithYear(String text) {
    return text.length() >= DATE_LENGTH
        && isDigit(text.charAt(1))
        && isDigit(text.charAt(2))
        && isDigit(text.charAt(3));
  }

  private static Form formOf(RowPlace where, String text) {
    if (startsWithYear(text) && text.charAt(4) == '-') {
      return Form.DASHES;
    }
    if (!text.isEmpty()
        && (text.chars().allMatch(BarTimes::isDigit) || WHOLE_WITH_ZEROS.matcher(text).matches())) {
      return switch (Long.toString(whole(text)).length()) {
        case 8 -> Form.DIGITS;
        case 9, 10 -> Form.SECONDS;
        case 12, 13 -> Form.MILLISECONDS;
        case 15, 16 -> Form.MICROSECONDS;
        default -> throw unreadable(where, text, null);
      };
    }
    if (text.length() >= DATE_LENGTH && text.charAt(4) == '/') {
      return Form.SLASHES;
    }
    if (text.length() >= DATE_LENGTH && text.charAt(4) == '.') {
      return Form.DOTS;
    }
    return Form.DASHES;
  }

  private static boolean isDigit(int character) {
    return character >= '0' && character <= '9';
  }

  private Instant written(RowPlace where, String text) {
    if (text.length() == DATE_LENGTH) {
      return midnight(where, LocalDate.parse(text));
    }
    String iso = text.replace(' ', 'T');
    if (iso.length() == LOCAL_LENGTH) {
      return local(where, dateTime(iso));
    }
    if (iso.length() == LOCAL_LENGTH + 1 && iso.endsWith("Z")) {
      return dateTime(iso.substring(0, LOCAL_LENGTH)).toInstant(ZoneOffset.UTC);
    }
    Matcher offset = OFFSET_WITHOUT_COLON.matcher(iso);
    if (offset.matches()) {
      String minutes = offset.group(2);
      iso = offset.group(1) + ":" + (minutes == null ? "00" : minutes);
    }
    TemporalAccessor parsed = ISO.parseBest(iso, OffsetDateTime::from, LocalDateTime::from);
    return parsed instanceof OffsetDateTime exact
        ? exact.toInstant()
        : local(where, LocalDateTime.from(parsed));
  }

  /** As {@link LocalDateTime#parse}, which takes most of the time of reading a file. */
  private static LocalDateTime dateTime(String iso) {
    return hasIsoShape(iso)
        ? LocalDateTime.of(
            year(iso), pair(iso, 5), pair(iso, 8), pair(iso, 11), pair(iso, 14), pair(iso, 17))
        : LocalDateTime.parse(iso);
  }

  /** Whether that is {@code yyyy-MM-ddTHH:mm:ssZ} of a day that is in every month. */
  private static boolean isPlainUtc(String text) {
    return text.length() == LOCAL_LENGTH + 1
        && text.charAt(LOCAL_LENGTH) == 'Z'
        && hasIsoShape(text)
        && year(text) >= YEAR_MIN
        && year(text) <= YEAR_MAX
        && pair(text, 5) >= 1
        && pair(text, 5) <= 12
        && pair(text, 8) >= 1
        && pair(text, 8) <= 28
        && pair(text, 11) < 24
        && pair(text, 14) < 60
        && pair(text, 17) < 60;
  }

  /** What {@link #instant} makes of it, without the objects: most of a file's times are this. */
  private static long plainUtc(String text) {
    int secondOfDay = (pair(text, 11) * 60 + pair(text, 14)) * 60 + pair(text, 17);
    return LocalDate.of(year(text), pair(text, 5), pair(text, 8)).toEpochDay() * SECONDS_PER_DAY
        + secondOfDay;
  }

  private static boolean hasIsoShape(String text) {
    for (int i = 0; i < LOCAL_LENGTH; i++) {
      char expected = ISO_SHAPE.charAt(i);
      if (expected == '0' ? !isDigit(text.charAt(i)) : text.charAt(i) != expected) {
        return false;
      }
    }
    return true;
  }

  private static int year(String text) {
    return 100 * pair(text, 0) + pair(text, 2);
  }

  private static int pair(String text, int at) {
    return 10 * (text.charAt(at) - '0') + text.charAt(at + 1) - '0';
  }

  private Instant midnight(RowPlace where, LocalDate day) {
    return ofDays ? day.atStartOfDay().toInstant(ZoneOffset.UTC) : local(where, day.atStartOfDay());
  }

  private Instant local(RowPlace where, LocalDateTime time) {
    List<ZoneOffset> offsets = zone.getRules().getValidOffsets(time);
    if (offsets.size() == 1) {
      return time.toInstant(offsets.getFirst());
    }
    throw new MarketDataException(
        "DATA_AMBIGUOUS_TIME",
        offsets.isEmpty()
            ? "%s: %s does not exist in %s, where clocks went forward; check the zone, or write UTC"
                .formatted(where, time, zone)
            : "%s: %s was twice in %s, where clocks went back; write it with its offset, or write UTC"
                .formatted(where, time, zone));
  }

  private static MarketDataException unreadable(
      RowPlace where, String text, @Nullable Exception cause) {
    String message =
        "%s: '%s' is not a time; write it like 2024-03-01 or 2024-03-01T14:00:00Z"
            .formatted(where, CsvBarReader.shortened(text));
    return cause == null
        ? new MarketDataException("DATA_UNREADABLE", message)
        : new MarketDataException("DATA_UNREADABLE", message, cause);
  }
}
