package io.ktrdr.protocol.amqp;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import io.ktrdr.protocol.tls.Trust;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes batches with publisher confirms and the mandatory flag, over a connection of its own so
 * that a blocked publisher never holds up acknowledgements. Connects when first needed and again
 * after a loss or a refusal, waiting a little longer after each failure, during which publishing
 * fails at once; declares the topology each time, and once more when a message is returned.
 *
 * <p>Thread-safe; one batch at a time.
 */
public final class ConfirmedPublisher implements BrokerView, AutoCloseable {

  /** Most messages in flight, and so the largest batch. */
  public static final int BATCH_MAX = 200;

  /** How long a batch may take to be confirmed. */
  public static final Duration CONFIRM_TIMEOUT = Duration.ofSeconds(5);

  private static final Duration BACKOFF_FIRST = Duration.ofMillis(200);
  private static final Duration BACKOFF_MAX = Duration.ofSeconds(2);
  private static final String TAG_HEADER = "x-publish-tag";
  private static final PublishOutcome REFUSED = new PublishOutcome.Failed("broker refused (nack)");
  private static final Logger LOG = LoggerFactory.getLogger(ConfirmedPublisher.class);

  private final BrokerConnector connector;
  private final ReentrantLock batchLock = new ReentrantLock();
  private final Backoff backoff = new Backoff(BACKOFF_FIRST, BACKOFF_MAX);
  private volatile @Nullable Link link;
  private volatile @Nullable String blockedReason;
  private volatile @Nullable Instant awaySince = Instant.now();
  private volatile boolean closed;

  /** Guarded by {@link #batchLock}: no connection is tried before, in {@link System#nanoTime()}. */
  private long nextTry = System.nanoTime();

  public ConfirmedPublisher(BrokerConnector connector) {
    this.connector = connector;
  }

  @Override
  public boolean connected() {
    Link current = link;
    return current != null && current.channel.isOpen();
  }

  @Override
  public Optional<String> blockedReason() {
    return Optional.ofNullable(blockedReason);
  }

  @Override
  public Optional<Instant> awaySince() {
    return connected() ? Optional.empty() : Optional.ofNullable(awaySince);
  }

  /**
   * Connects if need be, so that a broker that went away is noticed, and found again, without a
   * message to send.
   *
   * @return whether there is a connection now
   * @throws InterruptedException when interrupted while another batch is on its way
   */
  public boolean connect() throws InterruptedException {
    batchLock.lockInterruptibly();
    try {
      return openLink().channel.isOpen();
    } catch (IOException | TimeoutException | ShutdownSignalException e) {
      dropLink();
      return false;
    } finally {
      batchLock.unlock();
    }
  }

  /**
   * Publishes and waits for the outcome of each, in order. Never throws for a broker that is away:
   * that is {@link PublishOutcome.Failed}.
   *
   * @param messages at most {@link #BATCH_MAX}
   * @throws InterruptedException when interrupted while waiting; outcomes are then unknown
   */
  public List<PublishOutcome> publish(List<OutgoingMessage> messages) throws InterruptedException {
    if (messages.size() > BATCH_MAX) {
      throw new IllegalArgumentException("batch of %d".formatted(messages.size()));
    }
    if (messages.isEmpty()) {
      return List.of();
    }
    batchLock.lockInterruptibly();
    try {
      String blocked = blockedReason;
      if (blocked != null) {
        return failed(messages, "broker blocks publishers: " + blocked);
      }
      Link open = openLink();
      if (open.isNewRouteAmong(messages)) {
        open.declareTopology();
      }
      List<PublishOutcome> outcomes = open.publish(messages);
      if (outcomes.stream().anyMatch(PublishOutcome.Returned.class::isInstance)) {
        open.declareTopology();
      }
      if (outcomes.contains(REFUSED)) {
        // The broker's side of a channel may have lost a queue's leader for good: it then refuses
        // everything, while a new one is served.
        dropLink();
      }
      return outcomes;
    } catch (IOException | TimeoutException | ShutdownSignalException e) {
      dropLink();
      return failed(messages, "broker away: " + reasonOf(e));
    } catch (IllegalArgumentException e) {
      // Some message cannot be encoded, and the channel has counted it although it was not sent.
      dropLink();
      return failed(messages, "cannot be sent: " + reasonOf(e));
    } finally {
      batchLock.unlock();
    }
  }

  @Override
  public void close() {
    closed = true;
    batchLock.lock();
    try {
      dropLink();
    } finally {
      batchLock.unlock();
    }
  }

  private Link openLink() throws IOException, TimeoutException {
    if (closed) {
      throw new IOException("publisher is closed");
    }
    Link current = link;
    if (current != null && current.channel.isOpen()) {
      return current;
    }
    dropLink();
    if (System.nanoTime() - nextTry < 0) {
      throw new IOException("no connection; trying again soon");
    }
    try {
      Link fresh = new Link(connector.open("publish"));
      link = fresh;
      fresh.declareTopology();
      backoff.reset();
      awaySince = null;
      return fresh;
    } catch (IOException | TimeoutException | ShutdownSignalException e) {
      nextTry = System.nanoTime() + backoff.next().toNanos();
      throw e;
    }
  }

  private void dropLink() {
    Link current = link;
    link = null;
    blockedReason = null;
    noteAway();
    if (current != null) {
      current.connection.abort((int) BrokerConnector.CONNECT_TIMEOUT.toMillis());
    }
  }

