package io.ktrdr.api.document;

import io.javalin.http.Context;
import io.ktrdr.api.http.Access;
import io.ktrdr.api.http.HttpServer;
import io.ktrdr.api.http.RouteTable;
import io.ktrdr.api.http.Routes;

/** {@code GET /api/v1/openapi.json}; {@code /api.html} shows it. */
public final class DocumentRoutes implements Routes {

  /** Read when somebody asks: most processes are never asked. */
  private static final class Held {
    static final ApiDocument DOCUMENT = ApiDocument.read();
  }

  @Override
  public void register(RouteTable routes) {
    routes.get("/api/v1/openapi.json", Access.PUBLIC, DocumentRoutes::document);
  }

  private static void document(Context ctx) {
    HttpServer.json(ctx, Held.DOCUMENT.json());
  }
}
