package io.ktrdr.protocol;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.UUID;

/** Names one execution of one attempt by one worker: the fencing token of everything it sends. */
public record RunId(@JsonValue UUID value) {

  public RunId {
    requireNonNull(value, "value is null");
  }

  @JsonCreator
  public static RunId parse(String value) {
    return new RunId(UUID.fromString(value));
  }

  public static RunId create() {
    return new RunId(UUID.randomUUID());
  }

  @Override
  public String toString() {
    return value.toString();
  }
}
