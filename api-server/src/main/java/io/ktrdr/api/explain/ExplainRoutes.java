package io.ktrdr.api.explain;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.ktrdr.api.explain.StartEstimate.Estimate;
import io.ktrdr.api.explain.StartEstimate.Interval;
import io.ktrdr.api.explain.StartEstimate.None;
import io.ktrdr.api.http.Access;
import io.ktrdr.api.http.HttpServer;
import io.ktrdr.api.http.ProblemException;
import io.ktrdr.api.http.RouteTable;
import io.ktrdr.api.http.Routes;
import io.ktrdr.api.operation.Operation;
import io.ktrdr.protocol.Demand;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationStatus;
import io.ktrdr.protocol.amqp.Topology;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** {@code GET /api/v1/operations/{id}/explain}: why it waits, or what it does. */
public final class ExplainRoutes implements Routes {

  private static final double MILLIS_PER_SECOND = 1000.0;

  private final ExplainStore store;

  public ExplainRoutes(ExplainStore store) {
    this.store = store;
  }

  @Override
  public void register(RouteTable routes) {
    routes.get("/api/v1/operations/{id}/explain", Access.VIEWER, this::explain);
  }

  private void explain(Context ctx) {
    String text = ctx.pathParam("id");
    Situation situation =
        parse(text)
            .flatMap(store::find)
            .orElseThrow(() ->
                new ProblemException(404, "OPERATION_UNKNOWN", "There is no operation " + text));
    HttpServer.json(ctx, json(situation, Explanation.of(situation)));
  }

  private static Optional<OperationId> parse(String text) {
    try {
      return Optional.of(OperationId.parse(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static ObjectNode json(Situation situation, Explanation explanation) {
    Operation operation = situation.operation();
    ObjectNode json =
        Json.mapper()
            .createObjectNode()
            .put("operation_id", operation.id().value())
            .put("operation_type", operation.type().wireName())
            .put("status", operation.status().wireName())
            .put("state", explanation.state().wireName())
            .put("summary", explanation.summary());
    if (operation.status() == OperationStatus.PENDING) {
      json.putObject("queue")
          .put("name", Topology.queueOf(operation.route()))
          .put("position", situation.ahead() + 1)
          .put("ahead", situation.ahead());
    } else {
      json.putNull("queue");
    }
    json.set("demand", operation.demand());
    ArrayNode workers = json.putArray("workers");
    if (!operation.status().isTerminal()) {
      situation.workers().forEach(worker -> workers.add(json(worker, situation.demand())));
    }
    Instant next = operation.nextAttemptAt();
    json.put("dispatching", situation.dispatch().dispatching())
        .put("accepting", situation.dispatch().accepting())
        .put("reason", situation.dispatch().reason())
        .put("next_attempt_at", next == null ? null : next.toString());
    put(json, "expected_start", explanation.start(), situation.now());
    put(json, "expected_end", explanation.end(), situation.now());
    return json;
  }

  private static ObjectNode json(Situation.Worker worker, Demand demand) {
    Optional<String> unable = worker.unable(demand);
    Double busy = worker.busySeconds();
    return Json.mapper()
        .createObjectNode()
        .put("worker_id", worker.id())
        .put("status", worker.status())
        .put("current_operation_id", worker.currentOperation())
        .put(
            "busy_seconds",
            busy == null ? null : Math.round(busy * MILLIS_PER_SECOND) / MILLIS_PER_SECOND)
        .put("percentage", worker.percentage())
        .put("capable", unable.isEmpty())
        .put("not_capable_because", unable.orElse(null));
  }

  /** The interval, or null and beside it why there is none. */
  private static void put(ObjectNode json, String name, Estimate estimate, Instant now) {
    switch (estimate) {
      case None(String why) -> json.putNull(name).put(name + "_unknown_because", why);
      case Interval(double earliest, double median, double latest, int runs, String method) -> {
        json.putObject(name)
            .put("earliest", at(now, earliest))
            .put("median", at(now, median))
            .put("latest", at(now, latest))
            .put("based_on_runs", runs)
            .put("method", method);
        json.putNull(name + "_unknown_because");
      }
    }
  }

  private static String at(Instant now, double seconds) {
    return now.plus(Duration.ofMillis((long) (seconds * MILLIS_PER_SECOND)))
        .truncatedTo(ChronoUnit.MILLIS)
        .toString();
  }
}
