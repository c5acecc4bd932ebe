package io.ktrdr.api.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.ktrdr.protocol.Json;
import java.util.function.BooleanSupplier;

/**
 * {@code GET} and {@code HEAD /health} and {@code /api/v1/health}: 200 while operations can be
 * accepted, which needs the database; 503 without it. A broker that is away degrades only.
 */
public final class HealthRoutes implements Routes {

  private final String version;
  private final BooleanSupplier database;
  private final BooleanSupplier broker;

  public HealthRoutes(String version, BooleanSupplier database, BooleanSupplier broker) {
    this.version = version;
    this.database = database;
    this.broker = broker;
  }

  @Override
  public void register(RoutesConfig routes) {
    routes.get("/health", this::health);
    routes.head("/health", this::health);
    routes.get("/api/v1/health", this::health);
    routes.head("/api/v1/health", this::health);
  }

  private void health(Context ctx) {
    boolean databaseUp = database.getAsBoolean();
    boolean brokerUp = broker.getAsBoolean();
    ObjectNode json =
        Json.mapper()
            .createObjectNode()
            .put("healthy", databaseUp)
            .put("status", databaseUp ? brokerUp ? "ok" : "degraded" : "unavailable")
            .put("version", version)
            .put("draining", false);
    json.putObject("components")
        .put("database", databaseUp ? "up" : "down")
        .put("broker", brokerUp ? "up" : "down");
    HttpServer.json(ctx, json);
    ctx.status(databaseUp ? 200 : 503);
  }
}
