package io.ktrdr.api.health;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.ktrdr.api.http.Access;
import io.ktrdr.api.http.HttpServer;
import io.ktrdr.api.http.RouteTable;
import io.ktrdr.api.http.Routes;
import io.ktrdr.protocol.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jdbi.v3.core.JdbiException;

/**
 * {@code /livez}: the process answers, whatever else is away. {@code /readyz}, {@code /health} and
 * {@code /api/v1/health}: 200 while operations can be accepted, which needs the database; 503
 * without it. A broker that is away or blocks degrades only, and {@code reasons} says what is
 * wrong.
 */
public final class HealthRoutes implements Routes {

  /** A message that waits longer than this is worth a word. */
  private static final Duration OUTBOX_AGE_MAX = Duration.ofSeconds(30);

  private static final double MILLIS_PER_SECOND = 1000.0;

  /**
   * The parts of this process.
   *
   * @param database answers a query now; may take a second
   * @param brokerConnected publishing has a connection
   * @param brokerBlocked why the broker takes nothing, in its own words
   * @param projectionSubscribed events of workers arrive
   * @param draining no operation is accepted
   * @param rescuer {@code leader} or {@code standby}; empty when unknown
   */
  public record Parts(
      BooleanSupplier database,
      BooleanSupplier brokerConnected,
      Supplier<Optional<String>> brokerBlocked,
      BooleanSupplier projectionSubscribed,
      BooleanSupplier draining,
      Supplier<Optional<String>> rescuer) {}

  private final String version;
  private final Parts parts;
  private final HealthStore store;
  private volatile boolean lastDraining;

  public HealthRoutes(String version, Parts parts, HealthStore store) {
    this.version = version;
    this.parts = parts;
    this.store = store;
  }

  @Override
  public void register(RouteTable routes) {
    routes.get("/livez", Access.PUBLIC, this::alive);
    routes.head("/livez", Access.PUBLIC, this::alive);
    for (String path : List.of("/readyz", "/health", "/api/v1/health")) {
      routes.get(path, Access.PUBLIC, this::ready);
      routes.head(path, Access.PUBLIC, this::ready);
    }
  }

  private void alive(Context ctx) {
    HttpServer.json(
        ctx, Json.mapper().createObjectNode().put("status", "ok").put("version", version));
  }

  private void ready(Context ctx) {
    Optional<HealthStore.Backlog> backlog = backlog();
    boolean databaseUp = backlog.isPresent();
    Optional<String> blocked = parts.brokerBlocked().get();
    boolean connected = parts.brokerConnected().getAsBoolean();
    boolean subscribed = parts.projectionSubscribed().getAsBoolean();
    List<String> reasons = reasons(backlog, connected, blocked, subscribed);
    ObjectNode json =
        Json.mapper()
            .createObjectNode()
            .put("healthy", databaseUp)
            .put("status", databaseUp ? reasons.isEmpty() ? "ok" : "degraded" : "unavailable")
            .put("version", version)
            .put("draining", draining(databaseUp));
    json.set("reasons", Json.mapper().valueToTree(reasons));
    json.putObject("components")
        .put("database", databaseUp ? "up" : "down")
        .put("broker", blocked.isPresent() ? "blocked" : connected ? "up" : "down")
        .put("broker_blocked_reason", blocked.orElse(null))
        .put("projection", subscribed ? "subscribed" : "unsubscribed")
        .put("rescuer", parts.rescuer().get().orElse(null))
        .put("outbox_waiting", backlog.map(HealthStore.Backlog::waiting).orElse(null))
        .put(
            "outbox_oldest_seconds",
            backlog
                .flatMap(HealthStore.Backlog::oldest)
                .map(age -> age.toMillis() / MILLIS_PER_SECOND)
                .orElse(null));
    HttpServer.json(ctx, json);
    ctx.status(databaseUp ? 200 : 503);
    if (!databaseUp) {
      ctx.header("Retry-After", Long.toString(HttpServer.OUTAGE_RETRY_AFTER.toSeconds()));
    }
  }

  /** As far as is known: asking a database that is away would only take time. */
  private boolean draining(boolean databaseUp) {
    if (databaseUp) {
      lastDraining = parts.draining().getAsBoolean();
    }
    return lastDraining;
  }

  private Optional<HealthStore.Backlog> backlog() {
    if (!parts.database().getAsBoolean()) {
      return Optional.empty();
    }
    try {
      return Optional.of(store.backlog());
    } catch (JdbiException e) {
      // Gone between the two questions.
      return Optional.empty();
    }
  }

  private static List<String> reasons(
      Optional<HealthStore.Backlog> backlog,
      boolean connected,
      Optional<String> blocked,
      boolean subscribed) {
    List<String> reasons = new ArrayList<>();
    if (backlog.isEmpty()) {
      reasons.add("The database does not answer: nothing can be accepted or looked up.");
    }
    if (blocked.isPresent()) {
      reasons.add(
          "The broker blocks publishers (%s): operations are accepted and wait."
              .formatted(blocked.get()));
    } else if (!connected) {
      reasons.add("The broker is away: operations are accepted and wait for it.");
    }
    if (!subscribed) {
      reasons.add("Events of workers do not arrive: what is shown of runs may be old.");
    }
    backlog
        .flatMap(HealthStore.Backlog::oldest)
        .filter(age -> age.compareTo(OUTBOX_AGE_MAX) > 0)
        .ifPresent(age ->
            reasons.add(
                "A message has waited %d s for the broker to take it.".formatted(age.toSeconds())));
    return reasons;
  }
}
