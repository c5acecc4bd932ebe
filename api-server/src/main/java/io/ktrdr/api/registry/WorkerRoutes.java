package io.ktrdr.api.registry;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.ktrdr.api.http.HttpServer;
import io.ktrdr.api.http.ProblemException;
import io.ktrdr.api.http.RequestBody;
import io.ktrdr.api.http.Routes;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationTypes;
import io.ktrdr.protocol.WorkerId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Registration of workers, and the registry as a bare JSON array. */
public final class WorkerRoutes implements Routes {

  private static final Set<String> FIELDS =
      Set.of("worker_id", "worker_type", "endpoint_url", "instance_id", "version", "capabilities");

  /** Silence that one failed health check stands for, and what is still no silence at all. */
  private static final Duration CHECK_INTERVAL = Duration.ofSeconds(10);

  private static final Duration SLACK = Duration.ofSeconds(7);
  private static final int FAILURES_MAX = 3;
  private static final Duration REMOVAL = Duration.ofMinutes(5);

  private static final Logger LOG = LoggerFactory.getLogger(WorkerRoutes.class);

  private final WorkerRegistryStore workers;
  private final OperationTypes types;
  private final String advertisedRabbitmqUrl;
  private final String advertisedDatabaseUrl;

  /**
   * @param types those a worker may be of
   * @param advertisedRabbitmqUrl where workers reach the broker
   * @param advertisedDatabaseUrl where workers reach the database
   */
  public WorkerRoutes(
      Jdbi jdbi, OperationTypes types, String advertisedRabbitmqUrl, String advertisedDatabaseUrl) {
    this.workers = new WorkerRegistryStore(jdbi);
    this.types = types;
    this.advertisedRabbitmqUrl = advertisedRabbitmqUrl;
    this.advertisedDatabaseUrl = advertisedDatabaseUrl;
  }

  @Override
  public void register(RoutesConfig routes) {
    routes.post("/api/v1/workers/register", this::registerWorker);
    routes.get("/api/v1/workers", this::list);
  }

  private void registerWorker(Context ctx) {
    RequestBody body = RequestBody.read(ctx, FIELDS);
    String id = body.require("worker_id", body.text("worker_id"), "");
    String type = body.require("worker_type", body.text("worker_type"), "");
    if (!type.isEmpty() && types.find(type).isEmpty()) {
      body.error(
          "worker_type",
          "WORKER_TYPE_UNKNOWN",
          "is '%s', valid are: %s".formatted(type, types.validNames()));
    }
    try {
      WorkerId known = new WorkerId(id);
      body.throwIfInvalid();
      LOG.info("Worker registered: {}", known);
    } catch (IllegalArgumentException e) {
      body.error("worker_id", "WORKER_ID_INVALID", String.valueOf(e.getMessage()));
      body.throwIfInvalid();
    }
    HttpServer.json(
        ctx,
        Json.mapper()
            .createObjectNode()
            .put("success", true)
            .put("worker_id", id)
            .put("rabbitmq_url", advertisedRabbitmqUrl)
            .put("database_url", advertisedDatabaseUrl));
  }

  private void list(Context ctx) {
    Optional<String> type =
        Optional.ofNullable(ctx.queryParam("worker_type")).map(t -> t.toLowerCase(Locale.ROOT));
    Optional<String> status =
        Optional.ofNullable(ctx.queryParam("status")).map(s -> s.toUpperCase(Locale.ROOT));
    if (status.isPresent()
        && !List.of("AVAILABLE", "BUSY", "TEMPORARILY_UNAVAILABLE").contains(status.get())) {
      throw new ProblemException(
          400,
          "PARAMETER_INVALID",
          "status is '%s', valid are: AVAILABLE, BUSY, TEMPORARILY_UNAVAILABLE"
              .formatted(ctx.queryParam("status")));
    }
    ArrayNode array = Json.mapper().createArrayNode();
    for (WorkerRegistryStore.Row row : workers.list(type)) {
      ObjectNode worker = json(row);
      if (status.isEmpty() || status.get().equals(worker.path("status").asText())) {
        array.add(worker);
      }
    }
    HttpServer.json(ctx, array);
  }

  private static ObjectNode json(WorkerRegistryStore.Row row) {
    long overdue = row.silentFor().minus(SLACK).toMillis();
    int failures =
        overdue <= 0 ? 0 : (int) Math.min(FAILURES_MAX, 1 + overdue / CHECK_INTERVAL.toMillis());
    boolean unavailable = failures == FAILURES_MAX;
    Instant seen = row.lastHeartbeatAt();
    String status =
        unavailable
            ? "TEMPORARILY_UNAVAILABLE"
            : row.currentOperationId() == null ? "AVAILABLE" : "BUSY";
    ObjectNode worker =
        Json.mapper()
            .createObjectNode()
            .put("worker_id", row.workerId())
            .put("worker_type", row.workerType())
            .put("endpoint_url", row.endpointUrl())
            .put("status", status)
            .put("current_operation_id", row.currentOperationId());
    worker.set("capabilities", row.capabilities());
    worker
        .put("registered_at", row.registeredAt().toString())
        .put("last_health_check", seen.toString())
        .put("last_healthy_at", seen.toString())
        .put("health_check_failures", failures);
    worker
        .putObject("metadata")
        .put("worker_status", row.currentOperationId() == null ? "idle" : "busy")
        .put("current_operation", row.currentOperationId())
        .put("subscribed", row.subscribed())
        .put(
            "unavailable_since",
            unavailable
                ? seen.plus(SLACK).plus(CHECK_INTERVAL.multipliedBy(FAILURES_MAX - 1)).toString()
                : null)
        .put("removal_at", unavailable ? seen.plus(REMOVAL).toString() : null)
        .put("version", row.version());
    return worker;
  }
}
