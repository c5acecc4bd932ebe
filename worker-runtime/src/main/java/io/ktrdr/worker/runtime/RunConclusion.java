package io.ktrdr.worker.runtime;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Failure;
import io.ktrdr.protocol.MessageCodec;
import io.ktrdr.protocol.OperationEvent;
import io.ktrdr.protocol.WorkerId;
import io.ktrdr.worker.OperationResult;
import io.ktrdr.worker.runtime.RunControl.Stop;
import io.ktrdr.worker.runtime.RunExecution.Settling;
import io.ktrdr.worker.runtime.RunStore.Ending;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells how a run ended: into Postgres first, where from then on nothing can lose it, then to the
 * API. Patient with both: an outcome is given up only when the thread is interrupted, because this
 * process ends. Thread-safe.
 */
final class RunConclusion {

  /** Largest end event, result included: what any broker takes as one message. */
  static final int EVENT_BYTES_MAX = 8 * 1024 * 1024;

  /** How long a run may take to be handed back: less than the time a stop has for it. */
  static final Duration RELEASE_LIMIT = Duration.ofSeconds(15);

  /** A run that is not this worker's any more has little to say. */
  private static final Duration DISCARDED_LIMIT = Duration.ofSeconds(10);

  /** Longer than any process lives. */
  private static final Duration PATIENT = Duration.ofDays(365);

  private static final String PARTIAL = "partial";
  private static final Logger LOG = LoggerFactory.getLogger(RunConclusion.class);

  private final RunStore runs;
  private final EventSender sender;
  private final MessageCodec codec;
  private final WorkerId workerId;
  private final BiConsumer<String, Duration> counted;

  /**
   * @param counted called with the outcome and the length of each run that ended
   */
  RunConclusion(
      RunStore runs,
      EventSender sender,
      MessageCodec codec,
      WorkerId workerId,
      BiConsumer<String, Duration> counted) {
    this.runs = runs;
    this.sender = sender;
    this.codec = codec;
    this.workerId = workerId;
    this.counted = counted;
  }

  /**
   * Call it only after {@link RunControl#conclude()} said yes.
   *
   * @throws InterruptedException when interrupted before the outcome was stored and taken
   */
  Settling conclude(RunControl run, Outcome outcome, RunEvents events) throws InterruptedException {
    return switch (outcome) {
      case Outcome.Succeeded(OperationResult result) -> {
        OperationEvent event =
            events.end(header ->
                new OperationEvent.Completed(header, result.values(), result.artifacts()));
        if (end(run, Ending.COMPLETED, event, events)) {
          LOG.info("Operation completed: {}", run.operationId());
        }
        yield Settling.ACKNOWLEDGE;
      }
      case Outcome.Failed(Failure failure) -> fail(run, failure, events);
      case Outcome.Stopped stopped -> stopped(run, stopped, events);
    };
  }

  private Settling fail(RunControl run, Failure failure, RunEvents events)
      throws InterruptedException {
    OperationEvent event = events.end(header -> new OperationEvent.Failed(header, failure));
    if (end(run, failed(failure), event, events)) {
      LOG.error(
          "Operation failed: {} {}: {}", run.operationId(), failure.code(), failure.message());
    }
    return Settling.ACKNOWLEDGE;
  }

  private static Ending failed(Failure failure) {
    return new Ending("failed", failure.code(), failure.message());
  }

  private Settling stopped(RunControl run, Outcome.Stopped stopped, RunEvents events)
      throws InterruptedException {
    Stop stop = stopped.stop();
    return switch (stop.reason()) {
      case CANCELLED -> {
        cancel(run, stopped, events);
        yield Settling.ACKNOWLEDGE;
      }
      case RUN_TIMEOUT, NO_PROGRESS ->
          fail(run, new Failure(stop.reason().name(), stop.sentence(), false), events);
      case FENCED -> {
        LOG.warn("Operation {} stopped here: {}", run.operationId(), stop.sentence());
        OperationEvent end =
            events.end(header ->
                new OperationEvent.Failed(
                    header, new Failure("RUN_TAKEN_AWAY", stop.sentence(), true)));
        publish(run, end, codec.encode(end), DISCARDED_LIMIT);
        count(run, WorkerMetrics.DISCARDED);
        yield Settling.ACKNOWLEDGE;
      }
      case WORKER_STOPPING -> {
        release(run);
        yield Settling.RETURN;
      }
    };
  }

