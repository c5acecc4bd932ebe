package io.ktrdr.api.result;

import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.http.Context;
import io.ktrdr.api.http.Access;
import io.ktrdr.api.http.ProblemException;
import io.ktrdr.api.http.RouteTable;
import io.ktrdr.api.http.Routes;
import io.ktrdr.api.report.ReportStyle;
import io.ktrdr.api.report.Tearsheet;
import io.ktrdr.protocol.OperationId;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/**
 * {@code GET /api/v1/operations/{id}/trades}, {@code /equity} and {@code /report}: what a backtest
 * made, as JSON or, with {@code format=csv}, as a table; and all of it as one HTML page that needs
 * no network. Also of a cancelled one, over the bars it finished.
 */
public final class ResultRoutes implements Routes {

  private static final String TRADES = "trades";
  static final String EQUITY = "equity";

  /** The report has one stylesheet of its own, and nothing else at all. */
  static final String REPORT_POLICY =
      "default-src 'none'; style-src %s; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
          .formatted(ReportStyle.POLICY_SOURCE);

  private final ResultStore results;
  private final ReportSources reports;

  public ResultRoutes(ResultStore results) {
    this.results = results;
    this.reports = new ReportSources(results);
  }

  @Override
  public void register(RouteTable routes) {
    routes.get("/api/v1/operations/{id}/trades", Access.VIEWER, ctx -> rows(ctx, TRADES));
    routes.get("/api/v1/operations/{id}/equity", Access.VIEWER, ctx -> rows(ctx, EQUITY));
    routes.get("/api/v1/operations/{id}/report", Access.VIEWER, this::report);
  }

  private void rows(Context ctx, String name) {
    boolean csv = csvWanted(ctx);
    OperationId id = id(ctx);
    ResultRows rows = ResultRows.of(artifact(id, outcome(id), name));
    if (csv) {
      ctx.header("Content-Disposition", "attachment; filename=\"%s-%s.csv\"".formatted(id, name));
    }
    ctx.contentType(csv ? "text/csv; charset=utf-8" : "application/json");
    try {
      OutputStream out = ctx.outputStream();
      if (csv) {
        rows.writeCsv(out);
      } else {
        rows.writeJson(id, name, out);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("%s of %s not sent".formatted(name, id), e);
    }
  }

  private void report(Context ctx) {
    OperationId id = id(ctx);
    ResultStore.Outcome outcome = outcome(id);
    byte[] trades = artifact(id, outcome, TRADES);
    byte[] equity = artifact(id, outcome, EQUITY);
    JsonNode result = outcome.result().orElseThrow(() -> unavailable(id, outcome, "result"));
    ctx.header("Content-Security-Policy", REPORT_POLICY);
    ctx.contentType("text/html; charset=utf-8")
        .result(Tearsheet.html(reports.of(id, outcome.metadata(), result, trades, equity)));
  }

  private static boolean csvWanted(Context ctx) {
    String format = ctx.queryParam("format");
    if (format == null || format.equals("json")) {
      return false;
    }
    if (format.equals("csv")) {
      return true;
    }
    throw new ProblemException(
        400, "PARAMETER_INVALID", "format: '%s' is not one of json, csv".formatted(format));
  }

  private static OperationId id(Context ctx) {
    return parsed(ctx.pathParam("id"));
  }

  /** What is no id names no operation. */
  static OperationId parsed(String text) {
    try {
      return OperationId.parse(text);
    } catch (IllegalArgumentException e) {
      throw unknown(text);
    }
  }

  private ResultStore.Outcome outcome(OperationId id) {
    return results.outcome(id).orElseThrow(() -> unknown(id.value()));
  }

  private byte[] artifact(OperationId id, ResultStore.Outcome outcome, String name) {
    return results.artifact(id, name).orElseThrow(() -> unavailable(id, outcome, name));
  }

  static ProblemException unknown(String id) {
    return new ProblemException(404, "OPERATION_UNKNOWN", "There is no operation " + id);
  }

  private static ProblemException unavailable(
      OperationId id, ResultStore.Outcome outcome, String what) {
    return new ProblemException(
        404,
        "RESULT_UNAVAILABLE",
        "%s is %s and has no %s: it comes with the end of a backtest"
            .formatted(id, outcome.status(), what));
  }
}
