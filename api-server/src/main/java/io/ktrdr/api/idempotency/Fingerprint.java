package io.ktrdr.api.idempotency;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.TreeMap;

/** A digest of what a JSON body says, whatever its spaces, the order of its fields, and 1.0. */
final class Fingerprint {

  private Fingerprint() {}

  static Sha256 of(JsonNode body) {
    return Sha256.of(canonical(body).toString().getBytes(StandardCharsets.UTF_8));
  }

  private static JsonNode canonical(JsonNode node) {
    if (node.isObject()) {
      TreeMap<String, JsonNode> sorted = new TreeMap<>();
      node.properties().forEach(field -> sorted.put(field.getKey(), canonical(field.getValue())));
      ObjectNode object = JsonNodeFactory.instance.objectNode();
      object.setAll(sorted);
      return object;
    }
    if (node.isArray()) {
      ArrayNode array = JsonNodeFactory.instance.arrayNode();
      node.forEach(item -> array.add(canonical(item)));
      return array;
    }
    if (node.isFloatingPointNumber()
        && node.canConvertToExactIntegral()
        && node.canConvertToLong()) {
      return JsonNodeFactory.instance.numberNode(node.asLong());
    }
    return node;
  }
}
