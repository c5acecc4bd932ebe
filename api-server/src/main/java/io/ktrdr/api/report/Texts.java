package io.ktrdr.api.report;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;

/** Numbers and days as a report writes them. */
final class Texts {

  private Texts() {}

  static String money(double value) {
    return String.format(Locale.ROOT, "%,.2f", value);
  }

  /** On an axis, whose values are round. */
  static String units(double value) {
    return Math.abs(value) >= 10
        ? String.format(Locale.ROOT, "%,.0f", value)
        : String.format(Locale.ROOT, "%.3g", value);
  }

  static String percent(double fraction) {
    return String.format(Locale.ROOT, "%.2f %%", fraction * 100);
  }

  /** On an axis, whose values are round. */
  static String shortPercent(double fraction) {
    return String.format(Locale.ROOT, "%.3g %%", fraction * 100);
  }

  /** With five digits that count. */
  static String price(double value) {
    return String.format(Locale.ROOT, "%.5g", value);
  }

  /** A day, and the time of it unless that is midnight; UTC. */
  static String minute(Instant time) {
    String text = time.toString();
    return text.endsWith("T00:00:00Z")
        ? text.substring(0, 10)
        : text.substring(0, 16).replace('T', ' ');
  }

  static String day(long epochSeconds) {
    return LocalDate.ofInstant(Instant.ofEpochSecond(epochSeconds), ZoneOffset.UTC).toString();
  }
}
