package io.ktrdr.api.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialects;
import io.ktrdr.protocol.Json;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.SwaggerParseResult;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The document by itself: it is OpenAPI 3.1, its schemas are schemas, its examples fit them. */
final class ApiDocumentTest {

  private static final JsonNode DOCUMENT = ApiDocument.read().json();
  private static final SchemaRegistry SCHEMAS =
      SchemaRegistry.withDefaultDialect(Dialects.getDraft202012());

  @Test
  void itIsOpenApi31() {
    assertThat(messages(DOCUMENT)).isEmpty();
  }

  @Test
  void whatIsNoOpenApiWouldBeSeen() {
    ObjectNode broken = DOCUMENT.deepCopy();
    ((ObjectNode) broken.at("/paths/~1livez/get")).put("responses", "none");
    assertThat(messages(broken)).isNotEmpty();
  }

  private static List<String> messages(JsonNode document) {
    SwaggerParseResult read =
        new OpenAPIV3Parser().readContents(document.toString(), List.of(), null);
    assertThat(read.getOpenAPI()).isNotNull();
    return read.getMessages() == null ? List.of() : read.getMessages();
  }

  @Test
  void everySchemaIsOne() {
    Schema ofSchemas =
        SCHEMAS.getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"));
    List<JsonNode> schemas = new ArrayList<>();
    DOCUMENT.at("/components/schemas").forEach(schemas::add);
    collect(DOCUMENT, "schema", schemas);
    assertThat(schemas).hasSizeGreaterThan(100);
    for (JsonNode schema : schemas) {
      assertThat(ofSchemas.validate(schema)).as(schema.toString()).isEmpty();
    }
  }

  @Test
  void everyReferenceLeadsSomewhere() {
    List<JsonNode> references = new ArrayList<>();
    collect(DOCUMENT, "$ref", references);
    assertThat(references).isNotEmpty();
    for (JsonNode reference : references) {
      String pointer = reference.textValue().substring(1);
      assertThat(DOCUMENT.at(pointer).isMissingNode()).as(pointer).isFalse();
    }
  }

  @Test
  void everyComponentIsUsed() {
    String text = DOCUMENT.toString();
    for (String kind : List.of("schemas", "parameters", "headers")) {
      DOCUMENT
          .path("components")
          .path(kind)
          .fieldNames()
          .forEachRemaining(
              name -> assertThat(text).contains("\"#/components/%s/%s\"".formatted(kind, name)));
    }
  }

  @Test
  void everyOperationIsWholeAndItsExamplesFit() {
    Set<String> ids = new HashSet<>();
    for (Map.Entry<String, JsonNode> path : DOCUMENT.path("paths").properties()) {
      for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
        JsonNode operation = method.getValue();
        if (!operation.has("operationId")) {
          continue;
        }
        String where = method.getKey() + " " + path.getKey();
        assertThat(ids.add(operation.path("operationId").textValue())).as(where).isTrue();
        assertThat(operation.path("summary").asText()).as(where).isNotBlank();
        assertThat(operation.path("tags")).as(where).hasSize(1);
        assertThat(operation.path("responses").path("500").isObject()).as(where).isTrue();
        examplesFit(where, operation.path("requestBody"));
        operation.path("responses").forEach(response -> examplesFit(where, response));
      }
    }
    assertThat(ids).hasSizeGreaterThan(40);
  }

  /** Every JSON body has an example. */
  private static void examplesFit(String where, JsonNode body) {
    for (Map.Entry<String, JsonNode> media : body.path("content").properties()) {
      JsonNode example = media.getValue().path("example");
      boolean ours = media.getValue().path("schema").path("additionalProperties").asBoolean();
      if (media.getKey().contains("json") && !ours) {
        ObjectNode schema = Json.mapper().createObjectNode();
        schema.putArray("allOf").add(media.getValue().path("schema"));
        schema.set("components", DOCUMENT.path("components"));
        assertThat(example.isMissingNode()).as(where).isFalse();
        assertThat(SCHEMAS.getSchema(schema).validate(example)).as(where).isEmpty();
      }
    }
  }

  @Test
  void aProblemThatIsNotInTheListIsRefused() {
    ProblemResponses problems = new ProblemResponses(Map.of(), Json.mapper().createObjectNode());
    ObjectNode operation = Json.mapper().createObjectNode();
    assertThatThrownBy(() ->
            problems.writeInto(
                operation, Json.mapper().createArrayNode().add("NO_SUCH_CODE"), "/x"))
        .hasMessageContaining("NO_SUCH_CODE");
    assertThatThrownBy(() -> problems.writeInto(operation, null, "/x")).hasMessageContaining("/x");
  }

  private static void collect(JsonNode node, String field, List<JsonNode> into) {
    if (node.has(field)) {
      into.add(node.get(field));
    }
    node.forEach(child -> collect(child, field, into));
  }
}
