package io.ktrdr.worker.runtime;

import io.ktrdr.protocol.EventHeader;
import io.ktrdr.protocol.MessageCodec;
import io.ktrdr.protocol.OperationEvent;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.Progress;
import io.ktrdr.protocol.WorkerId;
import io.ktrdr.protocol.amqp.OutgoingMessage;
import io.ktrdr.protocol.amqp.Topology;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The events of one run and their numbers: 1 is the beginning, sent or not; the end has the
 * highest. Thread-safe.
 */
final class RunEvents {

  private final RunControl run;
  private final OperationType type;
  private final WorkerId workerId;
  private final InstantSource clock;
  private final Instant begun;
  private final LongAdder overtaken;
  private volatile @Nullable Progress newest;

  private long seq = 1;
  private boolean startedSent;
  private boolean ended;
  private volatile @Nullable Progress sent;
  private long nextNanos = Long.MIN_VALUE;

  /**
   * @param overtaken counts progress that was not sent, because newer came first
   */
  RunEvents(
      RunControl run,
      OperationType type,
      WorkerId workerId,
      InstantSource clock,
      LongAdder overtaken) {
    this.run = run;
    this.type = type;
    this.workerId = workerId;
    this.clock = clock;
    this.begun = clock.instant();
    this.overtaken = overtaken;
  }

  /**
   * Something to send.
   *
   * @param progress null when it is the beginning
   */
  record Due(OperationEvent event, @Nullable Progress progress) {}

  /** Keeps the newest; a progress equal to the one before is none. */
  void report(Progress progress) {
    Progress before = newest;
    if (!progress.equals(before)) {
      newest = progress;
      if (before != null && !before.equals(sent)) {
        overtaken.increment();
      }
      run.progressed(System.nanoTime());
    }
  }

  @Nullable Progress newest() {
    return newest;
  }

  /** What is to be sent now, numbered; null when there is nothing. */
  synchronized @Nullable Due due(long nowNanos) {
    if (ended || (nextNanos != Long.MIN_VALUE && nowNanos - nextNanos < 0)) {
      return null;
    }
    if (!startedSent) {
      return new Due(new OperationEvent.Started(header(id("started"), 1, begun)), null);
    }
    Progress progress = newest;
    if (progress == null || progress.equals(sent)) {
      return null;
    }
    seq++;
    return new Due(
        new OperationEvent.Progressed(header(UUID.randomUUID(), seq, clock.instant()), progress),
        progress);
  }

  /**
   * @param nextNanos nothing is due before
   */
  synchronized void sent(Due due, boolean confirmed, long nextNanos) {
    this.nextNanos = nextNanos;
    if (!confirmed) {
      return;
    }
    if (due.progress() == null) {
      startedSent = true;
      // The first progress need not wait.
      this.nextNanos = Long.MIN_VALUE;
    } else {
      sent = due.progress();
    }
  }

  /** The run's last event, numbered after everything before; nothing is due after it. */
  synchronized OperationEvent end(Function<EventHeader, OperationEvent> event) {
    ended = true;
    seq++;
    return event.apply(header(id("end"), seq, clock.instant()));
  }

  RunTrace trace() {
    return run.trace();
  }

  /** Names an event that may be sent twice. */
  private UUID id(String event) {
    return UUID.nameUUIDFromBytes((run.runId() + ":" + event).getBytes(StandardCharsets.UTF_8));
  }

  private EventHeader header(UUID eventId, long number, Instant at) {
    return new EventHeader(
        eventId, run.operationId(), type, run.attempt(), run.runId(), number, workerId, at);
  }

  /**
   * @param trace headers that say where in its trace it is
   */
  static OutgoingMessage message(OperationEvent event, byte[] body, Map<String, Object> trace) {
    EventHeader header = event.header();
    Map<String, Object> headers = new HashMap<>(trace);
    headers.put("operation", header.operationId().value());
    headers.put("type", MessageCodec.typeOf(event));
    headers.put("attempt", header.attempt());
    headers.put("run_id", header.runId().toString());
    headers.put("worker_id", header.workerId().value());
    return new OutgoingMessage(
        Topology.EVENTS_EXCHANGE,
        MessageCodec.typeOf(event),
        header.operationId().value(),
        headers,
        body);
  }
}
