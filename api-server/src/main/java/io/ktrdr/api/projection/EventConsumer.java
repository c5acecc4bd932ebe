package io.ktrdr.api.projection;

import io.ktrdr.api.tracing.OperationTracing;
import io.ktrdr.protocol.MessageCodec;
import io.ktrdr.protocol.OperationEvent;
import io.ktrdr.protocol.UnreadableMessageException;
import io.ktrdr.protocol.amqp.BrokerConnector;
import io.ktrdr.protocol.amqp.ConfirmedPublisher;
import io.ktrdr.protocol.amqp.ConsumerProfile;
import io.ktrdr.protocol.amqp.Delivery;
import io.ktrdr.protocol.amqp.OutgoingMessage;
import io.ktrdr.protocol.amqp.PublishOutcome;
import io.ktrdr.protocol.amqp.QueueConsumer;
import io.ktrdr.protocol.amqp.Topology;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings events from the projection queue to the projector: as many as have arrived, in one
 * transaction, acknowledged after its commit. While the database is away the events stay with the
 * broker.
 */
public final class EventConsumer implements AutoCloseable {

  /** Most events in one transaction, and most unacknowledged ones. */
  static final int BATCH_MAX = 200;

  /** After a batch of so many the next one may gather: a commit more costs all of them. */
  private static final int FLOOD = 10;

  private static final Duration GATHER = Duration.ofMillis(10);
  private static final Duration DATABASE_RETRY_WAIT = Duration.ofSeconds(1);

  /** A database that answers may still refuse for a moment, on a connection that just broke. */
  private static final int REFUSALS_MAX = 3;

  private static final Duration POLL = Duration.ofMillis(500);
  private static final Logger LOG = LoggerFactory.getLogger(EventConsumer.class);

  private final Jdbi jdbi;
  private final BooleanSupplier databaseAnswers;
  private final EventProjector projector;
  private final MessageCodec codec;
  private final ConfirmedPublisher publisher;
  private final OperationTracing tracing;
  private final BlockingQueue<Delivery> arrived = new ArrayBlockingQueue<>(2 * BATCH_MAX);
  private final QueueConsumer consumer;
  private final Thread thread;
  private volatile boolean closed;

  public EventConsumer(
      Jdbi jdbi,
      BooleanSupplier databaseAnswers,
      EventProjector projector,
      MessageCodec codec,
      ConfirmedPublisher publisher,
      BrokerConnector broker,
      OperationTracing tracing) {
    this.jdbi = jdbi;
    this.databaseAnswers = databaseAnswers;
    this.projector = projector;
    this.codec = codec;
    this.publisher = publisher;
    this.tracing = tracing;
    this.consumer =
        new QueueConsumer(
            broker,
            () -> List.of(Topology.PROJECTION_QUEUE),
            ConsumerProfile.of("projection", BATCH_MAX),
            () -> true,
            this::accept);
    this.thread = Thread.ofPlatform().name("projection").unstarted(this::loop);
  }

  public void start() {
    thread.start();
    consumer.start();
  }

  /** True while the broker sends events here. */
  public boolean subscribed() {
    return consumer.subscribed();
  }

  @Override
  public void close() {
    closed = true;
    consumer.stopTaking();
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    consumer.close();
  }

  private void accept(Delivery delivery) {
    try {
      arrived.put(delivery);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      delivery.requeue();
    }
  }

  private record Decoded(Delivery delivery, OperationEvent event) {}

  private void loop() {
    List<Delivery> batch = new ArrayList<>();
    while (!closed) {
      try {
        Delivery first = arrived.poll(POLL.toMillis(), TimeUnit.MILLISECONDS);
        if (first == null) {
          continue;
        }
        batch.add(first);
        arrived.drainTo(batch, BATCH_MAX - 1);
        project(batch);
        if (batch.size() >= FLOOD && batch.size() < BATCH_MAX) {
          TimeUnit.MILLISECONDS.sleep(GATHER.toMillis());
        }
      } catch (InterruptedException e) {
        LOG.debug("Projection woken to stop");
      } finally {
        batch.clear();
      }
    }
  }

  private void project(List<Delivery> batch) throws InterruptedException {
    Instant begun = Instant.now();
    List<Decoded> decoded = new ArrayList<>(batch.size());
    for (Delivery delivery : batch) {
      try {
        decoded.add(new Decoded(delivery, codec.decodeEvent(delivery.body())));
      } catch (UnreadableMessageException e) {
        park(delivery, String.valueOf(e.getMessage()));
      }
    }
    try {
      List<OperationEvent> events = decoded.stream().map(Decoded::event).toList();
      jdbi.useTransaction(handle -> projector.applyAll(handle, events));
      // Taken in their order, by this thread alone: everything before them is settled.
      Delivery.ackThrough(decoded.stream().map(Decoded::delivery).toList());
      decoded.forEach(item -> applied(item, begun));
    } catch (RuntimeException e) {
      LOG.warn("{} events not applied yet: {}", decoded.size(), e.getMessage());
      projectOneByOne(decoded);
    }
  }

  private void applied(Decoded item, Instant begun) {
    tracing.applied(item.delivery().headers(), item.event(), begun);
  }

  /** One event that cannot be applied must not hold up the others for ever. */
  private void projectOneByOne(List<Decoded> events) throws InterruptedException {
    for (Decoded item : events) {
      int refusals = 0;
      Instant begun = Instant.now();
      while (!closed) {
        try {
          jdbi.useTransaction(handle -> projector.apply(handle, item.event()));
          item.delivery().ack();
          applied(item, begun);
          break;
        } catch (RuntimeException e) {
          if (databaseAnswers.getAsBoolean()
              && (!(e instanceof JdbiException) || ++refusals == REFUSALS_MAX)) {
            LOG.error("Event {} cannot be applied", item.event().header().eventId(), e);
            park(item.delivery(), "cannot be applied: " + e.getMessage());
            break;
          }
          LOG.warn("Database away or unwilling ({}); events wait", e.getMessage());
          TimeUnit.MILLISECONDS.sleep(DATABASE_RETRY_WAIT.toMillis());
        }
      }
    }
  }

  private void park(Delivery delivery, String reason) throws InterruptedException {
    String dead = Topology.deadLetterQueueOf(Topology.PROJECTION_QUEUE);
    LOG.error("Event moved to {}: {}", dead, reason);
    OutgoingMessage letter =
        new OutgoingMessage(
            Topology.DEAD_LETTER_EXCHANGE,
            Topology.PROJECTION_QUEUE,
            "unreadable",
            Map.of("reason", reason),
            delivery.body());
    if (publisher.publish(List.of(letter)).getFirst() instanceof PublishOutcome.Confirmed) {
      delivery.ack();
    } else {
      delivery.requeue();
    }
  }
}
