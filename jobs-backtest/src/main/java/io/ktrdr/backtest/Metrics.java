package io.ktrdr.backtest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Json;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Figures by name, in a fixed order. A figure that is not defined for this run is null, and {@link
 * #undefined} says why.
 *
 * <p>Not thread-safe.
 */
final class Metrics {

  private final ObjectNode values = Json.mapper().createObjectNode();
  private final Map<String, String> undefined = new LinkedHashMap<>();

  void count(String name, long value) {
    values.put(name, value);
  }

  /** A number; not finite counts as undefined, with the reason given. */
  void number(String name, double value, String reasonWhenUndefined) {
    if (Double.isFinite(value)) {
      values.put(name, value == 0 ? 0.0 : value);
    } else {
      undefine(name, reasonWhenUndefined);
    }
  }

  /** A number that every run has. */
  void number(String name, double value) {
    number(name, value, "not a finite number");
  }

  void undefine(String name, String reason) {
    values.putNull(name);
    undefined.put(name, reason);
  }

  /** Every figure, in order of definition; undefined ones are null. */
  ObjectNode values() {
    return values;
  }

  /** Why a figure is null, by its name. */
  Map<String, String> undefined() {
    return undefined;
  }
}
