package io.ktrdr.protocol;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Commands and events as JSON: {@code {"type":"operation.run","version":1,…}}. The golden files in
 * this module's tests are the format; unknown fields are ignored, an unknown type or version is
 * refused with {@link UnreadableMessageException}.
 *
 * <p>Thread-safe.
 */
public final class MessageCodec {

  /** Version of every message this build writes. */
  public static final int VERSION = 1;

  private static final String TYPE = "type";
  private static final String VERSION_FIELD = "version";

  /** The {@code type} of the command on the wire. */
  public static final String RUN = "operation.run";

  private static final String STARTED = "operation.started";
  private static final String PROGRESSED = "operation.progressed";
  private static final String COMPLETED = "operation.completed";
  private static final String FAILED = "operation.failed";
  private static final String CANCELLED = "operation.cancelled";

  private final JsonMapper mapper = Json.mapper();

  private record CompletedPayload(ObjectNode result, List<ArtifactRef> artifacts) {}

  /** Both of the last are absent in messages of builds that knew no partial results. */
  private record CancelledPayload(
      String reason, @Nullable ObjectNode partialResult, @Nullable List<ArtifactRef> artifacts) {}

  public byte[] encode(OperationCommand command) {
    return switch (command) {
      case OperationCommand.RunOperation run -> bytes(typed(RUN, mapper.valueToTree(run)));
    };
  }

  public byte[] encode(OperationEvent event) {
    ObjectNode message = typed(typeOf(event), mapper.valueToTree(event.header()));
    switch (event) {
      case OperationEvent.Started _ -> {}
      case OperationEvent.Progressed e -> message.set("progress", mapper.valueToTree(e.progress()));
      case OperationEvent.Completed e -> {
        message.set("result", e.result());
        message.set("artifacts", mapper.valueToTree(e.artifacts()));
      }
      case OperationEvent.Failed e -> message.set("failure", mapper.valueToTree(e.failure()));
      case OperationEvent.Cancelled e -> {
        message.put("reason", e.reason());
        if (e.partialResult() != null) {
          message.set("partial_result", e.partialResult());
        }
        message.set("artifacts", mapper.valueToTree(e.artifacts()));
      }
    }
    return bytes(message);
  }

  /** The {@code type} an event has on the wire; also its routing key. */
  public static String typeOf(OperationEvent event) {
    return switch (event) {
      case OperationEvent.Started _ -> STARTED;
      case OperationEvent.Progressed _ -> PROGRESSED;
      case OperationEvent.Completed _ -> COMPLETED;
      case OperationEvent.Failed _ -> FAILED;
      case OperationEvent.Cancelled _ -> CANCELLED;
    };
  }

  /**
   * @throws UnreadableMessageException with the reason, when this is no command of ours
   */
  public OperationCommand decodeCommand(byte[] body) {
    ObjectNode message = read(body);
    String type = message.path(TYPE).asText();
    if (!type.equals(RUN)) {
      throw new UnreadableMessageException("unknown command type '%s'".formatted(type));
    }
    return convert(message, OperationCommand.RunOperation.class);
  }

  /**
   * @throws UnreadableMessageException with the reason, when this is no event of ours
   */
  public OperationEvent decodeEvent(byte[] body) {
    ObjectNode message = read(body);
    String type = message.path(TYPE).asText();
    EventHeader header = convert(message, EventHeader.class);
    return switch (type) {
      case STARTED -> new OperationEvent.Started(header);
      case PROGRESSED ->
          new OperationEvent.Progressed(
              header, convert(required(message, "progress"), Progress.class));
      case COMPLETED -> {
        CompletedPayload payload = convert(message, CompletedPayload.class);
        yield new OperationEvent.Completed(header, payload.result(), payload.artifacts());
      }
      case FAILED ->
          new OperationEvent.Failed(header, convert(required(message, "failure"), Failure.class));
      case CANCELLED -> {
        CancelledPayload payload = convert(message, CancelledPayload.class);
        List<ArtifactRef> artifacts = payload.artifacts();
        yield new OperationEvent.Cancelled(
            header,
            payload.reason(),
            payload.partialResult(),
            artifacts == null ? List.of() : artifacts);
      }
      default -> throw new UnreadableMessageException("unknown event type '%s'".formatted(type));
    };
  }

  private ObjectNode typed(String type, ObjectNode fields) {
    ObjectNode message = mapper.createObjectNode().put(TYPE, type).put(VERSION_FIELD, VERSION);
    message.setAll(fields);
    return message;
  }

  private ObjectNode read(byte[] body) {
    JsonNode node;
    try {
      node = mapper.readTree(body);
    } catch (IOException e) {
      throw new UnreadableMessageException("not JSON");
    }
    if (!(node instanceof ObjectNode message)) {
      throw new UnreadableMessageException("not a JSON object");
    }
    JsonNode version = message.path(VERSION_FIELD);
    if (!version.isInt() || version.intValue() != VERSION) {
      throw new UnreadableMessageException(
          "unknown version %s, this build reads version %d".formatted(version, VERSION));
    }
    return message;
  }

  private static JsonNode required(ObjectNode message, String field) {
    JsonNode value = message.get(field);
    if (value == null) {
      throw new UnreadableMessageException("field '%s' is missing".formatted(field));
    }
    return value;
  }

  private <T> T convert(JsonNode node, Class<T> type) {
    try {
      return mapper.treeToValue(node, type);
    } catch (JsonProcessingException e) {
      throw new UnreadableMessageException(e.getOriginalMessage());
    }
  }

  private byte[] bytes(ObjectNode message) {
    try {
      return mapper.writeValueAsBytes(message);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a message of ours cannot be written", e);
    }
  }
}
