package io.ktrdr.protocol.amqp;

import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import io.ktrdr.protocol.OperationType;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * Every exchange, queue and binding, declared in one place. Declaring is idempotent and valid on
 * RabbitMQ 3.10 to 4.x, so each process does it whenever it connects: a queue deleted by hand comes
 * back.
 *
 * <ul>
 *   <li>{@code operations} (direct) → {@code operations.<type>}: one queue a type, for workers
 *   <li>{@code operation-events} (topic) → {@code operation-events.projection}: for the API
 *   <li>{@code operations.dead-letters} (direct) → {@code <queue>.dead}: what could not be handled,
 *       kept until somebody looks
 *   <li>{@code operations.unroutable} (fanout, alternate exchange): must stay empty
 * </ul>
 */
public final class Topology {

  /** Commands; the routing key is {@link OperationType#wireName()}. */
  public static final String OPERATIONS_EXCHANGE = "operations";

  /** Events; the routing key is the event's type. */
  public static final String EVENTS_EXCHANGE = "operation-events";

  /** Dead letters; the routing key is the name of the queue they come from. */
  public static final String DEAD_LETTER_EXCHANGE = "operations.dead-letters";

  /** Alternate exchange and its queue. */
  public static final String UNROUTABLE = "operations.unroutable";

  /** Events in order, read by one API at a time. */
  public static final String PROJECTION_QUEUE = "operation-events.projection";

  /**
   * Deliveries of one message before the broker gives up on it. Only a safety net: attempts are
   * counted in Postgres. Set explicitly because the broker's default differs by version.
   */
  public static final int DELIVERY_LIMIT = 20;

  private Topology() {}

  /** The queue of a type, e.g. {@code operations.backtesting}. */
  public static String queueOf(OperationType type) {
    return OPERATIONS_EXCHANGE + "." + type.wireName();
  }

  /** Where the dead letters of a queue are kept, e.g. {@code operations.backtesting.dead}. */
  public static String deadLetterQueueOf(String queue) {
    return queue + ".dead";
  }

  /** Declares everything that is not there yet. */
  public static void declare(Channel channel) throws IOException {
    channel.exchangeDeclare(UNROUTABLE, BuiltinExchangeType.FANOUT, true);
    channel.queueDeclare(UNROUTABLE, true, false, false, quorum());
    channel.queueBind(UNROUTABLE, UNROUTABLE, "");

    Map<String, Object> withAlternate = Map.of("alternate-exchange", UNROUTABLE);
    channel.exchangeDeclare(DEAD_LETTER_EXCHANGE, BuiltinExchangeType.DIRECT, true);
    channel.exchangeDeclare(
        OPERATIONS_EXCHANGE, BuiltinExchangeType.DIRECT, true, false, withAlternate);
    channel.exchangeDeclare(EVENTS_EXCHANGE, BuiltinExchangeType.TOPIC, true, false, withAlternate);

    for (OperationType type : OperationType.values()) {
      String queue = queueOf(type);
      declareWithDeadLetters(channel, queue, Map.of());
      channel.queueBind(queue, OPERATIONS_EXCHANGE, type.wireName());
    }
    declareWithDeadLetters(channel, PROJECTION_QUEUE, Map.of("x-single-active-consumer", true));
    channel.queueBind(PROJECTION_QUEUE, EVENTS_EXCHANGE, "#");
  }

  private static void declareWithDeadLetters(
      Channel channel, String queue, Map<String, Object> extra) throws IOException {
    String dead = deadLetterQueueOf(queue);
    channel.queueDeclare(dead, true, false, false, quorum());
    channel.queueBind(dead, DEAD_LETTER_EXCHANGE, queue);

    Map<String, Object> arguments = quorum();
    arguments.put("x-delivery-limit", DELIVERY_LIMIT);
    arguments.put("x-dead-letter-exchange", DEAD_LETTER_EXCHANGE);
    arguments.put("x-dead-letter-routing-key", queue);
    // At-least-once dead lettering: without it a letter can be lost on its way.
    arguments.put("x-dead-letter-strategy", "at-least-once");
    arguments.put("x-overflow", "reject-publish");
    arguments.putAll(extra);
    channel.queueDeclare(queue, true, false, false, arguments);
  }

  private static Map<String, Object> quorum() {
    return new HashMap<>(Map.of("x-queue-type", "quorum"));
  }
}
