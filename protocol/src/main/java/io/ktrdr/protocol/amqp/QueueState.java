package io.ktrdr.protocol.amqp;

/**
 * A queue as the broker knows it.
 *
 * @param ready messages that nobody has in hand
 * @param consumers subscribed to it
 */
public record QueueState(String queue, boolean exists, int ready, int consumers) {

  static QueueState missing(String queue) {
    return new QueueState(queue, false, 0, 0);
  }
}
