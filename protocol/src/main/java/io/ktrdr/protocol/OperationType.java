package io.ktrdr.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What kind of work an operation is. Also the type of a worker: a worker runs operations of exactly
 * one type.
 */
public enum OperationType {
  BACKTESTING("backtesting", "backtest"),
  TRAINING("training", "training");

  private final String wireName;
  private final String idPrefix;

  OperationType(String wireName, String idPrefix) {
    this.wireName = wireName;
    this.idPrefix = idPrefix;
  }

  /** The name in JSON, SQL and routing keys, e.g. {@code backtesting}. Stable for ever. */
  @JsonValue
  public String wireName() {
    return wireName;
  }

  /** The word in operation ids, e.g. {@code backtest} in {@code op_backtest_…}. */
  public String idPrefix() {
    return idPrefix;
  }

  /** Finds a type by its wire name, ignoring case. */
  public static Optional<OperationType> find(String name) {
    String wanted = name.toLowerCase(Locale.ROOT);
    return Arrays.stream(values()).filter(type -> type.wireName.equals(wanted)).findFirst();
  }

  /**
   * @throws IllegalArgumentException naming the valid types
   */
  @JsonCreator
  public static OperationType parse(String name) {
    return find(name)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "unknown operation type '%s', valid are: %s".formatted(name, validNames())));
  }

  /** All wire names, for messages. */
  public static String validNames() {
    return Arrays.stream(values()).map(OperationType::wireName).collect(Collectors.joining(", "));
  }
}
