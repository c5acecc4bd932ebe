package io.ktrdr.protocol.amqp;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/**
 * Questions to the broker, and looking through queues, over one short-lived connection. Every
 * method throws {@link BrokerAwayException} when the broker does not answer. For one thread at a
 * time; close it, which puts back whatever was taken and not settled.
 */
public final class BrokerSession implements AutoCloseable {

  private static final String UNKNOWN_VERSION = "of unknown version";

  private final Topology topology;
  private final Connection connection;
  private Channel channel;

  private BrokerSession(Topology topology, Connection connection, Channel channel) {
    this.topology = topology;
    this.connection = connection;
    this.channel = channel;
  }

  /**
   * @param purpose shown in the management UI
   */
  public static BrokerSession open(BrokerConnector connector, String purpose) {
    return asking(() -> {
      Connection connection = connector.open(purpose);
      return new BrokerSession(connector.topology(), connection, connection.createChannel());
    });
  }

  /** Such as {@code 3.13.7}. */
  public String brokerVersion() {
    return versionOf(connection);
  }

  static String versionOf(Connection connection) {
    Object version = connection.getServerProperties().get("version");
    return version == null ? UNKNOWN_VERSION : version.toString();
  }

  /** What {@link #declareTopology()} declares. */
  public Topology topology() {
    return topology;
  }

  /** Declares everything that is not there yet. */
  public void declareTopology() {
    asking(() -> {
      topology.declare(openChannel());
      return true;
    });
  }

  public QueueState queue(String name) {
    return asking(() -> {
      try {
        AMQP.Queue.DeclareOk ok = openChannel().queueDeclarePassive(name);
        return new QueueState(name, true, ok.getMessageCount(), ok.getConsumerCount());
      } catch (IOException e) {
        if (replyCode(e) == AMQP.NOT_FOUND) {
          return QueueState.missing(name);
        }
        throw e;
      }
    });
  }

  public boolean exchangeExists(String name) {
    return asking(() -> {
      try {
        openChannel().exchangeDeclarePassive(name);
        return true;
      } catch (IOException e) {
        if (replyCode(e) == AMQP.NOT_FOUND) {
          return false;
        }
        throw e;
      }
    });
  }

  /**
   * How an existing queue of {@link Topology} differs from what it should be, in the broker's
   * words; empty when it does not. Declares it when it is missing.
   */
  public Optional<String> differenceOf(String queue) {
    return asking(() -> {
      try {
        openChannel().queueDeclare(queue, true, false, false, topology.queues().get(queue));
        return Optional.empty();
      } catch (IOException e) {
        if (replyCode(e) == AMQP.PRECONDITION_FAILED) {
          return Optional.of(ConfirmedPublisher.reasonOf(e));
        }
        throw e;
      }
    });
  }

  /**
   * Takes the messages that lie in a queue now, one after the other, and puts back all that were
   * not settled. Nobody else sees a message while it is out.
   *
   * @param max most messages to look at
   * @param settled says of each, after whatever has to be done is done for good, whether it may be
   *     removed
   * @return how many were removed
   */
  public int lookThrough(String queue, int max, Predicate<Letter> settled) {
    int waiting = Math.min(max, queue(queue).ready());
    return asking(() -> {
      Channel reading = connection.createChannel();
      try {
        int removed = 0;
        long last = 0;
        for (int i = 0; i < waiting; i++) {
          GetResponse response = reading.basicGet(queue, false);
          if (response == null) {
            break;
          }
          long tag = response.getEnvelope().getDeliveryTag();
          if (settled.test(Letter.of(queue, response))) {
            reading.basicAck(tag, false);
            removed++;
          } else {
            last = tag;
          }
        }
        if (last > 0) {
          reading.basicNack(last, true, true);
        }
        return removed;
      } finally {
        if (reading.isOpen()) {
          reading.close();
        }
      }
    });
  }

  @Override
  public void close() {
    connection.abort((int) BrokerConnector.CONNECT_TIMEOUT.toMillis());
  }

  /** A question with the answer no closes its channel. */
  private Channel openChannel() throws IOException {
    if (!channel.isOpen()) {
      channel = connection.createChannel();
    }
    return channel;
  }

  /** Why the broker closed the channel; 0 when it did not. */
  static int replyCode(IOException e) {
    return e.getCause() instanceof ShutdownSignalException signal
            && signal.getReason() instanceof AMQP.Channel.Close close
        ? close.getReplyCode()
        : 0;
  }

  private interface Question<T> {
    T ask() throws IOException, TimeoutException;
  }

  private static <T> T asking(Question<T> question) {
    try {
      return question.ask();
    } catch (IOException | TimeoutException | ShutdownSignalException e) {
      throw new BrokerAwayException(e);
    }
  }
}
