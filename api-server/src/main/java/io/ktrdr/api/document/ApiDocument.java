package io.ktrdr.api.document;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * The API as an OpenAPI 3.1 document. Written by hand as YAML, a file a topic, in the resource
 * folder {@code openapi}; here the files are joined, and three things written out that they leave
 * away because they would only repeat themselves:
 *
 * <ul>
 *   <li>{@code x-problems} of an operation, codes or groups of codes, become its responses;
 *   <li>{@code x-all-required} of a schema becomes {@code required} with every property;
 *   <li>the codes of {@code problems.yaml} become the schemas {@code ProblemCode} and {@code
 *       FieldCode}.
 * </ul>
 *
 * <p>Immutable by convention: the nodes it gives are its own, never to be written to.
 */
public final class ApiDocument {

  private static final List<String> FILES =
      List.of("api", "submit", "operations", "fleet", "system", "problems");

  /** Shared parts of the files; each is written once and read often. */
  private static final int ALIASES_MAX = 500;

  private static final String PROBLEMS = "x-problems";
  private static final String GROUPS = "x-problem-groups";
  private static final String ALL_REQUIRED = "x-all-required";

  private final ObjectNode json;
  private final Map<String, ProblemCode> codes;

  private ApiDocument(ObjectNode json, Map<String, ProblemCode> codes) {
    this.json = json;
    this.codes = codes;
  }

  /**
   * Reads it from the class path.
   *
   * @throws IllegalStateException when the files contradict one another
   */
  public static ApiDocument read() {
    ObjectNode joined = Json.mapper().createObjectNode();
    FILES.forEach(file -> join(joined, file(file), ""));
    Map<String, ProblemCode> codes = new TreeMap<>();
    for (Map.Entry<String, JsonNode> code : joined.path(PROBLEMS).properties()) {
      codes.put(code.getKey(), ProblemCode.of(code.getKey(), code.getValue()));
    }
    ProblemResponses problems = new ProblemResponses(codes, joined.path(GROUPS));
    for (Map.Entry<String, JsonNode> path : joined.path("paths").properties()) {
      for (JsonNode method : path.getValue()) {
        if (method instanceof ObjectNode operation && operation.has("operationId")) {
          problems.writeInto(operation, operation.remove(PROBLEMS), path.getKey());
        }
      }
    }
    ObjectNode schemas = joined.withObjectProperty("components").withObjectProperty("schemas");
    schemas.set("ProblemCode", schema(codes, ProblemCode::isProblem));
    schemas.set("FieldCode", schema(codes, ProblemCode::isOfField));
    joined.remove(List.of(PROBLEMS, GROUPS));
    requireAll(joined);
    return new ApiDocument(joined, codes);
  }

  /** The document. */
  public ObjectNode json() {
    return json;
  }

  /** Every code, by name. */
  Map<String, ProblemCode> codes() {
    return codes;
  }

  private static ObjectNode file(String name) {
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    options.setMaxAliasesForCollections(ALIASES_MAX);
    String resource = "/openapi/" + name + ".yaml";
    try (InputStream in = ApiDocument.class.getResourceAsStream(resource)) {
      Object loaded = new Yaml(new SafeConstructor(options)).load(in);
      return Json.mapper().valueToTree(loaded);
    } catch (IOException e) {
      throw new UncheckedIOException(resource, e);
    }
  }

  /** Objects are joined; anything else may be said once only. */
  private static void join(ObjectNode into, ObjectNode more, String where) {
    for (Map.Entry<String, JsonNode> field : more.properties()) {
      JsonNode known = into.get(field.getKey());
      String path = where + "/" + field.getKey();
      if (known == null) {
        into.set(field.getKey(), field.getValue());
      } else if (known instanceof ObjectNode both && field.getValue() instanceof ObjectNode other) {
        join(both, other, path);
      } else {
        throw new IllegalStateException("two files say " + path);
      }
    }
  }

  private static ObjectNode schema(
      Map<String, ProblemCode> codes, java.util.function.Predicate<ProblemCode> wanted) {
    ObjectNode schema = Json.mapper().createObjectNode().put("type", "string");
    codes.values().stream()
        .filter(wanted)
        .forEach(code ->
            schema
                .withArrayProperty("oneOf")
                .addObject()
                .put("const", code.name())
                .put("description", code.sentences()));
    return schema;
  }

  private static void requireAll(JsonNode node) {
    if (node instanceof ObjectNode schema && schema.remove(ALL_REQUIRED) != null) {
      List<String> names = new ArrayList<>();
      schema.path("properties").fieldNames().forEachRemaining(names::add);
      schema.set("required", Json.mapper().valueToTree(names));
    }
    node.forEach(ApiDocument::requireAll);
  }
}
