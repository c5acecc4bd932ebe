package io.ktrdr.api.registry;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.ktrdr.api.http.Access;
import io.ktrdr.api.http.HttpServer;
import io.ktrdr.api.http.ProblemException;
import io.ktrdr.api.http.RouteTable;
import io.ktrdr.api.http.Routes;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.OperationTypes;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jdbi.v3.core.Jdbi;

/**
 * All workers in numbers: {@code GET /api/v1/workers/health}, and {@code /scale} for autoscalers.
 * To be registered before {@link WorkerRoutes}, which takes any other word for a worker's id.
 */
public final class FleetRoutes implements Routes {

  private final Jdbi jdbi;
  private final OperationTypes types;
  private final WorkerRegistryStore workers = new WorkerRegistryStore();
  private final WorkerJson view;

  public FleetRoutes(Jdbi jdbi, OperationTypes types, HealthLimits limits) {
    this.jdbi = jdbi;
    this.types = types;
    this.view = new WorkerJson(limits);
  }

  @Override
  public void register(RouteTable routes) {
    routes.get("/api/v1/workers/health", Access.VIEWER, this::health);
    routes.get("/api/v1/workers/scale", Access.VIEWER, this::scale);
    routes.get("/api/v1/workers/targets", Access.VIEWER, this::targets);
  }

  /**
   * Where each worker's metrics are, as Prometheus' HTTP service discovery wants it. Silent workers
   * are among them: that they cannot be scraped is what somebody wants to know.
   */
  private void targets(Context ctx) {
    ArrayNode targets = Json.mapper().createArrayNode();
    for (RegisteredWorker worker :
        jdbi.withHandle(handle -> workers.list(handle, Optional.empty()))) {
      URI endpoint = URI.create(worker.endpointUrl());
      ObjectNode target = targets.addObject();
      target.putArray("targets").add(endpoint.getRawAuthority());
      target
          .putObject("labels")
          .put("worker_id", worker.workerId())
          .put("worker_type", worker.workerType())
          .put("__scheme__", endpoint.getScheme());
    }
    HttpServer.json(ctx, targets);
  }

  private void health(Context ctx) {
    List<RegisteredWorker> all = jdbi.withHandle(handle -> workers.list(handle, Optional.empty()));
    ObjectNode json =
        Json.mapper()
            .createObjectNode()
            .put("total_workers", all.size())
            .put("available", count(all, WorkerJson.Status.AVAILABLE))
            .put("busy", count(all, WorkerJson.Status.BUSY))
            .put("temporarily_unavailable", count(all, WorkerJson.Status.TEMPORARILY_UNAVAILABLE))
            .put("draining", count(all, WorkerJson.Status.DRAINING));
    ObjectNode byType = json.putObject("by_type");
    byType(all)
        .forEach((type, some) ->
            byType
                .putObject(type)
                .put("available", count(some, WorkerJson.Status.AVAILABLE))
                .put("busy", count(some, WorkerJson.Status.BUSY)));
    HttpServer.json(ctx, json);
  }

  /** Every known type, also those without workers. */
  private Map<String, List<RegisteredWorker>> byType(List<RegisteredWorker> all) {
    Map<String, List<RegisteredWorker>> byType = new TreeMap<>();
    for (OperationType type : types.all()) {
      byType.put(type.wireName(), List.of());
    }
    for (RegisteredWorker worker : all) {
      byType.computeIfAbsent(worker.workerType(), _ -> List.of());
    }
    byType.replaceAll(
        (type, _) -> all.stream().filter(worker -> worker.workerType().equals(type)).toList());
    return byType;
  }

  private int count(List<RegisteredWorker> workers, WorkerJson.Status status) {
    return (int) workers.stream().filter(worker -> view.status(worker) == status).count();
  }

  /**
   * How many workers of a type there is work for. Never less than what runs, so that who scales by
   * it keeps long operations; which workers may go is then a matter of draining them.
   */
  private void scale(Context ctx) {
    String asked = Optional.ofNullable(ctx.queryParam("type")).orElse("");
    OperationType type =
        types
            .find(asked)
            .orElseThrow(() ->
                new ProblemException(
                    400,
                    "PARAMETER_INVALID",
                    "type is '%s', valid are: %s".formatted(asked, types.validNames())));
    List<RegisteredWorker> usable =
        jdbi.withHandle(handle -> workers.list(handle, Optional.of(type.wireName()))).stream()
            .filter(worker -> view.status(worker) != WorkerJson.Status.TEMPORARILY_UNAVAILABLE)
            .toList();
    WorkerRegistryStore.Load load = jdbi.withHandle(handle -> workers.load(handle, type));
    HttpServer.json(
        ctx,
        Json.mapper()
            .createObjectNode()
            .put("type", type.wireName())
            .put("queued", load.queued())
            .put("running", load.running())
            .put("value", load.queued() + load.running())
            .put("workers", usable.size())
            .put("busy", usable.stream().filter(RegisteredWorker::busy).count())
            .put("drainable", count(usable, WorkerJson.Status.AVAILABLE)));
  }
}
