package io.ktrdr.api.outbox;

import io.ktrdr.api.tracing.OperationTracing;
import io.ktrdr.protocol.MessageCodec;
import io.ktrdr.protocol.amqp.ConfirmedPublisher;
import io.ktrdr.protocol.amqp.OutgoingMessage;
import io.ktrdr.protocol.amqp.PublishOutcome;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings due messages to the broker, oldest first, in batches. A message is marked published only
 * after the broker confirmed it; dying in between publishes it twice, which the workers' claim
 * makes harmless. Woken right after a commit, and looks by itself as the net. Relays of several
 * processes share the work: a message that one has in hand the others pass over.
 *
 * <p>When nothing of a batch gets through although the broker is there, the next one is a single
 * message: one that the broker does not take is thereby found, put off, and holds up no other.
 */
public final class OutboxRelay implements AutoCloseable {

  private static final Duration POLL_INTERVAL = Duration.ofMillis(500);
  private static final Duration FAILURE_WAIT = Duration.ofSeconds(1);

  /** After a batch of so many the next one may gather: a commit more costs all of them. */
  private static final int FLOOD = 10;

  private static final Duration GATHER = Duration.ofMillis(5);
  private static final Logger LOG = LoggerFactory.getLogger(OutboxRelay.class);

  private final Jdbi jdbi;
  private final OutboxStore outbox;
  private final ConfirmedPublisher publisher;
  private final OperationTracing tracing;
  private final Semaphore hints = new Semaphore(0);
  private final Thread thread;
  private int batchSize = ConfirmedPublisher.BATCH_MAX;
  private boolean waitLogged;
  private volatile boolean closed;

  public OutboxRelay(
      Jdbi jdbi, OutboxStore outbox, ConfirmedPublisher publisher, OperationTracing tracing) {
    this.jdbi = jdbi;
    this.outbox = outbox;
    this.publisher = publisher;
    this.tracing = tracing;
    this.thread = Thread.ofPlatform().name("outbox-relay").unstarted(this::loop);
  }

  public void start() {
    thread.start();
  }

  /** Something was committed to the outbox. Never blocks. */
  public void wake() {
    hints.release();
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What a batch came to. */
  private enum Batch {
    NOTHING_WAITED,
    DONE,
    /** Done, and there will be more at once. */
    FLOOD,
    NOT_DONE
  }

  private void loop() {
    while (!closed) {
      try {
        switch (brokerTakes() ? relayBatch() : Batch.NOTHING_WAITED) {
          case DONE -> {}
          case FLOOD -> TimeUnit.MILLISECONDS.sleep(GATHER.toMillis());
          case NOTHING_WAITED -> {
            boolean hinted = hints.tryAcquire(POLL_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
            LOG.trace("Woken by {}", hinted ? "a commit" : "the poll");
            hints.drainPermits();
          }
          case NOT_DONE -> TimeUnit.MILLISECONDS.sleep(POLL_INTERVAL.toMillis());
        }
      } catch (InterruptedException e) {
        LOG.debug("Relay woken to stop");
      } catch (JdbiException e) {
        LOG.warn("Outbox not reachable ({}); trying again", e.getMessage());
        pauseAfterFailure();
      } catch (RuntimeException e) {
        LOG.error("Outbox not relayed; trying again", e);
        pauseAfterFailure();
      }
    }
  }

  private void pauseAfterFailure() {
    try {
      TimeUnit.MILLISECONDS.sleep(FAILURE_WAIT.toMillis());
    } catch (InterruptedException e) {
      LOG.debug("Relay woken to stop");
    }
  }

  /** No row is locked, and none is written to each time, for a broker that takes nothing. */
  private boolean brokerTakes() throws InterruptedException {
    boolean connected = publisher.connect();
    Optional<String> blocked = publisher.blockedReason();
    if (connected && blocked.isEmpty()) {
      waitLogged = false;
      return true;
    }
    String reason = blocked.map(why -> "broker blocks publishers: " + why).orElse("broker away");
    if (!waitLogged) {
      LOG.warn("Messages wait in the outbox: {}", reason);
      waitLogged = true;
    }
    jdbi.useTransaction(handle -> outbox.noteOldestWaits(handle, reason));
    return false;
  }

  private Batch relayBatch() throws InterruptedException {
    return jdbi.inTransaction(handle -> {
      List<OutboxStore.Waiting> waiting = outbox.lockWaiting(handle, batchSize);
      if (waiting.isEmpty()) {
        return Batch.NOTHING_WAITED;
      }
      OperationTracing.Sending sending =
          tracing.sending(waiting.stream().map(OutboxRelay::message).toList());
      List<PublishOutcome> outcomes = publisher.publish(sending.messages());
      sending.ended(outcomes);
      List<Long> published = new ArrayList<>();
      List<OutboxStore.Waiting> refused = new ArrayList<>();
      boolean linkHeld = publisher.connected();
      String reason = "";
      for (int i = 0; i < waiting.size(); i++) {
        switch (outcomes.get(i)) {
          case PublishOutcome.Confirmed _ -> published.add(waiting.get(i).id());
          case PublishOutcome.Returned(String why) -> {
            reason = "no queue took it: " + why;
            refused.add(waiting.get(i));
          }
          case PublishOutcome.Failed(String why) -> {
            reason = why;
            refused.add(waiting.get(i));
          }
        }
      }
      if (!published.isEmpty()) {
        outbox.markPublished(handle, published);
      }
      return judge(handle, waiting.size(), refused, linkHeld, reason);
    });
  }

  private Batch judge(
      Handle handle, int size, List<OutboxStore.Waiting> refused, boolean linkHeld, String reason)
      throws InterruptedException {
    if (refused.isEmpty()) {
      batchSize = Math.min(2 * batchSize, ConfirmedPublisher.BATCH_MAX);
      return size >= FLOOD && size < batchSize ? Batch.FLOOD : Batch.DONE;
    }
    LOG.warn("{} of {} messages not published: {}", refused.size(), size, reason);
    if (publisher.blockedReason().isPresent()) {
      return Batch.NOT_DONE;
    }
    boolean brokerThere = linkHeld || publisher.connect();
    // A broken link says nothing about the messages, unless there was only one.
    if (linkHeld || (size == 1 && brokerThere)) {
      for (OutboxStore.Waiting message : refused) {
        LOG.error("Message of {} put off: {}", message.operationId(), reason);
        outbox.postpone(handle, message.id(), reason);
      }
      return Batch.DONE;
    }
    batchSize = 1;
    return brokerThere ? Batch.DONE : Batch.NOT_DONE;
  }

  /** Its headers are for people who look into a queue; which attempt it is, the claim decides. */
  private static OutgoingMessage message(OutboxStore.Waiting waiting) {
    Map<String, Object> headers = new HashMap<>(waiting.headers());
    headers.put("operation", waiting.operationId());
    headers.put("type", MessageCodec.RUN);
    return new OutgoingMessage(
        waiting.exchange(),
        waiting.routingKey(),
        waiting.operationId(),
        headers,
        waiting.body().getBytes(StandardCharsets.UTF_8));
  }
}
