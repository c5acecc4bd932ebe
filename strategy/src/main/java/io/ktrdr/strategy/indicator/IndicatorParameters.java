package io.ktrdr.strategy.indicator;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * The complete parameters of one indicator: whole numbers, numbers, words and flags by name,
 * already checked against the type's {@link IndicatorParameter}s.
 */
public record IndicatorParameters(Map<String, Object> values) {

  public IndicatorParameters {
    values = Collections.unmodifiableMap(new TreeMap<>(values));
  }

  int integer(String name) {
    return (Integer) value(name);
  }

  double real(String name) {
    return (Double) value(name);
  }

  String word(String name) {
    return (String) value(name);
  }

  boolean flag(String name) {
    return (Boolean) value(name);
  }

  private Object value(String name) {
    Object value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException("no parameter " + name + " in " + values.keySet());
    }
    return value;
  }
}
