package io.ktrdr.protocol.amqp;

import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import java.io.IOException;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A message in hand. Settled once, from any thread; when its channel is gone the broker has already
 * taken it back, and settling does nothing.
 */
public final class Delivery {

  private final Channel channel;
  private final long tag;
  private final Map<String, Object> headers;
  private final byte[] body;
  private final AtomicBoolean settled = new AtomicBoolean();

  Delivery(Channel channel, long tag, Map<String, Object> headers, byte[] body) {
    this.channel = channel;
    this.tag = tag;
    this.headers = headers;
    this.body = body;
  }

  /** As published, with what the broker added. */
  public Map<String, Object> headers() {
    return headers;
  }

  /** Not copied; do not change it. */
  @SuppressWarnings("MixedMutabilityReturnType")
  public byte[] body() {
    return body;
  }

  /** Done with it. Returns false when the broker has taken it back meanwhile. */
  public boolean ack() {
    return settle(() -> channel.basicAck(tag, false));
  }

  /**
   * Done with these and with every earlier delivery of their subscription, whoever has it in hand:
   * one message to the broker instead of many.
   */
  public static void ackThrough(List<Delivery> deliveries) {
    IdentityHashMap<Channel, Delivery> last = new IdentityHashMap<>();
    for (Delivery delivery : deliveries) {
      if (delivery.settled.compareAndSet(false, true)) {
        last.merge(delivery.channel, delivery, (a, b) -> a.tag > b.tag ? a : b);
      }
    }
    last.forEach(
        (channel, delivery) -> delivery.transmit(() -> channel.basicAck(delivery.tag, true)));
  }

  /** Back to the queue, for somebody else. */
  public boolean requeue() {
    return settle(() -> channel.basicReject(tag, true));
  }

  private boolean settle(Settling settling) {
    return settled.compareAndSet(false, true) && transmit(settling);
  }

  private boolean transmit(Settling settling) {
    try {
      synchronized (channel) {
        settling.run();
      }
      return true;
    } catch (IOException | AlreadyClosedException e) {
      return false;
    }
  }

  @FunctionalInterface
  private interface Settling {
    void run() throws IOException;
  }
}
