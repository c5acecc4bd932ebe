package io.ktrdr.api.metrics;

import io.javalin.http.Context;
import io.javalin.router.Endpoint;
import io.ktrdr.api.http.RouteTable;
import io.ktrdr.api.http.Routes;
import java.time.Duration;

/** Times every request, by route, as it is written in the code: ids are no labels. */
public final class HttpMetricsRoutes implements Routes {

  private static final String BEGUN = HttpMetricsRoutes.class.getName();

  /** What no route of ours answered. */
  private static final String NO_ROUTE = "none";

  private final Metrics metrics;

  public HttpMetricsRoutes(Metrics metrics) {
    this.metrics = metrics;
  }

  @Override
  public void register(RouteTable routes) {
    routes.before(ctx -> ctx.attribute(BEGUN, System.nanoTime()));
    routes.after(this::count);
  }

  private void count(Context ctx) {
    Long begun = ctx.attribute(BEGUN);
    if (begun != null) {
      Endpoint endpoint = ctx.endpoints().matchedHttpEndpoint();
      metrics.answered(
          ctx.method().name(),
          endpoint == null ? NO_ROUTE : endpoint.path,
          ctx.statusCode(),
          Duration.ofNanos(System.nanoTime() - begun));
    }
  }
}
