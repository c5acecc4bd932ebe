package io.ktrdr.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** When a market is open, and so which bars its data should have. docs/data.md has the rules. */
public enum MarketCalendar {
  /** One of the others, found from the bars themselves. */
  AUTO("auto"),
  /** Never closed. */
  ALWAYS("24x7"),
  /** From Sunday 22:00 to Friday 22:00 UTC. */
  FX("fx"),
  /** Mondays to Fridays; holidays are not known, so up to four weekdays may be missing in a row. */
  EXCHANGE("exchange");

  /** As written in JSON. */
  public static final List<String> WORDS =
      Arrays.stream(values()).map(MarketCalendar::wireName).toList();

  private final String wireName;

  MarketCalendar(String wireName) {
    this.wireName = wireName;
  }

  @JsonValue
  public String wireName() {
    return wireName;
  }

  public static Optional<MarketCalendar> find(String word) {
    return Arrays.stream(values()).filter(calendar -> calendar.wireName.equals(word)).findFirst();
  }

  /**
   * @throws IllegalArgumentException naming the valid words
   */
  @JsonCreator
  public static MarketCalendar parse(String word) {
    return find(word)
        .orElseThrow(() ->
            new IllegalArgumentException("calendar '%s' is not one of %s".formatted(word, WORDS)));
  }

  @Override
  public String toString() {
    return wireName;
  }
}
