package io.ktrdr.protocol.amqp;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stays subscribed to one queue. A thread of its own connects, declares the topology, consumes, and
 * starts over whenever the connection, the channel or the subscription is lost, with a growing,
 * jittered wait. Asks the broker every few seconds whether it still knows of a consumer, so that
 * being connected without consuming does not last ten seconds. {@link #subscribed()} is the truth,
 * not a hope.
 *
 * <p>The listener is called on the client's thread, one delivery at a time, and must return
 * quickly; deliveries may be settled from any thread.
 *
 * <p>Thread-safe. {@link #close()} is idempotent and returns when the thread has ended.
 */
public final class QueueConsumer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(QueueConsumer.class);
  private static final Duration CHECK_INTERVAL = Duration.ofMillis(2_500);

  /** In a row; a busy broker may answer zero when it does not know. */
  private static final int CHECKS_WITHOUT_CONSUMER_MAX = 3;

  private static final Duration READY_INTERVAL = Duration.ofMillis(100);
  private static final Duration BACKOFF_FIRST = Duration.ofMillis(200);
  private static final Duration BACKOFF_MAX = Duration.ofSeconds(5);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

  private final BrokerConnector connector;
  private final String queue;
  private final String consumerTag;
  private final int prefetch;
  private final BooleanSupplier ready;
  private final Consumer<Delivery> listener;
  private final Thread supervisor;
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile @Nullable Subscription subscription;
  private volatile boolean taking = true;

  /**
   * @param consumerTag shown in the management UI: the worker's id
   * @param prefetch most unsettled deliveries at a time
   * @param ready asked before each subscription: while false, a lost subscription is not renewed,
   *     because a delivery could not be handled anyway
   */
  public QueueConsumer(
      BrokerConnector connector,
      String queue,
      String consumerTag,
      int prefetch,
      BooleanSupplier ready,
      Consumer<Delivery> listener) {
    this.connector = connector;
    this.queue = queue;
    this.consumerTag = consumerTag;
    this.prefetch = prefetch;
    this.ready = ready;
    this.listener = listener;
    this.supervisor = Thread.ofPlatform().name("consume-" + queue).unstarted(this::supervise);
  }

  /** Starts the supervisor; returns at once, subscribed or not. */
  public void start() {
    supervisor.start();
  }

  /** True while the broker sends this consumer deliveries. */
  public boolean subscribed() {
    Subscription current = subscription;
    return current != null && current.alive();
  }

  /** Takes no more deliveries; those in hand can still be settled. */
  public void stopTaking() {
    taking = false;
    Subscription current = subscription;
    if (current != null) {
      current.cancel();
    }
  }

  @Override
  public void close() {
    taking = false;
    closing.countDown();
    supervisor.interrupt();
    try {
      supervisor.join(CLOSE_TIMEOUT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void supervise() {
    Backoff backoff = new Backoff(BACKOFF_FIRST, BACKOFF_MAX);
    while (closing.getCount() > 0) {
      while (!ready.getAsBoolean()) {
        if (awaitClosing(READY_INTERVAL)) {
          return;
        }
      }
      try (Connection connection = connector.open("consume " + queue)) {
        Subscription current = new Subscription(connection);
        subscription = current;
        if (taking) {
          current.subscribe();
          LOG.info("Subscribed to {}", queue);
        }
        backoff.reset();
        current.awaitLoss();
      } catch (IOException | TimeoutException | ShutdownSignalException e) {
        LOG.warn(
            "Not subscribed to {}: {}; trying again soon", queue, ConfirmedPublisher.reasonOf(e));
      } catch (InterruptedException e) {
        return;
      } finally {
        subscription = null;
      }
      if (awaitClosing(backoff.next())) {
        return;
      }
    }
  }

  private boolean awaitClosing(Duration wait) {
    try {
      return closing.await(wait.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      return true;
    }
  }

  private final class Subscription {
    private final Channel channel;

    /** A failed question closes its channel, so it has one of its own. */
    private final Channel questions;

    private final String brokerVersion;
    private final CountDownLatch lost = new CountDownLatch(1);
    private int checksWithoutConsumer;
    private volatile boolean consuming;

    Subscription(Connection connection) throws IOException {
      this.channel = connection.createChannel();
      this.questions = connection.createChannel();
      this.brokerVersion = BrokerSession.versionOf(connection);
    }

    void subscribe() throws IOException {
      Topology.declare(channel);
      channel.basicQos(prefetch);
      channel.addShutdownListener(cause -> {
        ConsumerTimeout.of(cause)
            .ifPresent(timeout -> LOG.warn("{}", timeout.advice(queue, brokerVersion)));
        lost.countDown();
      });
      // Before consuming: the first delivery may arrive ahead of the answer.
      consuming = true;
      channel.basicConsume(queue, false, consumerTag, new Receiver(channel));
    }

    boolean alive() {
      return consuming && channel.isOpen();
    }

    void cancel() {
      consuming = false;
      try {
        channel.basicCancel(consumerTag);
      } catch (IOException | ShutdownSignalException e) {
        LOG.debug("Cancel of {} not delivered: {}", consumerTag, ConfirmedPublisher.reasonOf(e));
      }
    }

    /** Returns when there is nothing more to come from this subscription. */
    void awaitLoss() throws InterruptedException {
      while (channel.isOpen() && (consuming || !taking)) {
        if (lost.await(CHECK_INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
          break;
        }
        if (consuming && taking && !knownToBroker()) {
          break;
        }
      }
      consuming = false;
      LOG.warn("Subscription to {} ended", queue);
    }

    private boolean knownToBroker() {
      try {
        boolean consumed = questions.queueDeclarePassive(queue).getConsumerCount() > 0;
        checksWithoutConsumer = consumed ? 0 : checksWithoutConsumer + 1;
        if (checksWithoutConsumer < CHECKS_WITHOUT_CONSUMER_MAX) {
          return true;
        }
        LOG.warn("The broker knows of no consumer of {}", queue);
      } catch (IOException | ShutdownSignalException e) {
        LOG.warn("The broker no longer knows {}: {}", queue, ConfirmedPublisher.reasonOf(e));
      }
      return false;
    }

    /** Turns the client's callbacks into deliveries. */
    private final class Receiver extends DefaultConsumer {
      Receiver(Channel channel) {
        super(channel);
      }

      @Override
      public void handleDelivery(
          String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
        listener.accept(new Delivery(getChannel(), envelope.getDeliveryTag(), body));
      }

      @Override
      public void handleCancel(String tag) {
        LOG.warn(
            "RabbitMQ {} ended the subscription to {}: the queue was deleted, or (from 4.3 on) a"
                + " delivery was held for longer than consumer_timeout",
            brokerVersion,
            queue);
        consuming = false;
        lost.countDown();
      }
    }
  }
}
