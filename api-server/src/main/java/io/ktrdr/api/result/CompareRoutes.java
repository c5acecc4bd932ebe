package io.ktrdr.api.result;

import io.javalin.http.Context;
import io.ktrdr.api.http.Access;
import io.ktrdr.api.http.HttpServer;
import io.ktrdr.api.http.ProblemException;
import io.ktrdr.api.http.RouteTable;
import io.ktrdr.api.http.Routes;
import io.ktrdr.api.report.Comparison;
import io.ktrdr.protocol.OperationId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * {@code GET /api/v1/backtests/compare?ids=A,B}: settings, figures and curves of some backtests, as
 * JSON or, with {@code format=html}, as a page. One without a result is there without one.
 */
public final class CompareRoutes implements Routes {

  private static final int BACKTESTS_MIN = 2;

  private final ResultStore results;

  public CompareRoutes(ResultStore results) {
    this.results = results;
  }

  @Override
  public void register(RouteTable routes) {
    routes.get("/api/v1/backtests/compare", Access.VIEWER, this::compare);
  }

  private void compare(Context ctx) {
    boolean page = pageWanted(ctx);
    List<Comparison.Entry> entries = new ArrayList<>();
    for (String text : ids(ctx)) {
      OperationId id = ResultRoutes.parsed(text);
      ResultStore.Outcome outcome =
          results.outcome(id).orElseThrow(() -> ResultRoutes.unknown(text));
      entries.add(
          Comparison.Entry.of(
              text,
              outcome.status(),
              outcome.result(),
              outcome.result().flatMap(_ -> results.artifact(id, ResultRoutes.EQUITY))));
    }
    if (page) {
      ctx.header("Content-Security-Policy", ResultRoutes.REPORT_POLICY);
      ctx.contentType("text/html; charset=utf-8").result(Comparison.html(entries));
    } else {
      HttpServer.json(ctx, Comparison.json(entries));
    }
  }

  private static List<String> ids(Context ctx) {
    String text = ctx.queryParam("ids");
    List<String> ids = text == null ? List.of() : Arrays.asList(text.split(",", -1));
    if (ids.size() < BACKTESTS_MIN || ids.size() > Comparison.BACKTESTS_MAX) {
      throw new ProblemException(
          400,
          "PARAMETER_INVALID",
          "ids: expected %d to %d operations with commas between them, got %d"
              .formatted(BACKTESTS_MIN, Comparison.BACKTESTS_MAX, ids.size()));
    }
    return ids;
  }

  private static boolean pageWanted(Context ctx) {
    String format = ctx.queryParam("format");
    if (format == null || format.equals("json")) {
      return false;
    }
    if (format.equals("html")) {
      return true;
    }
    throw new ProblemException(
        400, "PARAMETER_INVALID", "format: '%s' is not one of json, html".formatted(format));
  }
}
