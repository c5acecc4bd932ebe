package io.ktrdr.worker.runtime;

import io.ktrdr.protocol.EventHeader;
import io.ktrdr.protocol.MessageCodec;
import io.ktrdr.protocol.OperationEvent;
import io.ktrdr.protocol.Progress;
import io.ktrdr.protocol.amqp.Topology;
import io.ktrdr.protocol.telemetry.MessageSpans;
import io.ktrdr.protocol.telemetry.TraceParent;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.TracerProvider;
import io.opentelemetry.context.Context;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * The spans of one run: short steps under the one in which its message was handled, each sent when
 * it ends, so that a worker that dies leaves how far it came. Thread-safe.
 */
final class RunTrace {

  /** Of a run that is not traced. */
  static final RunTrace NONE =
      new RunTrace(TracerProvider.noop().get(""), SpanContext.getInvalid());

  private final Tracer tracer;
  private final SpanContext anchor;
  private final Context parent;
  private final Map<String, Object> headers;
  private Instant mark = Instant.now();

  RunTrace(Tracer tracer, SpanContext anchor) {
    this.tracer = tracer;
    this.anchor = anchor;
    this.parent = TraceParent.parent(anchor);
    this.headers = headers(anchor);
  }

  /** The span in which the message was handled; invalid when nothing is traced. */
  SpanContext anchor() {
    return anchor;
  }

  /** For messages about this run. */
  Map<String, Object> headers() {
    return headers;
  }

  private static Map<String, Object> headers(SpanContext span) {
    Optional<String> text = TraceParent.of(span);
    return text.isPresent() ? Map.of(TraceParent.HEADER, text.get()) : Map.of();
  }

  /** What a step does. */
  @FunctionalInterface
  interface Work<T> {
    T run() throws InterruptedException;
  }

  /** Does it, as a step of its own. */
  <T> T step(String name, Work<T> work) throws InterruptedException {
    Span span = tracer.spanBuilder(name).setParent(parent).startSpan();
    try {
      return work.run();
    } catch (RuntimeException e) {
      span.setStatus(StatusCode.ERROR, e.toString());
      throw e;
    } finally {
      span.end();
    }
  }

  /** Says how far the run has come: a step since the last time. Call it a few times a run. */
  void progressed(Progress progress) {
    if (anchor.isSampled()) {
      Instant now = Instant.now();
      tracer
          .spanBuilder("progress")
          .setParent(parent)
          .setStartTimestamp(marked(now))
          .setAttribute("ktrdr.progress.percentage", progress.percentage())
          .setAttribute("ktrdr.progress.step", progress.currentStep())
          .startSpan()
          .end(now);
    }
  }

  private synchronized Instant marked(Instant now) {
    Instant before = mark;
    mark = now;
    return before;
  }

  /** The handler has come back. */
  void ran(Instant begun, Outcome outcome) {
    Span span = tracer.spanBuilder("run").setParent(parent).setStartTimestamp(begun).startSpan();
    switch (outcome) {
      case Outcome.Succeeded _ -> span.setAttribute(MessageSpans.OUTCOME, "succeeded");
      case Outcome.Failed(var failure) ->
          span.setAttribute(MessageSpans.OUTCOME, "failed")
              .setStatus(StatusCode.ERROR, "%s: %s".formatted(failure.code(), failure.message()));
      case Outcome.Stopped(var stop, var _) ->
          span.setAttribute(MessageSpans.OUTCOME, "stopped")
              .setStatus(StatusCode.ERROR, stop.sentence());
    }
    span.end();
  }

  /** What publishes an event with the headers it is given. */
  @FunctionalInterface
  interface Publishing {
    boolean publish(Map<String, Object> headers) throws InterruptedException;
  }

  /** Publishes the end of the run, as a step whose trace goes on wherever the event is handled. */
  boolean publishing(OperationEvent end, Publishing publishing) throws InterruptedException {
    if (!anchor.isValid()) {
      return publishing.publish(Map.of());
    }
    EventHeader header = end.header();
    Span span =
        MessageSpans.publishing(
                tracer.spanBuilder(MessageSpans.publishTo(Topology.EVENTS_EXCHANGE)),
                Topology.EVENTS_EXCHANGE,
                MessageCodec.typeOf(end),
                header.operationId().value())
            .setParent(parent)
            .setSpanKind(SpanKind.PRODUCER)
            .startSpan();
    try {
      boolean taken = publishing.publish(headers(span.getSpanContext()));
      if (!taken) {
        span.setStatus(StatusCode.ERROR, "the broker did not take it in time");
      }
      return taken;
    } finally {
      span.end();
    }
  }
}
