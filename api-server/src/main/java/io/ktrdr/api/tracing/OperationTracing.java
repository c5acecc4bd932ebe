package io.ktrdr.api.tracing;

import io.ktrdr.protocol.EventHeader;
import io.ktrdr.protocol.OperationEvent;
import io.ktrdr.protocol.amqp.OutgoingMessage;
import io.ktrdr.protocol.amqp.PublishOutcome;
import io.ktrdr.protocol.amqp.Topology;
import io.ktrdr.protocol.telemetry.MessageSpans;
import io.ktrdr.protocol.telemetry.Telemetry;
import io.ktrdr.protocol.telemetry.TraceParent;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Spans of messages that leave the outbox, and of events that are applied. Thread-safe. */
public final class OperationTracing {

  private final Telemetry telemetry;

  public OperationTracing(Telemetry telemetry) {
    this.telemetry = telemetry;
  }

  /** Messages on their way to the broker. For one thread. */
  public static final class Sending {
    private final List<OutgoingMessage> messages;
    private final List<Span> spans;

    private Sending(List<OutgoingMessage> messages, List<Span> spans) {
      this.messages = messages;
      this.spans = spans;
    }

    /** What to send: the same messages, each with its own place in its trace. */
    public List<OutgoingMessage> messages() {
      return messages;
    }

    /**
     * @param outcomes of the messages, in their order
     */
    public void ended(List<PublishOutcome> outcomes) {
      for (int i = 0; i < spans.size(); i++) {
        Span span = spans.get(i);
        switch (outcomes.get(i)) {
          case PublishOutcome.Confirmed _ -> {}
          case PublishOutcome.Returned(String reason) -> span.setStatus(StatusCode.ERROR, reason);
          case PublishOutcome.Failed(String reason) -> span.setStatus(StatusCode.ERROR, reason);
        }
        span.end();
      }
    }
  }

  /** Messages about to be sent, each in the trace its headers name, or one of its own. */
  public Sending sending(List<OutgoingMessage> messages) {
    if (!telemetry.isOn()) {
      return new Sending(messages, List.of());
    }
    List<OutgoingMessage> traced = new ArrayList<>(messages.size());
    List<Span> spans = new ArrayList<>(messages.size());
    for (OutgoingMessage message : messages) {
      Span span =
          MessageSpans.publishing(
                  telemetry.tracer().spanBuilder(MessageSpans.publishTo(message.exchange())),
                  message.exchange(),
                  message.routingKey(),
                  message.messageId())
              .setSpanKind(SpanKind.PRODUCER)
              .setParent(TraceParent.parent(TraceParent.parse(message.headers())))
              .startSpan();
      Map<String, Object> headers = new HashMap<>(message.headers());
      TraceParent.of(span.getSpanContext())
          .ifPresent(text -> headers.put(TraceParent.HEADER, text));
      traced.add(
          new OutgoingMessage(
              message.exchange(),
              message.routingKey(),
              message.messageId(),
              headers,
              message.body()));
      spans.add(span);
    }
    return new Sending(traced, spans);
  }

  /**
   * An event was applied and that is committed. Progress has no span: there is too much of it.
   *
   * @param headers of its message
   * @param begun when it was taken up
   */
  public void applied(Map<String, Object> headers, OperationEvent event, Instant begun) {
    if (!telemetry.isOn() || event instanceof OperationEvent.Progressed) {
      return;
    }
    SpanContext message = TraceParent.parse(headers);
    if (message.isSampled()) {
      EventHeader header = event.header();
      MessageSpans.processing(
              telemetry.tracer().spanBuilder(MessageSpans.process(Topology.PROJECTION_QUEUE)),
              Topology.PROJECTION_QUEUE,
              header.operationId().value())
          .setSpanKind(SpanKind.CONSUMER)
          .setParent(TraceParent.parent(message))
          .setStartTimestamp(begun)
          .setAttribute(MessageSpans.OPERATION_TYPE, header.operationType().wireName())
          .setAttribute(MessageSpans.ATTEMPT, (long) header.attempt())
          .startSpan()
          .end();
    }
  }
}
