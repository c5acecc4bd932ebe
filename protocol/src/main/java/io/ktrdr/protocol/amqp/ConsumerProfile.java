package io.ktrdr.protocol.amqp;

import static java.util.Objects.requireNonNull;

import java.util.Map;

/**
 * How a consumer presents itself to the broker.
 *
 * @param consumerTag shown in the management UI: the worker's id
 * @param prefetch most unsettled deliveries of a queue at a time
 * @param priority consumers with a higher one are served first while they are free; 0 is usual
 */
public record ConsumerProfile(String consumerTag, int prefetch, int priority) {

  public ConsumerProfile {
    requireNonNull(consumerTag, "consumerTag is null");
    if (prefetch < 1) {
      throw new IllegalArgumentException("prefetch is %d".formatted(prefetch));
    }
  }

  /** One of usual priority. */
  public static ConsumerProfile of(String consumerTag, int prefetch) {
    return new ConsumerProfile(consumerTag, prefetch, 0);
  }

  Map<String, Object> arguments() {
    return priority == 0 ? Map.of() : Map.of("x-priority", priority);
  }
}
