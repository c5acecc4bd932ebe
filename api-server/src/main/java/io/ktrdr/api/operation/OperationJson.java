package io.ktrdr.api.operation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationStatus;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The flat JSON of an operation. */
final class OperationJson {

  private static final double MILLIS_PER_SECOND = 1000.0;

  private OperationJson() {}

  /** Everything, for {@code GET /operations/{id}}. */
  static ObjectNode full(Operation operation) {
    ObjectNode json = listed(operation);
    json.set("result", operation.result());
    json.putNull("metrics");
    return json;
  }

  /** Everything but the result, for lists. */
  static ObjectNode listed(Operation operation) {
    ObjectNode json =
        Json.mapper()
            .createObjectNode()
            .put("operation_id", operation.id().value())
            .put("operation_type", operation.type().wireName())
            .put("status", operation.status().wireName())
            .put("worker_id", operation.workerId())
            .put("created_at", time(operation.createdAt()))
            .put("queued_at", time(operation.queuedAt()))
            .put("started_at", time(operation.startedAt()))
            .put("completed_at", time(operation.completedAt()))
            .put(
                "duration_seconds",
                operation.duration() == null
                    ? null
                    : operation.duration().toMillis() / MILLIS_PER_SECOND);
    json.set("progress", progress(operation));
    json.set("metadata", operation.metadata());
    json.put("attempt", operation.attempt())
        .put("max_attempts", operation.maxAttempts())
        .putNull("parent_operation_id")
        .put("error_code", operation.errorCode())
        .put("error_message", operation.errorMessage());
    json.set("warnings", operation.warnings());
    json.putArray("errors");
    if (operation.errorMessage() != null) {
      json.withArray("errors").add(operation.errorMessage());
    }
    return json;
  }

  private static ObjectNode progress(Operation operation) {
    ObjectNode progress =
        operation.progress() instanceof ObjectNode known
            ? known.deepCopy()
            : Json.mapper().createObjectNode();
    if (operation.status() == OperationStatus.PENDING) {
      progress.put("current_step", "Waiting for worker...");
    }
    return progress.put("updated_at", time(operation.progressAt()));
  }

  private static @Nullable String time(@Nullable Instant time) {
    return time == null ? null : time.toString();
  }
}
