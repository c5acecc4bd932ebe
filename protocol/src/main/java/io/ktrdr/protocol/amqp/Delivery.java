package io.ktrdr.protocol.amqp;

import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A message in hand. Settled once, from any thread; when its channel is gone the broker has already
 * taken it back, and settling does nothing.
 */
public final class Delivery {

  private final Channel channel;
  private final long tag;
  private final byte[] body;
  private final AtomicBoolean settled = new AtomicBoolean();

  Delivery(Channel channel, long tag, byte[] body) {
    this.channel = channel;
    this.tag = tag;
    this.body = body;
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

  /** Back to the queue, for somebody else. */
  public boolean requeue() {
    return settle(() -> channel.basicReject(tag, true));
  }

  private boolean settle(Settling settling) {
    if (!settled.compareAndSet(false, true)) {
      return false;
    }
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
