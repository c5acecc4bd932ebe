package io.ktrdr.worker.runtime;

import io.ktrdr.protocol.EventHeader;
import io.ktrdr.protocol.MessageCodec;
import io.ktrdr.protocol.OperationEvent;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.Progress;
import io.ktrdr.protocol.WorkerId;
import io.ktrdr.protocol.amqp.ConfirmedPublisher;
import io.ktrdr.protocol.amqp.OutgoingMessage;
import io.ktrdr.protocol.amqp.PublishOutcome;
import io.ktrdr.protocol.amqp.Topology;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the events of one run, in order: started first, then at most four progress events a second
 * (the newest counts, what it overtook is dropped), then the end. {@link #report} never blocks and
 * never fails; a broker that is away costs progress, nothing else.
 *
 * <p>Thread-safe.
 */
final class EventSender implements AutoCloseable {

  /** Least time between two progress events of a run. */
  static final Duration PROGRESS_INTERVAL = Duration.ofMillis(250);

  private static final Duration RETRY_WAIT = Duration.ofMillis(500);
  private static final Logger LOG = LoggerFactory.getLogger(EventSender.class);

  private final ConfirmedPublisher publisher;
  private final MessageCodec codec;
  private final RunControl run;
  private final OperationType type;
  private final WorkerId workerId;
  private final InstantSource clock;
  private final Thread thread;
  private final Object sending = new Object();
  private long seq;
  private boolean startedSent;
  private volatile @Nullable Progress newest;
  private volatile boolean closed;

  EventSender(
      ConfirmedPublisher publisher,
      MessageCodec codec,
      RunControl run,
      OperationType type,
      WorkerId workerId,
      InstantSource clock) {
    this.publisher = publisher;
    this.codec = codec;
    this.run = run;
    this.type = type;
    this.workerId = workerId;
    this.clock = clock;
    this.thread =
        Thread.ofPlatform().daemon().name("events-" + run.operationId()).start(this::loop);
  }

  void report(Progress progress) {
    newest = progress;
  }

  /** The run's last event, numbered after everything sent so far. Progress ends with this call. */
  OperationEvent end(Function<EventHeader, OperationEvent> event) {
    close();
    synchronized (sending) {
      if (!startedSent) {
        // The end alone tells the API everything; only its order must be right.
        startedSent = true;
        seq++;
      }
      seq++;
      UUID eventId =
          UUID.nameUUIDFromBytes((run.runId() + ":end").getBytes(StandardCharsets.UTF_8));
      return event.apply(header(eventId));
    }
  }

  /**
   * Publishes an encoded event of any run until the broker has it.
   *
   * @throws InterruptedException when this process gives up waiting; whoever gets the operation's
   *     message next will publish it
   */
  static void publishUntilConfirmed(
      ConfirmedPublisher publisher, MessageCodec codec, byte[] encodedEvent)
      throws InterruptedException {
    OperationEvent event = codec.decodeEvent(encodedEvent);
    while (true) {
      PublishOutcome outcome = publisher.publish(List.of(message(event, encodedEvent))).getFirst();
      switch (outcome) {
        case PublishOutcome.Confirmed _ -> {
          return;
        }
        case PublishOutcome.Returned(String reason) -> LOG.warn("Event returned: {}", reason);
        case PublishOutcome.Failed(String reason) ->
            LOG.warn("Event not sent yet ({}); the run's outcome is safe in Postgres", reason);
      }
      TimeUnit.MILLISECONDS.sleep(RETRY_WAIT.toMillis());
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void loop() {
    Progress sent = null;
    try {
      while (!closed) {
        Progress progress = newest;
        if (!startedSent) {
          startedSent = send(OperationEvent.Started::new);
        } else if (progress != null && !progress.equals(sent)) {
          if (send(header -> new OperationEvent.Progressed(header, progress))) {
            sent = progress;
          }
        }
        TimeUnit.MILLISECONDS.sleep(PROGRESS_INTERVAL.toMillis());
      }
    } catch (InterruptedException e) {
      LOG.debug("Progress of {} ends", run.operationId());
    }
  }

  private boolean send(Function<EventHeader, OperationEvent> event) throws InterruptedException {
    synchronized (sending) {
      seq++;
      OperationEvent numbered = event.apply(header(UUID.randomUUID()));
      PublishOutcome outcome =
          publisher.publish(List.of(message(numbered, codec.encode(numbered)))).getFirst();
      return outcome instanceof PublishOutcome.Confirmed;
    }
  }

  private EventHeader header(UUID eventId) {
    return new EventHeader(
        eventId,
        run.operationId(),
        type,
        run.attempt(),
        run.runId(),
        seq,
        workerId,
        clock.instant());
  }

  private static OutgoingMessage message(OperationEvent event, byte[] body) {
    EventHeader header = event.header();
    return new OutgoingMessage(
        Topology.EVENTS_EXCHANGE,
        MessageCodec.typeOf(event),
        header.operationId().value(),
        Map.of(
            "attempt", header.attempt(),
            "run_id", header.runId().toString(),
            "worker_id", header.workerId().value()),
        body);
  }
}
