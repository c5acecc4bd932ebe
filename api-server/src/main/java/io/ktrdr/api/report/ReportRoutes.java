package io.ktrdr.api.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.http.Context;
import io.ktrdr.api.http.Access;
import io.ktrdr.api.http.ProblemException;
import io.ktrdr.api.http.RouteTable;
import io.ktrdr.api.http.Routes;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationId;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * {@code GET /api/v1/operations/{id}/report}: a backtest as one HTML page that needs no network.
 */
public final class ReportRoutes implements Routes {

  /** The page has styles of its own, and nothing else at all. */
  private static final String POLICY =
      "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none';"
          + " frame-ancestors 'none'";

  private final ReportStore store;

  public ReportRoutes(ReportStore store) {
    this.store = store;
  }

  @Override
  public void register(RouteTable routes) {
    routes.get("/api/v1/operations/{id}/report", Access.VIEWER, this::send);
  }

  private void send(Context ctx) {
    String id = ctx.pathParam("id");
    ReportStore.Material material = material(id);
    JsonNode result = material.result();
    byte[] trades = material.trades();
    byte[] equity = material.equity();
    if (result == null || trades == null || equity == null) {
      throw new ProblemException(
          404,
          "RESULT_UNAVAILABLE",
          "%s is %s and has no report: reports come with the end of a backtest"
              .formatted(id, material.status()));
    }
    ctx.header("Content-Security-Policy", POLICY);
    ctx.contentType("text/html; charset=utf-8")
        .result(
            new Tearsheet(id, material.metadata(), result, tree(trades), Curve.read(equity))
                .html());
  }

  private ReportStore.Material material(String id) {
    try {
      return store.find(OperationId.parse(id)).orElseThrow(() -> unknown(id));
    } catch (IllegalArgumentException e) {
      throw unknown(id);
    }
  }

  private static ProblemException unknown(String id) {
    return new ProblemException(404, "OPERATION_UNKNOWN", "There is no operation " + id);
  }

  private static JsonNode tree(byte[] json) {
    try {
      return Json.mapper().readTree(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
