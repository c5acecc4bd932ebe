package io.ktrdr.api.fleet;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.ktrdr.api.fleet.FleetControls.Decision;
import io.ktrdr.api.http.Access;
import io.ktrdr.api.http.HttpServer;
import io.ktrdr.api.http.RequestBody;
import io.ktrdr.api.http.RouteTable;
import io.ktrdr.api.http.Routes;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.OperationTypes;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /api/v1/admin/drain}, {@code undrain}, {@code pause}, {@code resume}, and {@code GET
 * …/drain}: what was decided and what is left. Every one of them answers the latter.
 */
public final class AdminRoutes implements Routes {

  private static final String BASE = "/api/v1/admin/";
  private static final Set<String> DRAIN_FIELDS = Set.of("type", "reason", "pending");
  private static final Set<String> FIELDS = Set.of("type", "reason");
  private static final int REASON_CHARACTERS_MAX = 500;

  private final Jdbi jdbi;
  private final OperationTypes known;
  private final FleetControls controls;
  private final FleetStore store = new FleetStore();

  public AdminRoutes(Jdbi jdbi, OperationTypes known, FleetControls controls) {
    this.jdbi = jdbi;
    this.known = known;
    this.controls = controls;
  }

  @Override
  public void register(RouteTable routes) {
    routes.get(BASE + "drain", Access.VIEWER, this::status);
    routes.post(BASE + "drain", Access.OPERATOR, this::drain);
    routes.post(
        BASE + "undrain", Access.OPERATOR, ctx -> decide(ctx, body(ctx, FIELDS), Decision.UNDRAIN));
    routes.post(
        BASE + "pause", Access.OPERATOR, ctx -> decide(ctx, body(ctx, FIELDS), Decision.PAUSE));
    routes.post(
        BASE + "resume", Access.OPERATOR, ctx -> decide(ctx, body(ctx, FIELDS), Decision.RESUME));
  }

  private void drain(Context ctx) {
    RequestBody body = body(ctx, DRAIN_FIELDS);
    String pending = body.text("pending").orElse("hold");
    if (!Set.of("hold", "run").contains(pending)) {
      body.error(
          "pending", "PARAMETER_INVALID", "is '%s', valid are: hold, run".formatted(pending));
    }
    decide(ctx, body, pending.equals("run") ? Decision.DRAIN_AND_RUN : Decision.DRAIN_AND_HOLD);
  }

  private void decide(Context ctx, RequestBody body, Decision decision) {
    Optional<String> name = body.text("type");
    Optional<OperationType> type = name.flatMap(known::find);
    if (name.isPresent() && type.isEmpty()) {
      body.error(
          "type",
          "OPERATION_TYPE_UNKNOWN",
          "is '%s', valid are: %s".formatted(name.get(), known.validNames()));
    }
    Optional<String> reason = body.text("reason");
    if (reason.isPresent() && reason.get().length() > REASON_CHARACTERS_MAX) {
      body.error(
          "reason", "PARAM_RANGE", "is longer than %d characters".formatted(REASON_CHARACTERS_MAX));
    }
    body.throwIfInvalid();
    controls.decide(HttpServer.actor(ctx), type, decision, reason);
    status(ctx);
  }

  /** Without a body, nothing special is meant. */
  private static RequestBody body(Context ctx, Set<String> fields) {
    return RequestBody.of(RequestBody.jsonOrNothing(ctx), fields);
  }

  private void status(Context ctx) {
    HttpServer.json(
        ctx,
        jdbi.inTransaction(handle ->
            json(
                new FleetSnapshot(store.controls(handle), List.of()),
                store.left(handle),
                store.running(handle))));
  }

  private ObjectNode json(
      FleetSnapshot fleet, Map<String, FleetStore.Left> left, List<FleetStore.Running> running) {
    @Nullable Control all = fleet.controls().get(FleetSnapshot.ALL);
    ObjectNode json =
        Json.mapper()
            .createObjectNode()
            .put("accepting", all == null || all.accepting())
            .put("dispatching", all == null || all.dispatching())
            .put("reason", all == null ? null : all.reason())
            .put("since", all == null || all.allOn() ? null : all.changedAt().toString());
    ObjectNode types = json.putObject("types");
    for (OperationType type : known.all()) {
      FleetStore.Left ofType = left.getOrDefault(type.wireName(), new FleetStore.Left(0, 0));
      types
          .putObject(type.wireName())
          .put("accepting", fleet.accepting(type))
          .put("dispatching", fleet.dispatching(type))
          .put("pending", ofType.pending())
          .put("running", ofType.running());
    }
    ArrayNode array = json.putArray("running");
    for (FleetStore.Running operation : running) {
      array
          .addObject()
          .put("operation_id", operation.operationId())
          .put("type", operation.type())
          .put("worker_id", operation.workerId())
          .put("percentage", operation.percentage())
          .put("running_seconds", Math.round(operation.seconds()));
    }
    return json;
  }
}
