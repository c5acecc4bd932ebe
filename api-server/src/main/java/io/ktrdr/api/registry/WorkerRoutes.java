package io.ktrdr.api.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.ktrdr.api.audit.AuditStore;
import io.ktrdr.api.http.Access;
import io.ktrdr.api.http.HttpServer;
import io.ktrdr.api.http.ProblemException;
import io.ktrdr.api.http.RequestBody;
import io.ktrdr.api.http.RouteTable;
import io.ktrdr.api.http.Routes;
import io.ktrdr.protocol.InstanceProbe;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.OperationTypes;
import io.ktrdr.protocol.WorkerId;
import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Registration of workers, the registry as a bare JSON array, one worker, and its drain. */
public final class WorkerRoutes implements Routes {

  private static final Set<String> FIELDS =
      Set.of("worker_id", "worker_type", "endpoint_url", "instance_id", "version", "capabilities");

  /** Of a registration's endpoint or capabilities. */
  private static final int CHARACTERS_MAX = 2_000;

  private static final UUID NO_INSTANCE = new UUID(0, 0);
  private static final Logger LOG = LoggerFactory.getLogger(WorkerRoutes.class);

  private final Jdbi jdbi;
  private final WorkerRegistryStore workers = new WorkerRegistryStore();
  private final RegisterWorker registration;
  private final AuditStore audit;
  private final OperationTypes types;
  private final WorkerJson view;
  private final String advertisedRabbitmqUrl;
  private final String advertisedDatabaseUrl;

  /**
   * @param advertisedRabbitmqUrl where workers reach the broker
   * @param advertisedDatabaseUrl where workers reach the database
   */
  public WorkerRoutes(
      Jdbi jdbi,
      AuditStore audit,
      OperationTypes types,
      HealthLimits limits,
      String advertisedRabbitmqUrl,
      String advertisedDatabaseUrl) {
    this.jdbi = jdbi;
    this.registration = new RegisterWorker(jdbi, workers, new InstanceProbe());
    this.audit = audit;
    this.types = types;
    this.view = new WorkerJson(limits);
    this.advertisedRabbitmqUrl = advertisedRabbitmqUrl;
    this.advertisedDatabaseUrl = advertisedDatabaseUrl;
  }

  @Override
  public void register(RouteTable routes) {
    routes.post("/api/v1/workers/register", Access.WORKER, this::registerWorker);
    routes.get("/api/v1/workers", Access.VIEWER, this::list);
    routes.get("/api/v1/workers/{id}", Access.VIEWER, this::one);
    routes.get("/api/v1/workers/{id}/instances/{instance}", Access.WORKER, this::instance);
    routes.post("/api/v1/workers/{id}/drain", Access.OPERATOR, this::drain);
  }

  /** For workers that were handed the operation of another: lives the process that claimed it? */
  private void instance(Context ctx) throws InterruptedException {
    UUID instance;
    try {
      instance = UUID.fromString(ctx.pathParam("instance"));
    } catch (IllegalArgumentException e) {
      throw new ProblemException(400, "PARAMETER_INVALID", "The instance is not a UUID.");
    }
    String state =
        switch (registration.ask(ctx.pathParam("id"), instance)) {
          case ALIVE -> "alive";
          case DEAD -> "dead";
          case UNKNOWN -> "unknown";
        };
    HttpServer.json(
        ctx,
        Json.mapper()
            .createObjectNode()
            .put("worker_id", ctx.pathParam("id"))
            .put("instance_id", instance.toString())
            .put("state", state));
  }

  private void registerWorker(Context ctx) throws InterruptedException {
    Registration worker = registration(RequestBody.json(ctx));
    switch (registration.register(worker)) {
      case RegisterWorker.Answer.Registered() ->
          HttpServer.json(
              ctx,
              Json.mapper()
                  .createObjectNode()
                  .put("success", true)
                  .put("worker_id", worker.workerId().value())
                  .put("rabbitmq_url", advertisedRabbitmqUrl)
                  .put("database_url", advertisedDatabaseUrl));
      case RegisterWorker.Answer.InUse(String detail) -> {
        LOG.warn("Worker not registered: {}", detail);
        throw new ProblemException(409, "WORKER_ID_IN_USE", detail);
      }
      case RegisterWorker.Answer.Uncertain(String detail, var retryAfter) -> {
        LOG.warn("Worker not registered yet: {}", detail);
        throw ProblemException.conflictForNow("WORKER_ID_UNCERTAIN", detail, retryAfter);
      }
    }
  }

