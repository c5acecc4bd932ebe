package io.ktrdr.api.outbox;

import io.ktrdr.protocol.amqp.ConfirmedPublisher;
import io.ktrdr.protocol.amqp.OutgoingMessage;
import io.ktrdr.protocol.amqp.PublishOutcome;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings waiting messages to the broker, oldest first, in batches. A message is marked published
 * only after the broker confirmed it; dying in between publishes it twice, which the workers' claim
 * makes harmless. Woken right after a commit, and looks by itself as the net.
 */
public final class OutboxRelay implements AutoCloseable {

  private static final Duration POLL_INTERVAL = Duration.ofMillis(500);
  private static final Duration FAILURE_WAIT = Duration.ofSeconds(1);
  private static final Logger LOG = LoggerFactory.getLogger(OutboxRelay.class);

  private final Jdbi jdbi;
  private final OutboxStore outbox;
  private final ConfirmedPublisher publisher;
  private final Semaphore hints = new Semaphore(0);
  private final Thread thread;
  private volatile boolean closed;

  public OutboxRelay(Jdbi jdbi, OutboxStore outbox, ConfirmedPublisher publisher) {
    this.jdbi = jdbi;
    this.outbox = outbox;
    this.publisher = publisher;
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
    ALL_PUBLISHED,
    SOME_FAILED
  }

  private void loop() {
    while (!closed) {
      try {
        switch (relayBatch()) {
          case ALL_PUBLISHED -> {}
          case NOTHING_WAITED -> {
            boolean hinted = hints.tryAcquire(POLL_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
            LOG.trace("Woken by {}", hinted ? "a commit" : "the poll");
            hints.drainPermits();
          }
          case SOME_FAILED -> TimeUnit.MILLISECONDS.sleep(FAILURE_WAIT.toMillis());
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

  private Batch relayBatch() throws InterruptedException {
    return jdbi.inTransaction(handle -> {
      List<OutboxStore.Waiting> waiting = outbox.lockWaiting(handle, ConfirmedPublisher.BATCH_MAX);
      if (waiting.isEmpty()) {
        return Batch.NOTHING_WAITED;
      }
      List<PublishOutcome> outcomes =
          publisher.publish(waiting.stream().map(OutboxRelay::message).toList());
      List<Long> published = new ArrayList<>();
      List<String> operations = new ArrayList<>();
      for (int i = 0; i < waiting.size(); i++) {
        OutboxStore.Waiting message = waiting.get(i);
        switch (outcomes.get(i)) {
          case PublishOutcome.Confirmed _ -> {
            published.add(message.id());
            operations.add(message.operationId());
          }
          case PublishOutcome.Returned(String reason) -> {
            LOG.error("No queue took {}: {}", message.operationId(), reason);
            outbox.markFailed(handle, message.id(), reason);
          }
          case PublishOutcome.Failed(String reason) ->
              outbox.markFailed(handle, message.id(), reason);
        }
      }
      outbox.markPublished(handle, published, operations);
      if (published.size() < waiting.size()) {
        LOG.warn(
            "{} of {} messages wait for the broker",
            waiting.size() - published.size(),
            waiting.size());
        return Batch.SOME_FAILED;
      }
      return Batch.ALL_PUBLISHED;
    });
  }

  private static OutgoingMessage message(OutboxStore.Waiting waiting) {
    return new OutgoingMessage(
        waiting.exchange(),
        waiting.routingKey(),
        waiting.operationId(),
        Map.of(),
        waiting.body().getBytes(StandardCharsets.UTF_8));
  }
}
