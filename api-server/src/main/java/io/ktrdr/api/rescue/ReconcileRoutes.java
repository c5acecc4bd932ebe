package io.ktrdr.api.rescue;

import io.javalin.http.Context;
import io.ktrdr.api.http.Access;
import io.ktrdr.api.http.HttpServer;
import io.ktrdr.api.http.ProblemException;
import io.ktrdr.api.http.RouteTable;
import io.ktrdr.api.http.Routes;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.amqp.BrokerAwayException;

/** {@code POST /api/v1/admin/reconcile}. */
public final class ReconcileRoutes implements Routes {

  private final Reconcile reconcile;

  public ReconcileRoutes(Reconcile reconcile) {
    this.reconcile = reconcile;
  }

  @Override
  public void register(RouteTable routes) {
    routes.post("/api/v1/admin/reconcile", Access.OPERATOR, this::reconcile);
  }

  private void reconcile(Context ctx) {
    try {
      HttpServer.json(
          ctx,
          Json.mapper()
              .createObjectNode()
              .put("success", true)
              .set("types", Reconcile.json(reconcile.reconcile(HttpServer.actor(ctx)))));
    } catch (BrokerAwayException e) {
      throw new ProblemException(
          503,
          "BROKER_UNAVAILABLE",
          "Nothing was done: %s. Start the broker and try again.".formatted(e.getMessage()));
    }
  }
}
