package io.ktrdr.api.tracing;

import io.javalin.http.Context;
import io.javalin.router.Endpoint;
import io.ktrdr.api.http.RouteTable;
import io.ktrdr.api.http.Routes;
import io.ktrdr.protocol.telemetry.LogOutput;
import io.ktrdr.protocol.telemetry.Telemetry;
import io.ktrdr.protocol.telemetry.TraceParent;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import java.util.Optional;
import java.util.Set;
import org.slf4j.MDC;

/**
 * A span for each request that changes something, in the client's trace if it says one. Does not
 * exist while telemetry is off.
 */
public final class HttpTracingRoutes implements Routes {

  private static final String SPAN = HttpTracingRoutes.class.getName();
  private static final Set<String> CHANGING = Set.of("POST", "PUT", "PATCH", "DELETE");
  private static final int SERVER_ERROR = 500;

  private final Telemetry telemetry;

  public HttpTracingRoutes(Telemetry telemetry) {
    this.telemetry = telemetry;
  }

  /** Where this request is in a trace, for what comes of it. */
  public static Optional<String> traceparent(Context ctx) {
    Span span = ctx.attribute(SPAN);
    return span == null ? Optional.empty() : TraceParent.of(span.getSpanContext());
  }

  @Override
  public void register(RouteTable routes) {
    if (telemetry.isOn()) {
      routes.before(this::begin);
      routes.after(HttpTracingRoutes::end);
    }
  }

  private void begin(Context ctx) {
    String method = ctx.method().name();
    if (CHANGING.contains(method)) {
      Span span =
          telemetry
              .tracer()
              .spanBuilder(method)
              .setSpanKind(SpanKind.SERVER)
              .setParent(TraceParent.parent(TraceParent.parse(ctx.header(TraceParent.HEADER))))
              .setAttribute("http.request.method", method)
              .startSpan();
      ctx.attribute(SPAN, span);
      MDC.put(LogOutput.TRACE_ID, span.getSpanContext().getTraceId());
      MDC.put(LogOutput.SPAN_ID, span.getSpanContext().getSpanId());
    }
  }

  private static void end(Context ctx) {
    Span span = ctx.attribute(SPAN);
    if (span == null) {
      return;
    }
    Endpoint endpoint = ctx.endpoints().matchedHttpEndpoint();
    if (endpoint != null) {
      span.updateName(ctx.method().name() + " " + endpoint.path);
      span.setAttribute("http.route", endpoint.path);
    }
    span.setAttribute("http.response.status_code", ctx.statusCode());
    if (ctx.statusCode() >= SERVER_ERROR) {
      span.setStatus(StatusCode.ERROR);
    }
    span.end();
    MDC.remove(LogOutput.TRACE_ID);
    MDC.remove(LogOutput.SPAN_ID);
  }
}
