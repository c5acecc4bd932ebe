package io.ktrdr.api.audit;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.ktrdr.api.http.Access;
import io.ktrdr.api.http.HttpServer;
import io.ktrdr.api.http.ProblemException;
import io.ktrdr.api.http.RouteTable;
import io.ktrdr.api.http.Routes;
import io.ktrdr.protocol.Json;
import java.util.List;
import org.jdbi.v3.core.Jdbi;

/**
 * {@code GET /api/v1/admin/audit?limit=&before=}: newest first; {@code next_before} is what to ask
 * for the older ones with, null when there are none.
 */
public final class AuditRoutes implements Routes {

  private static final int LIMIT_DEFAULT = 100;
  private static final int LIMIT_MAX = 1000;

  private final Jdbi jdbi;
  private final AuditStore audit;

  public AuditRoutes(Jdbi jdbi, AuditStore audit) {
    this.jdbi = jdbi;
    this.audit = audit;
  }

  @Override
  public void register(RouteTable routes) {
    routes.get("/api/v1/admin/audit", Access.OPERATOR, this::list);
  }

  private void list(Context ctx) {
    int limit = (int) number(ctx, "limit", LIMIT_DEFAULT, LIMIT_MAX);
    long before = number(ctx, "before", Long.MAX_VALUE, Long.MAX_VALUE);
    // One more than asked for tells whether there are older ones.
    List<AuditStore.Entry> found =
        jdbi.withHandle(handle -> audit.newestBefore(handle, before, limit + 1));
    List<AuditStore.Entry> page = found.stream().limit(limit).toList();
    ObjectNode json = Json.mapper().createObjectNode().put("success", true);
    ArrayNode entries = json.putArray("entries");
    for (AuditStore.Entry entry : page) {
      entries
          .addObject()
          .put("id", entry.id())
          .put("at", entry.at().toString())
          .put("actor", entry.actor())
          .put("action", entry.action())
          .put("subject", entry.subject())
          .set("detail", entry.detail());
    }
    if (found.size() > page.size()) {
      json.put("next_before", page.getLast().id());
    } else {
      json.putNull("next_before");
    }
    HttpServer.json(ctx, json);
  }

  private static long number(Context ctx, String name, long absent, long max) {
    String given = ctx.queryParam(name);
    if (given == null || given.isBlank()) {
      return absent;
    }
    try {
      long number = Long.parseLong(given.strip());
      if (number >= 1 && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw new ProblemException(
          400, "PARAMETER_INVALID", "%s is '%s', not a number".formatted(name, given));
    }
    throw new ProblemException(
        400, "PARAMETER_INVALID", "%s is %s, expected 1 to %d".formatted(name, given, max));
  }
}