  private Registration registration(ObjectNode json) {
    RequestBody body = RequestBody.of(json, FIELDS);
    String id = body.require("worker_id", body.text("worker_id"), "");
    if (!id.isEmpty() && !WorkerId.isValid(id)) {
      body.error(
          "worker_id", "WORKER_ID_INVALID", "is '%s', %s".formatted(id, WorkerId.FORM_WORDS));
    }
    String type = body.require("worker_type", body.text("worker_type"), "");
    Optional<OperationType> known = types.find(type);
    if (!type.isEmpty() && known.isEmpty()) {
      body.error(
          "worker_type",
          "WORKER_TYPE_UNKNOWN",
          "is '%s', valid are: %s".formatted(type, types.validNames()));
    }
    String endpoint = body.require("endpoint_url", body.text("endpoint_url"), "");
    if (!endpoint.isEmpty() && !isHttpUrl(endpoint)) {
      body.error(
          "endpoint_url",
          "ENDPOINT_URL_INVALID",
          "is '%s', expected http://host:port".formatted(endpoint));
    }
    UUID instance = body.require("instance_id", instance(body), NO_INSTANCE);
    JsonNode capabilities = json.path("capabilities");
    if (!capabilities.isMissingNode()
        && (!capabilities.isObject() || capabilities.toString().length() > CHARACTERS_MAX)) {
      body.error("capabilities", "FIELD_TYPE", "expected a small object");
    }
    String version = body.text("version").orElse("unknown");
    body.throwIfInvalid();
    return new Registration(
        new WorkerId(id),
        known.orElseThrow(),
        instance,
        endpoint,
        capabilities.isObject() ? capabilities : Json.mapper().createObjectNode(),
        version);
  }

  private static boolean isHttpUrl(String text) {
    try {
      URI url = URI.create(text);
      return text.length() <= CHARACTERS_MAX
          && url.getHost() != null
          && ("http".equals(url.getScheme()) || "https".equals(url.getScheme()));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static Optional<UUID> instance(RequestBody body) {
    return body.text("instance_id")
        .flatMap(text -> {
          try {
            return Optional.of(UUID.fromString(text));
          } catch (IllegalArgumentException e) {
            body.error("instance_id", "FIELD_TYPE", "expected a UUID, a new one with every start");
            return Optional.empty();
          }
        });
  }

  private void list(Context ctx) {
    Optional<String> type =
        Optional.ofNullable(ctx.queryParam("worker_type")).map(t -> t.toLowerCase(Locale.ROOT));
    Optional<WorkerJson.Status> status =
        Optional.ofNullable(ctx.queryParam("status")).map(WorkerRoutes::status);
    ArrayNode array = Json.mapper().createArrayNode();
    for (RegisteredWorker worker : jdbi.withHandle(handle -> workers.list(handle, type))) {
      if (status.isEmpty() || status.get() == view.status(worker)) {
        array.add(view.json(worker));
      }
    }
    HttpServer.json(
        ctx,
        "wrapped".equals(ctx.queryParam("format"))
            ? Json.mapper().createObjectNode().set("workers", array)
            : array);
  }

  private static WorkerJson.Status status(String name) {
    return WorkerJson.Status.find(name)
        .orElseThrow(() ->
            new ProblemException(
                400,
                "PARAMETER_INVALID",
                "status is '%s', valid are: %s".formatted(name, WorkerJson.Status.validNames())));
  }

  private void one(Context ctx) {
    String id = ctx.pathParam("id");
    HttpServer.json(
        ctx,
        jdbi.withHandle(handle -> workers.find(handle, id))
            .map(view::json)
            .orElseThrow(() -> unknown(id)));
  }

  private void drain(Context ctx) {
    String id = ctx.pathParam("id");
    RegisteredWorker leaving =
        jdbi.inTransaction(handle -> {
          RegisteredWorker worker = workers.find(handle, id).orElseThrow(() -> unknown(id));
          if (workers.askDrain(handle, id, worker.instanceId())) {
            audit.append(
                handle,
                HttpServer.actor(ctx),
                "worker.drained",
                id,
                Json.mapper()
                    .createObjectNode()
                    .put("instance_id", worker.instanceId().toString())
                    .put("current_operation", worker.currentOperationId()));
            LOG.info("Worker told to drain: {}", id);
          }
          return workers.find(handle, id).orElseThrow(() -> unknown(id));
        });
    HttpServer.json(ctx, view.json(leaving));
    ctx.status(202);
  }

  private static ProblemException unknown(String id) {
    return new ProblemException(404, "WORKER_UNKNOWN", "Worker not found: " + id);
  }
}