  private void cancel(RunControl run, Outcome.Stopped stopped, RunEvents events)
      throws InterruptedException {
    String reason = stopped.stop().sentence();
    OperationEvent event =
        events.end(header ->
            new OperationEvent.Cancelled(
                header,
                reason,
                stopped.partial().map(RunConclusion::labelled).orElse(null),
                stopped.partial().map(OperationResult::artifacts).orElse(List.of())));
    if (end(run, new Ending("cancelled", "CANCELLED", reason), event, events)) {
      LOG.info("Operation cancelled: {} ({})", run.operationId(), reason);
    }
  }

  private static ObjectNode labelled(OperationResult partial) {
    return partial.values().deepCopy().put(PARTIAL, true);
  }

  /** Hands the run back without blame, or gives up: then the lease ends it, and that is blame. */
  void release(RunControl run) {
    boolean released =
        DatabaseRetry.within(
            RELEASE_LIMIT,
            "hand-back of " + run.operationId(),
            () -> runs.release(run.runId(), "worker %s stopped".formatted(workerId)));
    if (released) {
      count(run, WorkerMetrics.RELEASED);
      LOG.info("Operation handed back: {}", run.operationId());
    } else {
      LOG.warn(
          "Operation {} not handed back: the database is away; its lease will end",
          run.operationId());
    }
  }

  private void count(RunControl run, String outcome) {
    counted.accept(outcome, Duration.ofNanos(System.nanoTime() - run.begunNanos()));
  }

  /**
   * Stores, then publishes.
   *
   * @return false when the run had been taken away; what it says is published all the same, for the
   *     API to record that it came too late
   */
  private boolean end(RunControl run, Ending ending, OperationEvent event, RunEvents events)
      throws InterruptedException {
    byte[] encoded = encoded(event);
    String unstorable = encoded == null ? "it cannot be written as JSON" : tooLarge(encoded);
    if (encoded != null && unstorable == null) {
      try {
        boolean stored =
            DatabaseRetry.untilDone(
                "outcome of " + run.operationId(), () -> runs.end(run.runId(), ending, encoded));
        count(run, stored ? ending.outcome() : WorkerMetrics.DISCARDED);
        publish(run, event, encoded, stored);
        return stored;
      } catch (JdbiException e) {
        LOG.warn("The database refuses the outcome of {}", run.operationId(), e);
        unstorable = "the database refuses it";
      }
    }
    if (ending.errorCode() != null && ending.errorCode().equals("RESULT_UNSTORABLE")) {
      throw new IllegalStateException("a plain failure of ours cannot be stored: " + unstorable);
    }
    fail(
        run,
        new Failure(
            "RESULT_UNSTORABLE",
            "the operation ended as %s, but its outcome cannot be kept: %s"
                .formatted(ending.outcome(), unstorable),
            false),
        events);
    return false;
  }

  private void publish(RunControl run, OperationEvent event, byte[] encoded, boolean stored)
      throws InterruptedException {
    if (!stored) {
      LOG.warn("Late outcome of {}: its run was taken away while it worked", run.operationId());
    }
    publish(run, event, encoded, stored ? PATIENT : DISCARDED_LIMIT);
  }

  private void publish(RunControl run, OperationEvent event, byte[] encoded, Duration limit)
      throws InterruptedException {
    boolean _ =
        run.trace().publishing(event, trace -> sender.publishEnd(event, encoded, trace, limit));
  }

  private byte @Nullable [] encoded(OperationEvent event) {
    try {
      return codec.encode(event);
    } catch (RuntimeException e) {
      LOG.warn("Event not written", e);
      return null;
    }
  }

  private static @Nullable String tooLarge(byte[] encoded) {
    return encoded.length <= EVENT_BYTES_MAX
        ? null
        : "%d bytes, the limit is %d: put what is large into artifacts"
            .formatted(encoded.length, EVENT_BYTES_MAX);
  }
}
