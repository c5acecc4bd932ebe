package io.ktrdr.api.explain;

import java.time.Duration;
import java.util.Locale;

/** Numbers as they stand in a sentence. */
final class Words {

  private static final double MILLIS_PER_SECOND = 1000.0;
  private static final int MINUTE = 60;
  private static final int HOUR = 60 * MINUTE;
  private static final int DAY = 24 * HOUR;

  /** From here on the smaller unit is not worth a word. */
  private static final int FEW = 10;

  private Words() {}

  /** As exact as a person would say it: {@code 8 s}, {@code 3 min 20 s}, {@code 2 h 55 min}. */
  static String duration(double seconds) {
    long s = Math.max(0, Math.round(seconds));
    if (s < MINUTE) {
      return s + " s";
    }
    if (s < HOUR) {
      return two(s, MINUTE, "min", 1, "s");
    }
    return s < DAY ? two(s, HOUR, "h", MINUTE, "min") : two(s, DAY, "d", HOUR, "h");
  }

  static String duration(Duration duration) {
    return duration(duration.toMillis() / MILLIS_PER_SECOND);
  }

  private static String two(long s, int unit, String name, int smaller, String smallerName) {
    long whole = s / unit;
    long rest = s % unit / smaller;
    boolean precise = whole < FEW || smaller == MINUTE;
    return rest == 0 || !precise
        ? "%d %s".formatted(whole, name)
        : "%d %s %d %s".formatted(whole, name, rest, smallerName);
  }

  /** {@code 1 worker}, {@code 3 workers}. */
  static String count(int number, String noun) {
    return "%d %s%s".formatted(number, noun, number == 1 ? "" : "s");
  }

  static String percent(double percentage) {
    return String.format(Locale.ROOT, "%.0f %%", percentage);
  }
}
