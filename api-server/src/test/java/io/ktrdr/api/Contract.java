package io.ktrdr.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.Dialects;
import io.ktrdr.api.document.ApiDocument;
import io.ktrdr.protocol.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * Holds answers of the API against its document: the status is one of the operation's, the body has
 * a documented type and fits its schema, and no object has a field the schema does not name.
 */
final class Contract {

  private static final String PROBLEM = "application/problem+json";
  private static final JsonNode DOCUMENT = ApiDocument.read().json();
  private static final List<Operation> OPERATIONS = operations();

  /** Of problems that no operation answers, because there is none. */
  private static final Set<String> WITHOUT_OPERATION =
      Set.of(
          "ROUTE_UNKNOWN",
          "METHOD_NOT_ALLOWED",
          "REQUEST_INVALID",
          "URI_TOO_LONG",
          "HEADERS_TOO_LARGE");

  private static final JsonNode ANY_PROBLEM =
      Json.mapper().createObjectNode().put("$ref", "#/components/schemas/Problem");

  private static final SchemaRegistry SCHEMAS =
      SchemaRegistry.withDefaultDialect(
          Dialects.getDraft202012(),
          builder ->
              builder.schemaRegistryConfig(
                  SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build()));
  private static final JsonNode CLOSED = closed(DOCUMENT.path("components").deepCopy());
  private static final Map<String, Schema> COMPILED = new ConcurrentHashMap<>();

  private final Set<String> seen = Collections.synchronizedSet(new TreeSet<>());

  /** One operation of the document. */
  record Operation(String method, String path, Pattern form, JsonNode json) {

    String name() {
      return method + " " + path;
    }
  }

  static JsonNode document() {
    return DOCUMENT;
  }

  /** All of them, those without path parameters first. */
  static List<Operation> all() {
    return OPERATIONS;
  }

  /** What was seen so far: {@code success} or {@code problem}, a space, method and path. */
  Set<String> seen() {
    return seen;
  }

  /**
   * @param path without its query
   * @param type media type with its parameters; empty without a body
   */
  void check(String method, String path, int status, String type, byte[] body) {
    Optional<Operation> operation =
        OPERATIONS.stream()
            .filter(o -> o.method().equals(method) && o.form().matcher(path).matches())
            .findFirst();
    if (operation.isPresent()) {
      check(operation.get(), status, type, body);
      seen.add((status / 100 == 2 ? "success " : "problem ") + operation.get().name());
    } else if (status >= 300 && !method.equals("HEAD")) {
      JsonNode problem = json(body);
      assertThat(type).as(method + " " + path).startsWith(PROBLEM);
      assertThat(problem.path("code").asText()).isIn(WITHOUT_OPERATION);
      fits("problem", ANY_PROBLEM, problem);
    }
  }

  /**
   * As {@link #check}, of a request whose path and method another server might have understood
   * otherwise: it may be answered as if it went nowhere.
   */
  void checkRaw(String method, String path, int status, String type, byte[] body) {
    if (status >= 300 && type.startsWith(PROBLEM)) {
      JsonNode problem = json(body);
      if (WITHOUT_OPERATION.contains(problem.path("code").asText())) {
        fits("problem", ANY_PROBLEM, problem);
        return;
      }
    }
    String plain = path.replaceAll("^/+", "/").replaceAll("(?<=.)/$", "");
    check(method, plain, status, type, body);
  }

  private static void check(Operation operation, int status, String type, byte[] body) {
    JsonNode response = operation.json().path("responses").path(Integer.toString(status));
    String what = "%s answered %d %s".formatted(operation.name(), status, shown(body));
    assertThat(response.isObject()).as(what).isTrue();
    String media = type.split(";", 2)[0].strip();
    JsonNode content = response.path("content");
    if (body.length == 0) {
      return;
    }
    assertThat(content.has(media)).as(what + " as " + media).isTrue();
    if (media.contains("json")) {
      fits(
          operation.name() + " " + status + " " + media,
          content.path(media).path("schema"),
          json(body));
    }
  }

  private static void fits(String name, JsonNode schema, JsonNode body) {
    Schema compiled =
        COMPILED.computeIfAbsent(
            name,
            _ -> {
              ObjectNode whole = Json.mapper().createObjectNode();
              whole.putArray("allOf").add(closed(schema.deepCopy()));
              whole.set("components", CLOSED);
              return SCHEMAS.getSchema(whole);
            });
    assertThat(compiled.validate(body)).as(name + ": " + body).isEmpty();
  }

  /** Clients have to bear new fields; this test does not. */
  private static JsonNode closed(JsonNode node) {
    if (node instanceof ObjectNode schema
        && schema.path("properties").isObject()
        && schema.has("type")
        && !schema.has("additionalProperties")) {
      schema.put("additionalProperties", false);
    }
    node.forEach(Contract::closed);
    return node;
  }

  private static List<Operation> operations() {
    List<Operation> found = new ArrayList<>();
    for (Map.Entry<String, JsonNode> path : DOCUMENT.path("paths").properties()) {
      Pattern form = Pattern.compile(path.getKey().replaceAll("\\{[^}]+}", "[^/]+"));
      for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
        if (method.getValue().has("operationId")) {
          String name = method.getKey().toUpperCase(Locale.ROOT);
          found.add(new Operation(name, path.getKey(), form, method.getValue()));
        }
      }
    }
    found.sort(Comparator.comparing(operation -> operation.path().contains("{")));
    return List.copyOf(found);
  }

  private static JsonNode json(byte[] body) {
    try {
      return Json.mapper().readTree(body);
    } catch (IOException e) {
      throw new AssertionError("no JSON: " + shown(body), e);
    }
  }

  private static String shown(byte[] body) {
    String text = new String(body, java.nio.charset.StandardCharsets.UTF_8);
    return text.length() > 500 ? text.substring(0, 500) + "…" : text;
  }
}
