package io.ktrdr.api.operation;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationStatus;
import io.ktrdr.protocol.amqp.Topology;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The flat JSON of an operation. */
final class OperationJson {

  private static final double MILLIS_PER_SECOND = 1000.0;

  private OperationJson() {}

  /** Everything, for {@code GET /operations/{id}}. */
  static ObjectNode full(Operation operation, List<Attempt> attempts) {
    ObjectNode json = listed(operation);
    ArrayNode array = json.putArray("attempts");
    attempts.forEach(attempt -> array.add(attempt(attempt)));
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
            .put("submitted_by", operation.submittedBy())
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
    json.put("dispatch", operation.dispatch())
        .put("next_attempt_at", time(operation.nextAttemptAt()))
        .put("cancel_requested_at", time(operation.cancelRequestedAt()))
        .put("cancellation_reason", operation.cancelReason())
        .put("no_progress_seconds", operation.noProgressSeconds())
        .put("stalled", operation.stalled());
    json.putObject("timeouts")
        .put("queue_seconds", operation.timeouts().queueSeconds())
        .put("run_seconds", operation.timeouts().runSeconds())
        .put("progress_seconds", operation.timeouts().progressSeconds());
    json.put("queue", Topology.queueOf(operation.route()));
    json.set("demand", operation.demand());
    json.set("warnings", operation.warnings());
    json.putArray("errors");
    if (operation.errorMessage() != null) {
      json.withArray("errors").add(operation.errorMessage());
    }
    return json;
  }

  private static ObjectNode attempt(Attempt attempt) {
    return Json.mapper()
        .createObjectNode()
        .put("attempt", attempt.attempt())
        .put("run_id", attempt.runId())
        .put("worker_id", attempt.workerId())
        .put("started_at", time(attempt.startedAt()))
        .put("ended_at", time(attempt.endedAt()))
        .put("outcome", attempt.outcome())
        .put("error_code", attempt.errorCode())
        .put("reason", attempt.reason())
        .put("checkpoint_at", time(attempt.checkpointAt()));
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
