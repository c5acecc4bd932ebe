package io.ktrdr.api.rescue;

import io.ktrdr.protocol.amqp.BrokerSession;
import io.ktrdr.protocol.amqp.ConfirmedPublisher;
import io.ktrdr.protocol.amqp.Letter;
import io.ktrdr.protocol.amqp.OutgoingMessage;
import io.ktrdr.protocol.amqp.PublishOutcome;
import io.ktrdr.protocol.amqp.Topology;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The queue of messages that found no queue of their own, because somebody deleted it. Sends them
 * home once it is there again; what has no home stays, for people to see. For one thread.
 */
public final class UnroutableBox {

  private static final int LETTERS_MAX = 1_000;
  private static final Logger LOG = LoggerFactory.getLogger(UnroutableBox.class);

  private final ConfirmedPublisher publisher;

  public UnroutableBox(ConfirmedPublisher publisher) {
    this.publisher = publisher;
  }

  void sendHome(BrokerSession session) {
    int sent =
        session.lookThrough(
            Topology.UNROUTABLE, LETTERS_MAX, letter -> sentHome(letter, session.topology()));
    if (sent > 0) {
      LOG.warn("{} messages had found no queue and were sent again", sent);
    }
  }

  private boolean sentHome(Letter letter, Topology topology) {
    return switch (letter.exchange()) {
      case Topology.EVENTS_EXCHANGE -> published(letter);
      case Topology.OPERATIONS_EXCHANGE ->
          topology.isRoute(letter.routingKey()) && published(letter);
      default -> false;
    };
  }

  private boolean published(Letter letter) {
    OutgoingMessage again =
        new OutgoingMessage(
            letter.exchange(),
            letter.routingKey(),
            letter.messageId(),
            Map.copyOf(letter.headers()),
            letter.body());
    try {
      return publisher.publish(List.of(again)).getFirst() instanceof PublishOutcome.Confirmed;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
