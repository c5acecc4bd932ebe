package io.ktrdr.api.deadletter;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationStatus;
import io.ktrdr.protocol.amqp.Letter;
import io.ktrdr.protocol.amqp.Topology;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A message that nobody could handle.
 *
 * @param home the queue it belongs to, e.g. {@code operations.training}
 * @param operation that it speaks of; null when it cannot be told
 * @param status of that operation; null when there is no such operation
 */
record DeadLetter(
    Letter letter, String home, @Nullable OperationId operation, @Nullable OperationStatus status) {

  static DeadLetter of(String home, Letter letter) {
    return new DeadLetter(letter, home, operationOf(letter), null);
  }

  DeadLetter withStatus(@Nullable OperationStatus known) {
    return new DeadLetter(letter, home, operation, known);
  }

  /** True when it asks for a run, rather than reporting from one. */
  boolean isCommand() {
    return !home.equals(Topology.PROJECTION_QUEUE);
  }

  ObjectNode json() {
    ObjectNode json =
        Json.mapper()
            .createObjectNode()
            .put("id", letter.id())
            .put("queue", home)
            .put("operation_id", operation == null ? null : operation.value())
            .put("operation_status", status == null ? null : status.wireName())
            .put("reason", letter.reason())
            .put("deaths", letter.deaths());
    json.set("body", body(letter));
    return json;
  }

  private static @Nullable OperationId operationOf(Letter letter) {
    OperationId inBody = parsed(body(letter).path("operation_id").asText());
    return inBody == null ? parsed(letter.messageId()) : inBody;
  }

  private static @Nullable OperationId parsed(String text) {
    try {
      return OperationId.parse(text);
    } catch (IllegalArgumentException notAnId) {
      return null;
    }
  }

  /** JSON as such, anything else as text. */
  private static JsonNode body(Letter letter) {
    try {
      JsonNode node = Json.mapper().readTree(letter.body());
      if (!node.isMissingNode()) {
        return node;
      }
    } catch (IOException notJson) {
      return TextNode.valueOf(new String(letter.body(), StandardCharsets.UTF_8));
    }
    return TextNode.valueOf("");
  }
}
