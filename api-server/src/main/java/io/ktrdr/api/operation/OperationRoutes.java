package io.ktrdr.api.operation;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.ktrdr.api.http.Access;
import io.ktrdr.api.http.HttpServer;
import io.ktrdr.api.http.ProblemException;
import io.ktrdr.api.http.RouteTable;
import io.ktrdr.api.http.Routes;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationStatus;
import io.ktrdr.protocol.OperationType;
import java.util.Optional;
import java.util.function.Function;
import org.jdbi.v3.core.Jdbi;

/** {@code GET /api/v1/operations} and {@code /operations/{id}}. */
public final class OperationRoutes implements Routes {

  private static final int LIMIT_DEFAULT = 10;
  private static final int LIMIT_MAX = 1000;
  private static final int OFFSET_MAX = 10_000_000;

  private final Jdbi jdbi;
  private final OperationViewStore operations;

  public OperationRoutes(Jdbi jdbi, OperationViewStore operations) {
    this.jdbi = jdbi;
    this.operations = operations;
  }

  @Override
  public void register(RouteTable routes) {
    routes.get("/api/v1/operations", Access.VIEWER, this::list);
    routes.get("/api/v1/operations/{id}", Access.VIEWER, this::get);
  }

  private void get(Context ctx) {
    String text = ctx.pathParam("id");
    Optional<OperationId> id = parse(text);
    Operation operation =
        id.flatMap(known -> jdbi.withHandle(handle -> operations.find(handle, known)))
            .orElseThrow(() ->
                new ProblemException(404, "OPERATION_UNKNOWN", "There is no operation " + text));
    HttpServer.json(
        ctx,
        OperationJson.full(
            operation, jdbi.withHandle(handle -> operations.attempts(handle, operation.id()))));
  }

  private static Optional<OperationId> parse(String text) {
    try {
      return Optional.of(OperationId.parse(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private void list(Context ctx) {
    OperationViewStore.Filter filter =
        new OperationViewStore.Filter(
            parameter(ctx, "status", OperationStatus::parse),
            parameter(ctx, "operation_type", OperationType::parse),
            parameter(ctx, "worker_id", Function.identity()),
            parameter(ctx, "active_only", Boolean::parseBoolean).orElse(false));
    int limit = number(ctx, "limit", LIMIT_DEFAULT, 1, LIMIT_MAX);
    int offset = number(ctx, "offset", 0, 0, OFFSET_MAX);
    OperationViewStore.Page page =
        jdbi.withHandle(handle -> operations.list(handle, filter, limit, offset));

    ObjectNode json = Json.mapper().createObjectNode().put("success", true);
    ArrayNode items = json.putArray("operations");
    page.operations().forEach(operation -> items.add(OperationJson.listed(operation)));
    json.put("total_count", page.totalCount())
        .put("active_count", page.activeCount())
        .put("limit", limit)
        .put("offset", offset);
    if (ctx.queryParam("format") != null && "array".equals(ctx.queryParam("format"))) {
      HttpServer.json(ctx, items);
    } else {
      HttpServer.json(ctx, json);
    }
  }

  private static <T> Optional<T> parameter(Context ctx, String name, Function<String, T> parse) {
    String value = ctx.queryParam(name);
    if (value == null || value.isBlank()) {
      return Optional.empty();
    }
    try {
      return Optional.of(parse.apply(value));
    } catch (IllegalArgumentException e) {
      throw new ProblemException(
          400, "PARAMETER_INVALID", "%s: %s".formatted(name, e.getMessage()));
    }
  }

  private static int number(Context ctx, String name, int absent, int min, int max) {
    return parameter(ctx, name, Integer::parseInt)
        .map(value -> {
          if (value < min || value > max) {
            throw new ProblemException(
                400,
                "PARAMETER_INVALID",
                "%s is %d, expected %d to %d".formatted(name, value, min, max));
          }
          return value;
        })
        .orElse(absent);
  }
}
