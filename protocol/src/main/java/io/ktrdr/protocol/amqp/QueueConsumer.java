package io.ktrdr.protocol.amqp;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stays subscribed to the queues it should be. A thread of its own connects, ensures the topology,
 * consumes, and starts over whenever the connection, the channel or a subscription is lost, with a
 * growing, jittered wait. Asks the broker every few seconds whether it still knows of a consumer,
 * so that being connected without consuming does not last ten seconds. {@link #subscribed()} is the
 * truth, not a hope.
 *
 * <p>With several queues, a delivery from one ends the subscription to all until the listener is
 * ready again: each would otherwise hand over a delivery of its own. They are then asked in their
 * order, so that an earlier queue goes first.
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

  /** How long a queue has to hand something over before the next one is asked. */
  private static final Duration FIRST_DELIVERY_WAIT = Duration.ofMillis(50);

  private static final Duration BACKOFF_FIRST = Duration.ofMillis(200);
  private static final Duration BACKOFF_MAX = Duration.ofSeconds(5);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

  private final BrokerConnector connector;
  private final Supplier<List<String>> queues;
  private final ConsumerProfile profile;
  private final BooleanSupplier ready;
  private final Consumer<Delivery> listener;
  private final Thread supervisor;
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile @Nullable Subscription subscription;
  private volatile boolean taking = true;

  /**
   * @param queues what to be subscribed to, first those that go first; asked every few seconds, and
   *     empty for nothing at all
   * @param ready asked before each subscription: while false, a lost subscription is not renewed,
   *     because a delivery could not be handled anyway
   */
  public QueueConsumer(
      BrokerConnector connector,
      Supplier<List<String>> queues,
      ConsumerProfile profile,
      BooleanSupplier ready,
      Consumer<Delivery> listener) {
    this.connector = connector;
    this.queues = queues;
    this.profile = profile;
    this.ready = ready;
    this.listener = listener;
    this.supervisor =
        Thread.ofPlatform().name("consume-" + profile.consumerTag()).unstarted(this::supervise);
  }

  /** Starts the supervisor; returns at once, subscribed or not. */
  public void start() {
    supervisor.start();
  }

  /**
   * True while the broker sends this consumer deliveries, or would if it had not one in hand
   * already.
   */
  public boolean subscribed() {
    Subscription current = subscription;
    return current != null && current.alive();
  }

  /** The queues that send deliveries right now. */
  public List<String> subscribedQueues() {
    Subscription current = subscription;
    return current == null ? List.of() : current.consumed();
  }

  /** Takes no more deliveries; those in hand can still be settled. */
  public void stopTaking() {
    taking = false;
    Subscription current = subscription;
    if (current != null) {
      current.cancelAll();
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
      try (Connection connection = connector.open("consume")) {
        Subscription current = new Subscription(connection);
        subscription = current;
        current.serve(backoff);
      } catch (IOException | TimeoutException | ShutdownSignalException e) {
        LOG.warn(
            "Not subscribed to {}: {}; trying again soon", names(), ConfirmedPublisher.reasonOf(e));
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

  private String names() {
    return String.join(", ", queues.get());
  }

  private boolean awaitClosing(Duration wait) {
    try {
      return closing.await(wait.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      return true;
    }
  }

  /** One connection, and what is consumed over it. */
  private final class Subscription {
    private final Channel channel;

    /** A failed question closes its channel, so it has one of its own. */
    private final Channel questions;

    private final String brokerVersion;

    /** A permit for whatever the supervisor should look at before its next check. */
    private final Semaphore events = new Semaphore(0);

    private volatile boolean lost;
    private final ReentrantLock changing = new ReentrantLock();
    private final Condition handedOver = changing.newCondition();
    private int checksWithoutConsumer;

    /** Consumer tags by queue. Guarded by {@link #changing}. */
    private final Map<String, String> tags = new LinkedHashMap<>();

    /** The queues of {@link #tags}, in the order they were wished for. */
    private volatile List<String> consumed = List.of();

    private Set<String> declared = Set.of();

    /** A delivery is in hand, and the subscriptions wait for its end. */
    private volatile boolean resting;

    Subscription(Connection connection) throws IOException {
      this.channel = connection.createChannel();
      this.questions = connection.createChannel();
      this.brokerVersion = BrokerSession.versionOf(connection);
      channel.basicQos(profile.prefetch());
      channel.addShutdownListener(cause -> {
        ConsumerTimeout.of(cause)
            .ifPresent(timeout -> LOG.warn("{}", timeout.advice(names(), brokerVersion)));
        lose();
      });
    }

    boolean alive() {
      return channel.isOpen() && taking && (resting || !consumed.isEmpty());
    }

    List<String> consumed() {
      return channel.isOpen() ? consumed : List.of();
    }

    /** Returns when there is nothing more to come from this connection. */
    void serve(Backoff backoff) throws IOException, InterruptedException {
      boolean isLost = false;
      while (!isLost) {
        List<String> wanted = taking ? queues.get() : List.of();
        if (resting || !wanted.equals(consumed)) {
          change(wanted);
          backoff.reset();
        }
        boolean settled = wanted.equals(consumed);
        boolean woken =
            events.tryAcquire(
                (settled ? CHECK_INTERVAL : READY_INTERVAL).toMillis(), TimeUnit.MILLISECONDS);
        isLost = lost || !channel.isOpen() || (settled && !woken && !knownToBroker());
      }
      LOG.warn("Subscription to {} ended", names());
    }

    private void change(List<String> wanted) throws IOException, InterruptedException {
      if (!consumed.isEmpty()) {
        cancelAll();
      }
      boolean free = ready.getAsBoolean();
      resting = !free && !wanted.isEmpty();
      if (!free || wanted.isEmpty()) {
        return;
      }
      if (!declared.containsAll(wanted)) {
        connector.topology().ensure(channel);
        declared = Set.copyOf(wanted);
      }
      changing.lock();
      try {
        for (String queue : wanted) {
          if (!resting && taking) {
            subscribe(queue, wanted);
          }
        }
      } finally {
        changing.unlock();
      }
    }

    private void subscribe(String queue, List<String> wanted)
        throws IOException, InterruptedException {
      boolean alone = wanted.size() == 1;
      String tag = alone ? profile.consumerTag() : profile.consumerTag() + " " + queue;
      // Before consuming: the first delivery may arrive ahead of the answer.
      tags.put(queue, tag);
      consumed = wanted.stream().filter(tags::containsKey).toList();
      channel.basicConsume(
          queue, false, tag, false, false, profile.arguments(), new Receiver(channel, alone));
      LOG.info("Subscribed to {}", queue);
      if (!queue.equals(wanted.getLast())) {
        long left = FIRST_DELIVERY_WAIT.toNanos();
        while (!resting && left > 0) {
          left = handedOver.awaitNanos(left);
        }
      }
    }

    /** Ends all subscriptions; deliveries in hand stay so. */
    void cancelAll() {
      changing.lock();
      try {
        for (String tag : tags.values()) {
          channel.basicCancel(tag);
        }
      } catch (IOException | ShutdownSignalException e) {
        LOG.debug("Not cancelled: {}", ConfirmedPublisher.reasonOf(e));
      } finally {
        tags.clear();
        consumed = List.of();
        changing.unlock();
      }
    }

    /** One of several queues has handed something over: the others must not. */
    private void rest() {
      changing.lock();
      try {
        resting = true;
        cancelAll();
        handedOver.signalAll();
        events.release();
      } finally {
        changing.unlock();
      }
    }

    private void lose() {
      lost = true;
      events.release();
    }

    private boolean knownToBroker() {
      for (String queue : consumed) {
        try {
          boolean known = questions.queueDeclarePassive(queue).getConsumerCount() > 0;
          checksWithoutConsumer = known ? 0 : checksWithoutConsumer + 1;
          if (checksWithoutConsumer >= CHECKS_WITHOUT_CONSUMER_MAX) {
            LOG.warn("The broker knows of no consumer of {}", queue);
            return false;
          }
        } catch (IOException | ShutdownSignalException e) {
          LOG.warn("The broker no longer knows {}: {}", queue, ConfirmedPublisher.reasonOf(e));
          return false;
        }
      }
      return true;
    }

    /** Turns the client's callbacks into deliveries. */
    private final class Receiver extends DefaultConsumer {
      private final boolean alone;

      Receiver(Channel channel, boolean alone) {
        super(channel);
        this.alone = alone;
      }

      @Override
      public void handleDelivery(
          String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
        Map<String, Object> headers = properties.getHeaders();
        listener.accept(
            new Delivery(
                getChannel(),
                envelope.getDeliveryTag(),
                headers == null ? Map.of() : headers,
                body));
        if (!alone) {
          rest();
        }
      }

      @Override
      public void handleCancel(String tag) {
        LOG.warn(
            "RabbitMQ {} ended the subscription '{}': the queue was deleted, or (from 4.3 on) a"
                + " delivery was held for longer than consumer_timeout",
            brokerVersion,
            tag);
        lose();
      }
    }
  }
}
