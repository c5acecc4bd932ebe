package io.ktrdr.market;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;

/**
 * Bar times as files write them: {@code 2024-03-01}, {@code 2024-03-01 14:00:00}, {@code
 * 2024-03-01T14:00:00Z} or with an offset. Without a zone it is UTC.
 */
final class BarTimes {

  private static final int DATE_LENGTH = "yyyy-MM-dd".length();
  private static final int LOCAL_LENGTH = "yyyy-MM-ddTHH:mm:ss".length();

  private BarTimes() {}

  /** Epoch seconds. */
  static long parse(String where, String field) {
    String text = field.strip();
    Instant instant;
    try {
      instant = instant(text);
    } catch (DateTimeException e) {
      throw new MarketDataException(
          "DATA_UNREADABLE",
          "%s: '%s' is not a time; write it like 2024-03-01 or 2024-03-01T14:00:00Z"
              .formatted(where, CsvBarReader.shortened(text)),
          e);
    }
    if (instant.getNano() != 0) {
      throw new MarketDataException(
          "DATA_UNREADABLE", "%s: '%s' is not a whole second".formatted(where, text));
    }
    return instant.getEpochSecond();
  }

  private static Instant instant(String text) {
    if (text.length() == DATE_LENGTH) {
      return LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC);
    }
    String iso = text.replace(' ', 'T');
    if (iso.length() == LOCAL_LENGTH) {
      return LocalDateTime.parse(iso).toInstant(ZoneOffset.UTC);
    }
    return OffsetDateTime.parse(iso).toInstant();
  }
}
