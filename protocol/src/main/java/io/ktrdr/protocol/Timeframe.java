package io.ktrdr.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** The length of a bar, shortest first; each divides all longer ones. */
public enum Timeframe {
  M1("1m", Duration.ofMinutes(1)),
  M5("5m", Duration.ofMinutes(5)),
  M15("15m", Duration.ofMinutes(15)),
  M30("30m", Duration.ofMinutes(30)),
  H1("1h", Duration.ofHours(1)),
  H4("4h", Duration.ofHours(4)),
  D1("1d", Duration.ofDays(1)),
  W1("1w", Duration.ofDays(7));

  private final String wireName;
  private final Duration length;

  Timeframe(String wireName, Duration length) {
    this.wireName = wireName;
    this.length = length;
  }

  /** As written in file names, YAML and JSON, e.g. {@code 1d}. */
  @JsonValue
  public String wireName() {
    return wireName;
  }

  public Duration length() {
    return length;
  }

  public static Optional<Timeframe> find(String name) {
    return Arrays.stream(values()).filter(t -> t.wireName.equals(name)).findFirst();
  }

  /**
   * @throws IllegalArgumentException naming the valid timeframes
   */
  @JsonCreator
  public static Timeframe parse(String name) {
    return find(name)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "unknown timeframe '%s', valid are: %s".formatted(name, validNames())));
  }

  /** All wire names, for messages. */
  public static String validNames() {
    return Arrays.stream(values()).map(Timeframe::wireName).collect(Collectors.joining(", "));
  }

  @Override
  public String toString() {
    return wireName;
  }
}
