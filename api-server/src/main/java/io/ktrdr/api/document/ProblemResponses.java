package io.ktrdr.api.document;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Json;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Writes the problems an operation may answer as its responses, one for each status. */
final class ProblemResponses {

  /** May come from any operation. */
  private static final String OF_ALL = "all";

  private final Map<String, ProblemCode> codes;
  private final JsonNode groups;

  /**
   * @param groups lists of codes and other groups, by name in lower case
   */
  ProblemResponses(Map<String, ProblemCode> codes, JsonNode groups) {
    this.codes = codes;
    this.groups = groups;
  }

  void writeInto(ObjectNode operation, @Nullable JsonNode named, String path) {
    if (named == null) {
      throw new IllegalStateException(path + " does not say which problems it may answer");
    }
    Map<Integer, Set<ProblemCode>> byStatus = new TreeMap<>();
    named.forEach(name -> add(byStatus, name.asText()));
    add(byStatus, OF_ALL);
    ObjectNode responses = operation.withObjectProperty("responses").deepCopy();
    byStatus.forEach((status, some) -> {
      String key = status.toString();
      if (responses.has(key)) {
        throw new IllegalStateException("%s says twice what %s is".formatted(path, key));
      }
      responses.set(key, response(status, List.copyOf(some), path));
    });
    operation.set("responses", responses);
  }

  private void add(Map<Integer, Set<ProblemCode>> byStatus, String name) {
    if (groups.has(name)) {
      groups.path(name).forEach(member -> add(byStatus, member.asText()));
      return;
    }
    String[] parts = name.split("/", 2);
    ProblemCode code = codes.get(parts[0]);
    if (code == null || !code.isProblem()) {
      throw new IllegalStateException("no problem has the code " + name);
    }
    int status = parts.length == 1 ? code.statuses().getFirst() : Integer.parseInt(parts[1]);
    if (!code.statuses().contains(status)) {
      throw new IllegalStateException(name + " does not exist");
    }
    byStatus.computeIfAbsent(status, _ -> new LinkedHashSet<>()).add(code);
  }

  private static ObjectNode response(int status, List<ProblemCode> some, String path) {
    ObjectNode response =
        Json.mapper()
            .createObjectNode()
            .put(
                "description",
                some.stream()
                    .map(code -> "`%s`: %s".formatted(code.name(), code.sentences()))
                    .collect(joining("\n\n")));
    if (status == 503) {
      response
          .putObject("headers")
          .putObject("Retry-After")
          .put("description", "Seconds to wait, where that is known.")
          .putObject("schema")
          .put("type", "string");
    }
    ObjectNode media = response.putObject("content").putObject("application/problem+json");
    ArrayNode both = media.putObject("schema").putArray("allOf");
    both.addObject().put("$ref", "#/components/schemas/Problem");
    ArrayNode names = both.addObject().putObject("properties").putObject("code").putArray("enum");
    some.forEach(code -> names.add(code.name()));
    ProblemCode first = some.getFirst();
    media
        .putObject("example")
        .put("type", "urn:ktrdr:problem:" + first.name())
        .put("title", first.name())
        .put("status", status)
        .put("code", first.name())
        .put("detail", first.sentences())
        .put("instance", path);
    return response;
  }
}
