package io.ktrdr.worker.runtime;

import io.ktrdr.protocol.WorkerId;
import io.ktrdr.protocol.amqp.Topology;
import io.ktrdr.protocol.telemetry.MessageSpans;
import io.ktrdr.protocol.telemetry.Telemetry;
import io.ktrdr.protocol.telemetry.TraceParent;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import java.time.Instant;
import java.util.Map;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Begins the traces of runs. An attempt's trace is that of its message; when an earlier attempt had
 * that one already (its worker died, and the broker handed the same message out again; or the API
 * sent another for the same operation), it is a new trace with a link to the earlier attempt's.
 *
 * <p>Thread-safe.
 */
final class RunTracing {

  private static final Logger LOG = LoggerFactory.getLogger(RunTracing.class);

  private final Telemetry telemetry;
  private final RunTraceStore store;
  private final WorkerId workerId;

  RunTracing(Telemetry telemetry, RunTraceStore store, WorkerId workerId) {
    this.telemetry = telemetry;
    this.store = store;
    this.workerId = workerId;
  }

  /**
   * @param headers of the message
   * @param received when it came
   */
  RunTrace begin(Claim.Claimed claimed, Map<String, Object> headers, Instant received) {
    if (!telemetry.isOn()) {
      return RunTrace.NONE;
    }
    Tracer tracer = telemetry.tracer();
    SpanContext message = TraceParent.parse(headers);
    SpanContext earlier = earlier(claimed);
    String queue = Topology.queueOf(claimed.spec().operationType());
    SpanBuilder processing =
        MessageSpans.processing(
                tracer.spanBuilder(MessageSpans.process(queue)),
                queue,
                claimed.operationId().value())
            .setSpanKind(SpanKind.CONSUMER)
            .setStartTimestamp(received)
            .setAttribute(MessageSpans.OPERATION_TYPE, claimed.spec().operationType().wireName())
            .setAttribute(MessageSpans.ATTEMPT, (long) claimed.attempt())
            .setAttribute(MessageSpans.RUN, claimed.runId().toString())
            .setAttribute(MessageSpans.WORKER, workerId.value());
    if (earlier.isValid()) {
      processing.addLink(earlier);
    }
    if (earlier.isValid() && earlier.getTraceId().equals(message.getTraceId())) {
      processing.setNoParent().addLink(message);
    } else {
      processing.setParent(TraceParent.parent(message));
    }
    Span span = processing.startSpan();
    tracer
        .spanBuilder("claim")
        .setParent(TraceParent.parent(span.getSpanContext()))
        .setStartTimestamp(received)
        .startSpan()
        .end();
    span.end();
    TraceParent.of(span.getSpanContext()).ifPresent(text -> keep(claimed, text));
    return new RunTrace(tracer, span.getSpanContext());
  }

  private SpanContext earlier(Claim.Claimed claimed) {
    if (claimed.attempt() == 1) {
      return SpanContext.getInvalid();
    }
    try {
      return TraceParent.parse(
          store.earlier(claimed.operationId(), claimed.attempt()).orElse(null));
    } catch (JdbiException e) {
      LOG.debug("Trace of the attempt before not known: {}", e.getMessage());
      return SpanContext.getInvalid();
    }
  }

  private void keep(Claim.Claimed claimed, String text) {
    try {
      store.keep(claimed.runId(), text);
    } catch (JdbiException e) {
      LOG.debug("Trace of {} not kept: {}", claimed.runId(), e.getMessage());
    }
  }
}
