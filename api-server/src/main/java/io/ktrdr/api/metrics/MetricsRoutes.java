package io.ktrdr.api.metrics;

import io.ktrdr.api.http.Access;
import io.ktrdr.api.http.RouteTable;
import io.ktrdr.api.http.Routes;

/** {@code GET /metrics}, for Prometheus. */
public final class MetricsRoutes implements Routes {

  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

  private final Metrics metrics;

  public MetricsRoutes(Metrics metrics) {
    this.metrics = metrics;
  }

  @Override
  public void register(RouteTable routes) {
    routes.get("/metrics", Access.VIEWER, ctx -> ctx.contentType(TEXT).result(metrics.scrape()));
  }
}
