package io.ktrdr.api.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.api.operation.Operation;
import io.ktrdr.protocol.Json;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A worker as users see it. Three signals say how it is: {@code alive}, its heartbeat is fresh;
 * {@code subscribed}, it takes operations; {@code advancing}, its run does.
 */
final class WorkerJson {

  private static final long BYTES_PER_MIB = 1L << 20;

  private final HealthLimits limits;

  WorkerJson(HealthLimits limits) {
    this.limits = limits;
  }

  /** In one word; the first that holds. */
  enum Status {
    TEMPORARILY_UNAVAILABLE,
    DRAINING,
    BUSY,
    AVAILABLE;

    /** In any case. */
    static Optional<Status> find(String name) {
      String wanted = name.toUpperCase(Locale.ROOT);
      return Arrays.stream(values()).filter(status -> status.name().equals(wanted)).findFirst();
    }

    static String validNames() {
      return Arrays.stream(values()).map(Status::name).collect(Collectors.joining(", "));
    }
  }

  Status status(RegisteredWorker worker) {
    if (limits.failures(worker.silence()) == HealthLimits.FAILURES_MAX) {
      return Status.TEMPORARILY_UNAVAILABLE;
    }
    if (worker.draining()) {
      return Status.DRAINING;
    }
    return worker.busy() ? Status.BUSY : Status.AVAILABLE;
  }

  ObjectNode json(RegisteredWorker worker) {
    ObjectNode json =
        Json.mapper()
            .createObjectNode()
            .put("worker_id", worker.workerId())
            .put("worker_type", worker.workerType())
            .put("endpoint_url", worker.endpointUrl())
            .put("status", status(worker).name())
            .put("current_operation_id", worker.currentOperationId());
    json.set("capabilities", worker.capabilities());
    String seen = worker.lastHeartbeatAt().toString();
    json.put("registered_at", worker.registeredAt().toString())
        .put("last_health_check", seen)
        .put("last_healthy_at", seen)
        .put("health_check_failures", limits.failures(worker.silence()));
    json.set("metadata", metadata(worker));
    return json;
  }

  private ObjectNode metadata(RegisteredWorker worker) {
    boolean unavailable = status(worker) == Status.TEMPORARILY_UNAVAILABLE;
    Long resident = worker.residentBytes();
    ObjectNode json =
        Json.mapper()
            .createObjectNode()
            .put("worker_status", worker.busy() ? "busy" : "idle")
            .put("current_operation", worker.currentOperationId())
            .put("current_operation_since", time(worker.currentOperationSince()))
            .put(
                "unavailable_since",
                unavailable ? time(limits.unavailableSince(worker.seenAt())) : null)
            .put("removal_at", unavailable ? time(limits.removalAt(worker.seenAt())) : null)
            .put("version", worker.version())
            .put("alive", worker.alive())
            .put("subscribed", worker.subscribed())
            .put("advancing", advancing(worker))
            .put("progress_age_seconds", worker.progressAgeSeconds())
            .put(
                "resident_mb",
                resident == null ? null : Long.valueOf(Math.round(resident / (double) BYTES_PER_MIB)));
    json.set("queues", worker.queues());
    return json.put("draining", worker.draining());
  }

  /** Null when there is nothing to advance. */
  private static @Nullable Boolean advancing(RegisteredWorker worker) {
    Double age = worker.progressAgeSeconds();
    if (age == null || !worker.busy()) {
      return null;
    }
    return age < Operation.STALLED_AFTER.toSeconds();
  }

  private static @Nullable String time(@Nullable Instant time) {
    return time == null ? null : time.toString();
  }
}
