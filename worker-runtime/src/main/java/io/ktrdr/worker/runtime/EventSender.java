package io.ktrdr.worker.runtime;

import io.ktrdr.protocol.MessageCodec;
import io.ktrdr.protocol.OperationEvent;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.WorkerId;
import io.ktrdr.protocol.amqp.ConfirmedPublisher;
import io.ktrdr.protocol.amqp.OutgoingMessage;
import io.ktrdr.protocol.amqp.PublishOutcome;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends what runs have to say: that one began, then at most four progress events a second (the
 * newest counts, what it overtook is dropped), from one thread a worker lives as long as; and the
 * end, from the caller's. A broker that is away costs progress, nothing else.
 *
 * <p>A run that ends within {@link #TICK} sends its end only: it says everything.
 *
 * <p>Thread-safe; one run at a time.
 */
final class EventSender implements AutoCloseable {

  /** How often the thread looks for something to send while a run goes on. */
  static final Duration TICK = Duration.ofMillis(20);

  /** Least time between two progress events of a run. */
  static final Duration PROGRESS_INTERVAL = Duration.ofMillis(250);

  /** Wait after something could not be sent. */
  private static final Duration RETRY_WAIT = Duration.ofMillis(500);

  private static final Logger LOG = LoggerFactory.getLogger(EventSender.class);

  private final ConfirmedPublisher publisher;
  private final MessageCodec codec;
  private final OperationType type;
  private final WorkerId workerId;
  private final InstantSource clock;
  private final Thread thread;
  private final LongAdder overtaken = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private volatile boolean endWaits;
  private volatile @Nullable RunEvents current;
  private volatile boolean idle;
  private volatile boolean closed;

  EventSender(
      ConfirmedPublisher publisher,
      MessageCodec codec,
      OperationType type,
      WorkerId workerId,
      InstantSource clock) {
    this.publisher = publisher;
    this.codec = codec;
    this.type = type;
    this.workerId = workerId;
    this.clock = clock;
    this.thread = Thread.ofPlatform().daemon().name("events").unstarted(this::loop);
  }

  void start() {
    thread.start();
  }

  /** The events of a run that begins now; it is the one whose progress is sent. */
  RunEvents begin(RunControl run) {
    RunEvents events = new RunEvents(run, type, workerId, clock, overtaken);
    current = events;
    if (idle) {
      LockSupport.unpark(thread);
    }
    return events;
  }

  /** Progress that was never sent, because newer came first. */
  long overtaken() {
    return overtaken.sum();
  }

  /** How often the broker did not take an event. */
  long refused() {
    return refused.sum();
  }

  /** True while an end was refused and is tried again. */
  boolean endWaits() {
    return endWaits;
  }

  /** Sends nothing more of the current run by itself. */
  void quiet() {
    current = null;
  }

  /**
   * Publishes an end, of any run, until the broker has it.
   *
   * @param trace headers that say where in its trace it is
   * @return false when the broker did not take it within the limit
   * @throws InterruptedException when this process gives up waiting; whoever gets the operation's
   *     message next will publish it
   */
  boolean publishEnd(
      OperationEvent event, byte[] encoded, Map<String, Object> trace, Duration limit)
      throws InterruptedException {
    try {
      return tryPublishing(RunEvents.message(event, encoded, trace), limit);
    } finally {
      endWaits = false;
    }
  }

  private boolean tryPublishing(OutgoingMessage message, Duration limit)
      throws InterruptedException {
    long begun = System.nanoTime();
    do {
      switch (publisher.publish(List.of(message)).getFirst()) {
        case PublishOutcome.Confirmed _ -> {
          return true;
        }
        case PublishOutcome.Returned(String reason) -> LOG.warn("Event returned: {}", reason);
        case PublishOutcome.Failed(String reason) ->
            LOG.warn("Event not sent yet ({}); the run's outcome is safe in Postgres", reason);
      }
      refused.increment();
      endWaits = true;
      TimeUnit.MILLISECONDS.sleep(RETRY_WAIT.toMillis());
    } while (System.nanoTime() - begun < limit.toNanos());
    return false;
  }

  /** Interrupts what is being sent. */
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

  private void loop() {
    try {
      while (!closed) {
        RunEvents events = current;
        if (events == null) {
          idle = true;
          // Asked again: a run that began meanwhile did not see that it must wake this thread.
          if (current == null && !closed) {
            LockSupport.park(this);
          }
          idle = false;
        } else {
          LockSupport.parkNanos(this, TICK.toNanos());
          if (events == current) {
            sendDue(events);
          }
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("Progress is no longer sent");
    }
  }

  private void sendDue(RunEvents events) throws InterruptedException {
    RunEvents.Due due = events.due(System.nanoTime());
    if (due == null) {
      return;
    }
    boolean sent = false;
    try {
      byte[] encoded = codec.encode(due.event());
      sent =
          publisher
                  .publish(
                      List.of(RunEvents.message(due.event(), encoded, events.trace().headers())))
                  .getFirst()
              instanceof PublishOutcome.Confirmed;
    } catch (RuntimeException e) {
      // Whatever one run reports, the next one's progress must be sent.
      LOG.warn("Progress not sent", e);
    }
    if (!sent) {
      refused.increment();
    }
    events.sent(due, sent, System.nanoTime() + (sent ? PROGRESS_INTERVAL : RETRY_WAIT).toNanos());
  }
}
