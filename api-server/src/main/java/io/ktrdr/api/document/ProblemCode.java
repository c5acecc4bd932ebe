package io.ktrdr.api.document;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What one code means.
 *
 * @param statuses of the HTTP problem that has it, the usual one first; empty when none has
 * @param places where else it appears: {@code field}, {@code strategy}, {@code run}, {@code
 *     warning}
 * @param remedy what to do
 */
record ProblemCode(
    String name, List<Integer> statuses, Set<String> places, String means, String remedy) {

  private static final Set<String> PLACES = Set.of("field", "strategy", "run", "warning");

  static ProblemCode of(String name, JsonNode json) {
    JsonNode status = json.path("status");
    List<Integer> statuses = new ArrayList<>();
    (status.isInt() ? List.of(status) : status).forEach(one -> statuses.add(one.intValue()));
    Set<String> places = new LinkedHashSet<>();
    json.path("in").forEach(place -> places.add(place.textValue()));
    String means = json.path("means").asText();
    String remedy = json.path("do").asText();
    if (means.isEmpty() || remedy.isEmpty() || !PLACES.containsAll(places)) {
      throw new IllegalStateException("incomplete: " + name);
    }
    if (statuses.isEmpty() && places.isEmpty()) {
      throw new IllegalStateException("appears nowhere: " + name);
    }
    return new ProblemCode(name, statuses, places, means, remedy);
  }

  boolean isProblem() {
    return !statuses.isEmpty();
  }

  boolean isOfField() {
    return places.contains("field") || places.contains("strategy");
  }

  String sentences() {
    return means + " " + remedy;
  }
}
