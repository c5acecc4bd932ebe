package io.ktrdr.benchmarks;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Json;
import java.util.List;
import java.util.Locale;

/**
 * One figure, measured several times.
 *
 * @param values one a repetition, never empty
 * @param target what is wanted; NaN when nothing is
 * @param atLeast whether the target is a least or a most
 */
record Measurement(String name, String unit, List<Double> values, double target, boolean atLeast) {

  Measurement {
    values = List.copyOf(values);
  }

  double median() {
    List<Double> sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  double least() {
    return values.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
  }

  double most() {
    return values.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
  }

  private boolean hasTarget() {
    return !Double.isNaN(target);
  }

  /** By the median. */
  private boolean met() {
    return atLeast ? median() >= target : median() <= target;
  }

  String row() {
    return String.format(
        Locale.ROOT,
        "%-34s %10.1f %-9s %8.1f – %-8.1f %s",
        name,
        median(),
        unit,
        least(),
        most(),
        hasTarget()
            ? String.format(
                Locale.ROOT, "%s %7.0f  %s", atLeast ? "≥" : "≤", target, met() ? "met" : "MISSED")
            : "");
  }

  ObjectNode json() {
    ObjectNode json =
        Json.mapper()
            .createObjectNode()
            .put("name", name)
            .put("unit", unit)
            .put("median", median())
            .put("least", least())
            .put("most", most());
    if (hasTarget()) {
      json.put("target", target)
          .put("target_is", atLeast ? "at least" : "at most")
          .put("met", met());
    }
    ArrayNode all = json.putArray("values");
    values.forEach(all::add);
    return json;
  }
}
