package io.ktrdr.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Where an operation stands, as its user sees it. */
public enum OperationStatus {
  /** Accepted and durable; waiting in the outbox or in a queue for a worker. */
  PENDING,
  /** A run has reported in. */
  RUNNING,
  /** Running, and asked to stop; how it ends is open until its run has said so. */
  CANCELLING,
  /** Ended with a result. */
  COMPLETED,
  /** Ended with an error; the reason is in {@code error_message}. */
  FAILED,
  /** Ended because somebody asked for it. */
  CANCELLED;

  /** The name in JSON and SQL: lower case. */
  @JsonValue
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** True for the states an operation never leaves by itself. */
  public boolean isTerminal() {
    return this == COMPLETED || this == FAILED || this == CANCELLED;
  }

  /** Finds a status by its wire name, ignoring case. */
  public static Optional<OperationStatus> find(String name) {
    return Arrays.stream(values()).filter(s -> s.name().equalsIgnoreCase(name)).findFirst();
  }

  /**
   * @throws IllegalArgumentException naming the valid states
   */
  @JsonCreator
  public static OperationStatus parse(String name) {
    return find(name)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "unknown status '%s', valid are: %s".formatted(name, validNames())));
  }

  /** All wire names, for messages. */
  public static String validNames() {
    return Arrays.stream(values()).map(OperationStatus::wireName).collect(Collectors.joining(", "));
  }
}