  private void noteAway() {
    if (awaySince == null) {
      awaySince = Instant.now();
    }
  }

  private static List<PublishOutcome> failed(List<OutgoingMessage> messages, String reason) {
    return Collections.nCopies(messages.size(), new PublishOutcome.Failed(reason));
  }

  static String reasonOf(Exception e) {
    Optional<String> complaint = Trust.complaint(e);
    if (complaint.isPresent()) {
      return complaint.get();
    }
    String message = e.getMessage();
    if (message == null && e.getCause() instanceof ShutdownSignalException signal) {
      return signal.getReason() instanceof AMQP.Channel.Close close
          ? close.getReplyText()
          : String.valueOf(signal.getMessage());
    }
    return message == null ? e.getClass().getSimpleName() : message;
  }

  /** One connection and its channel, with the confirms that are still to come. */
  private final class Link {
    private final Connection connection;
    private final Channel channel;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final NavigableMap<Long, PublishOutcome> outcomes = new TreeMap<>();
    private final Set<Long> pending = new TreeSet<>();
    private Set<String> declared = Set.of();

    Link(Connection connection) throws IOException {
      this.connection = connection;
      this.channel = connection.createChannel();
      connection.addBlockedListener(
          reason -> {
            LOG.warn("Broker blocks publishers: {}; messages wait where they are", reason);
            blockedReason = reason;
            signal();
          },
          () -> {
            LOG.info("Broker takes messages again");
            blockedReason = null;
          });
      channel.confirmSelect();
      channel.addConfirmListener(
          (tag, multiple) -> settle(tag, multiple, new PublishOutcome.Confirmed()),
          (tag, multiple) -> settle(tag, multiple, REFUSED));
      channel.addReturnListener(returned -> {
        Object tag = returned.getProperties().getHeaders().get(TAG_HEADER);
        if (tag instanceof Long number) {
          markReturned(number, returned.getReplyText());
        }
      });
      channel.addShutdownListener(_ -> {
        noteAway();
        signal();
      });
    }

    void declareTopology() throws IOException {
      Set<String> known = Set.copyOf(connector.topology().routes());
      connector.topology().ensure(channel);
      declared = known;
    }

    /** The first operation with a demand brings its queue with it. */
    boolean isNewRouteAmong(List<OutgoingMessage> messages) {
      boolean isNew = false;
      for (OutgoingMessage message : messages) {
        String route = message.routingKey();
        if (message.exchange().equals(Topology.OPERATIONS_EXCHANGE)
            && !declared.contains(route)
            && connector.topology().isRoute(route)) {
          boolean _ = connector.topology().add(route);
          isNew = true;
        }
      }
      return isNew;
    }

    List<PublishOutcome> publish(List<OutgoingMessage> messages)
        throws IOException, InterruptedException {
      forgetEarlierBatch();
      List<Long> tags = new ArrayList<>(messages.size());
      for (OutgoingMessage message : messages) {
        long tag = channel.getNextPublishSeqNo();
        lock.lock();
        try {
          pending.add(tag);
        } finally {
          lock.unlock();
        }
        tags.add(tag);
        Map<String, Object> headers = new HashMap<>(message.headers());
        headers.put(TAG_HEADER, tag);
        AMQP.BasicProperties properties =
            new AMQP.BasicProperties.Builder()
                .contentType("application/json")
                .deliveryMode(2)
                .messageId(message.messageId())
                .headers(headers)
                .build();
        channel.basicPublish(
            message.exchange(), message.routingKey(), true, properties, message.body());
      }
      return await(tags);
    }

    /** What an interrupted batch left behind. */
    private void forgetEarlierBatch() {
      lock.lock();
      try {
        pending.clear();
        outcomes.clear();
      } finally {
        lock.unlock();
      }
    }

    private List<PublishOutcome> await(List<Long> tags) throws IOException, InterruptedException {
      long left = CONFIRM_TIMEOUT.toNanos();
      lock.lockInterruptibly();
      try {
        while (!pending.isEmpty() && channel.isOpen() && blockedReason == null && left > 0) {
          left = changed.awaitNanos(left);
        }
        String blocked = blockedReason;
        List<PublishOutcome> result = new ArrayList<>(tags.size());
        for (Long tag : tags) {
          PublishOutcome outcome = outcomes.remove(tag);
          result.add(
              outcome != null
                  ? outcome
                  : new PublishOutcome.Failed(
                      blocked == null
                          ? "no confirm from the broker"
                          : "broker blocks publishers: " + blocked));
        }
        // A blocked connection is well: the broker will say when it takes messages again.
        if (!pending.isEmpty() && blocked == null) {
          dropLink();
        }
        pending.clear();
        return result;
      } finally {
        lock.unlock();
      }
    }

    private void settle(long tag, boolean multiple, PublishOutcome outcome) {
      lock.lock();
      try {
        List<Long> settled =
            multiple
                ? pending.stream().filter(t -> t <= tag).toList()
                : pending.contains(tag) ? List.of(tag) : List.of();
        for (Long t : settled) {
          pending.remove(t);
          outcomes.putIfAbsent(t, outcome);
        }
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }

    /** A return comes before its confirm, so it is what counts. */
    private void markReturned(long tag, String reason) {
      lock.lock();
      try {
        if (pending.contains(tag)) {
          outcomes.put(tag, new PublishOutcome.Returned(reason));
        }
      } finally {
        lock.unlock();
      }
    }

    private void signal() {
      lock.lock();
      try {
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }
}
