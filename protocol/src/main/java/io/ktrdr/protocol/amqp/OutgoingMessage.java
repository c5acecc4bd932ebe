package io.ktrdr.protocol.amqp;

import static java.util.Objects.requireNonNull;

import java.util.Map;

/**
 * A persistent JSON message to publish.
 *
 * @param messageId shown in the management UI; the operation's id
 * @param body not copied; do not change it afterwards
 */
public record OutgoingMessage(
    String exchange,
    String routingKey,
    String messageId,
    Map<String, Object> headers,
    @SuppressWarnings("ArrayRecordComponent") byte[] body) {

  public OutgoingMessage {
    requireNonNull(exchange, "exchange is null");
    requireNonNull(routingKey, "routingKey is null");
    requireNonNull(messageId, "messageId is null");
    headers = Map.copyOf(headers);
    requireNonNull(body, "body is null");
  }
}
