package io.ktrdr.protocol.telemetry;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A place in a trace as the text that requests, messages and rows carry: W3C's {@code traceparent}.
 */
public final class TraceParent {

  /** Of a request or a message. */
  public static final String HEADER = "traceparent";

  private static final W3CTraceContextPropagator FORMAT = W3CTraceContextPropagator.getInstance();

  private static final TextMapGetter<String> ONLY_THIS =
      new TextMapGetter<>() {
        @Override
        public @Nullable String get(@Nullable String text, String key) {
          return HEADER.equals(key) ? text : null;
        }
      };

  private TraceParent() {}

  /** Of a span, for somebody else to go on from. Empty while telemetry is off. */
  public static Optional<String> of(SpanContext span) {
    if (!span.isValid()) {
      return Optional.empty();
    }
    Map<String, String> carrier = new HashMap<>();
    FORMAT.inject(
        Context.root().with(Span.wrap(span)),
        carrier,
        (map, key, value) -> {
          if (map != null) {
            map.put(key, value);
          }
        });
    return Optional.ofNullable(carrier.get(HEADER));
  }

  /** Where somebody else's trace is; an invalid one for text that says nothing of the kind. */
  public static SpanContext parse(@Nullable String text) {
    return text == null
        ? SpanContext.getInvalid()
        : Span.fromContext(FORMAT.extract(Context.root(), text, ONLY_THIS)).getSpanContext();
  }

  /** As {@link #parse}, from the headers of a message. */
  public static SpanContext parse(Map<String, Object> headers) {
    Object text = headers.get(HEADER);
    return parse(text == null ? null : text.toString());
  }

  /** A context to be the parent of spans. */
  public static Context parent(SpanContext span) {
    return Context.root().with(Span.wrap(span));
  }
}
