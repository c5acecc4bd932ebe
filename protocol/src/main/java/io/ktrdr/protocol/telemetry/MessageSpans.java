package io.ktrdr.protocol.telemetry;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanBuilder;

/** How spans about messages and operations are named and labelled, by everybody the same. */
public final class MessageSpans {

  public static final AttributeKey<String> OPERATION_TYPE =
      AttributeKey.stringKey("ktrdr.operation.type");
  public static final AttributeKey<Long> ATTEMPT = AttributeKey.longKey("ktrdr.attempt");
  public static final AttributeKey<String> RUN = AttributeKey.stringKey("ktrdr.run.id");
  public static final AttributeKey<String> WORKER = AttributeKey.stringKey("ktrdr.worker.id");
  public static final AttributeKey<String> OUTCOME = AttributeKey.stringKey("ktrdr.outcome");

  private static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("messaging.system");
  private static final AttributeKey<String> OPERATION_NAME =
      AttributeKey.stringKey("messaging.operation.name");
  private static final AttributeKey<String> OPERATION_KIND =
      AttributeKey.stringKey("messaging.operation.type");
  private static final AttributeKey<String> DESTINATION =
      AttributeKey.stringKey("messaging.destination.name");
  private static final AttributeKey<String> ROUTING_KEY =
      AttributeKey.stringKey("messaging.rabbitmq.destination.routing_key");
  private static final AttributeKey<String> CONVERSATION =
      AttributeKey.stringKey("messaging.message.conversation_id");

  private MessageSpans() {}

  /** Name of a span in which a message is handed to the broker. */
  public static String publishTo(String exchange) {
    return "publish " + exchange;
  }

  /** Name of a span in which a message is handled. */
  public static String process(String queue) {
    return "process " + queue;
  }

  /** As OpenTelemetry's conventions for messaging have it. */
  public static SpanBuilder publishing(
      SpanBuilder span, String exchange, String routingKey, String operationId) {
    return messaging(span, exchange, operationId)
        .setAttribute(ROUTING_KEY, routingKey)
        .setAttribute(OPERATION_NAME, "publish")
        .setAttribute(OPERATION_KIND, "send");
  }

  /** As OpenTelemetry's conventions for messaging have it. */
  public static SpanBuilder processing(SpanBuilder span, String queue, String operationId) {
    return messaging(span, queue, operationId)
        .setAttribute(OPERATION_NAME, "process")
        .setAttribute(OPERATION_KIND, "process");
  }

  private static SpanBuilder messaging(SpanBuilder span, String destination, String operationId) {
    return span.setAttribute(SYSTEM, "rabbitmq")
        .setAttribute(DESTINATION, destination)
        .setAttribute(CONVERSATION, operationId);
  }
}
