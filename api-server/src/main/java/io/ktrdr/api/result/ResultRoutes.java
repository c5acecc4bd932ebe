package io.ktrdr.api.result;

import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.http.Context;
import io.ktrdr.api.http.Access;
import io.ktrdr.api.http.ProblemException;
import io.ktrdr.api.http.RouteTable;
import io.ktrdr.api.http.Routes;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * {@code GET /api/v1/operations/{id}/trades} and {@code /equity}: what a backtest made, as JSON or,
 * with {@code format=csv}, as a table. Also of a cancelled one, over the bars it finished.
 */
public final class ResultRoutes implements Routes {

  private static final String TRADES = "trades";
  private static final String EQUITY = "equity";

  private final ResultStore results;

  public ResultRoutes(ResultStore results) {
    this.results = results;
  }

  @Override
  public void register(RouteTable routes) {
    routes.get("/api/v1/operations/{id}/trades", Access.VIEWER, ctx -> send(ctx, TRADES));
    routes.get("/api/v1/operations/{id}/equity", Access.VIEWER, ctx -> send(ctx, EQUITY));
  }

  private void send(Context ctx, String name) {
    boolean csv = csvWanted(ctx);
    String id = ctx.pathParam("id");
    byte[] rows = rows(id, name);
    if (csv) {
      ctx.header("Content-Disposition", "attachment; filename=\"%s-%s.csv\"".formatted(id, name));
      ctx.contentType("text/csv; charset=utf-8").result(table(rows));
    } else {
      ctx.contentType("application/json").result(framed(id, name, rows));
    }
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

  private byte[] rows(String text, String name) {
    ResultStore.Found found;
    try {
      found = results.find(OperationId.parse(text), name).orElseThrow(() -> unknownOperation(text));
    } catch (IllegalArgumentException e) {
      throw unknownOperation(text);
    }
    byte[] bytes = found.bytes();
    if (bytes == null) {
      throw new ProblemException(
          404,
          "RESULT_UNAVAILABLE",
          "%s is %s and has no %s: they come with the end of a backtest"
              .formatted(text, found.status(), name));
    }
    return bytes;
  }

  private static ProblemException unknownOperation(String id) {
    return new ProblemException(404, "OPERATION_UNKNOWN", "There is no operation " + id);
  }

  /** The stored array inside an object, without parsing what may be tens of megabytes. */
  private static byte[] framed(String id, String name, byte[] rows) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(rows.length + 200);
    out.writeBytes(
        "{\"success\":true,\"operation_id\":\"%s\",\"%s\":"
            .formatted(id, name)
            .getBytes(StandardCharsets.UTF_8));
    out.writeBytes(rows);
    out.write('}');
    return out.toByteArray();
  }

  /** A header of the first row's names, then the rows (RFC 4180); nothing without rows. */
  static String table(byte[] rows) {
    JsonNode array;
    try {
      array = Json.mapper().readTree(rows);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    StringBuilder text = new StringBuilder();
    for (JsonNode row : array) {
      if (text.isEmpty()) {
        for (Map.Entry<String, JsonNode> field : row.properties()) {
          cell(text, field.getKey());
        }
        endRow(text);
      }
      for (Map.Entry<String, JsonNode> field : row.properties()) {
        cell(text, field.getValue().asText());
      }
      endRow(text);
    }
    return text.toString();
  }

  private static void cell(StringBuilder text, String value) {
    boolean quoted = value.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    text.append(quoted ? '"' + value.replace("\"", "\"\"") + '"' : value).append(',');
  }

  private static void endRow(StringBuilder text) {
    text.setLength(text.length() - 1);
    text.append("\r\n");
  }
}
