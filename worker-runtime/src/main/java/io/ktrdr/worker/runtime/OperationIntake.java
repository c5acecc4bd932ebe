package io.ktrdr.worker.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.MessageCodec;
import io.ktrdr.protocol.OperationCommand;
import io.ktrdr.protocol.OperationEvent;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.RunLease;
import io.ktrdr.protocol.UnreadableMessageException;
import io.ktrdr.protocol.amqp.ConfirmedPublisher;
import io.ktrdr.protocol.amqp.Delivery;
import io.ktrdr.protocol.amqp.OutgoingMessage;
import io.ktrdr.protocol.amqp.PublishOutcome;
import io.ktrdr.protocol.amqp.Topology;
import io.ktrdr.protocol.telemetry.LogOutput;
import io.ktrdr.protocol.telemetry.TraceParent;
import io.ktrdr.worker.runtime.RunExecution.Settling;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Takes one delivery at a time and decides, by the claim, what becomes of it. The message stays
 * unacknowledged while its operation runs.
 *
 * <p>A redelivered message is never simply run: the first worker may still be at it.
 */
final class OperationIntake implements AutoCloseable {

  /** How long a message that could not be handled is kept from coming round again. */
  static final Duration RETURN_WAIT = Duration.ofSeconds(5);

  /**
   * The same for one that only a newer build can read; the broker's delivery limit times this is
   * how long a rolling update may take before the message is parked.
   */
  static final Duration NEWER_WORKER_WAIT = Duration.ofSeconds(15);

  /**
   * The same for one whose type was just paused: longer than it takes until every worker knows, so
   * that it does not go round among those that do not yet.
   */
  static final Duration HELD_WAIT = RunLease.HEARTBEAT_INTERVAL.plusSeconds(2);

  private static final Logger LOG = LoggerFactory.getLogger(OperationIntake.class);
  private static final Duration POLL = Duration.ofMillis(500);

  /** How long {@link #close} waits for the thread, which a handler may hold. */
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

  private final OperationType type;
  private final ClaimStore claims;
  private final RunExecution execution;
  private final EventSender sender;
  private final ConfirmedPublisher publisher;
  private final MessageCodec codec;
  private final OwnerProbe ownerProbe;
  private final RunTracing tracing;
  private final SynchronousQueue<Delivery> handover = new SynchronousQueue<>();
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final Thread thread;
  private volatile boolean busy;
  private volatile boolean closed;

  OperationIntake(
      OperationType type,
      ClaimStore claims,
      RunExecution execution,
      EventSender sender,
      ConfirmedPublisher publisher,
      MessageCodec codec,
      OwnerProbe ownerProbe,
      RunTracing tracing) {
    this.type = type;
    this.claims = claims;
    this.execution = execution;
    this.sender = sender;
    this.publisher = publisher;
    this.codec = codec;
    this.ownerProbe = ownerProbe;
    this.tracing = tracing;
    // Daemon: a handler that ignores its stop must not keep the process.
    this.thread = Thread.ofPlatform().name("operation").daemon().unstarted(this::loop);
  }

  void start() {
    thread.start();
  }

  /** True from the moment a delivery arrives until it is settled. */
  boolean busy() {
    return busy;
  }

  /** From now on deliveries go back at once, and what has not begun gives up waiting. */
  void stopTaking() {
    stopping.countDown();
  }

  private boolean isStopping() {
    return stopping.getCount() == 0;
  }

  /** Called by the consumer with each delivery. */
  void accept(Delivery delivery) {
    if (isStopping()) {
      delivery.requeue();
      return;
    }
    try {
      busy = true;
      if (!handover.offer(delivery, POLL.toMillis(), TimeUnit.MILLISECONDS)) {
        // Prefetch is one, so this is a delivery that overtook a lost connection's.
        LOG.warn("A delivery came while another is in hand; it goes back to the queue");
        delivery.requeue();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      delivery.requeue();
    }
  }

  /** Gives up what is in hand. Returns when it is settled, or a handler does not let go of it. */
  @Override
  public void close() {
    closed = true;
    stopTaking();
    thread.interrupt();
    try {
      if (!thread.join(CLOSE_TIMEOUT)) {
        LOG.warn("The operation in hand does not end; it is left behind");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void loop() {
    while (!closed) {
      try {
        Delivery delivery = handover.poll(POLL.toMillis(), TimeUnit.MILLISECONDS);
        if (delivery != null) {
          busy = true;
          try {
            handle(delivery);
          } finally {
            busy = false;
          }
        }
      } catch (InterruptedException e) {
        LOG.debug("Woken up");
      }
    }
  }

  private void handle(Delivery delivery) throws InterruptedException {
    try {
      switch (decide(delivery)) {
        case ACKNOWLEDGE -> delivery.ack();
        case RETURN -> delivery.requeue();
        case LEAVE -> LOG.debug("Settled elsewhere");
      }
    } catch (InterruptedException e) {
      delivery.requeue();
      throw e;
    } catch (RuntimeException e) {
      LOG.error("Operation not handled; its message goes back to the queue in a while", e);
      returnLater(delivery, RETURN_WAIT);
    } finally {
      MDC.clear();
    }
  }

  /** Without the wait, the broker would hand the same message out again at once, and so on. */
  private void returnLater(Delivery delivery, Duration wait) throws InterruptedException {
    try {
      boolean _ = stopping.await(wait.toMillis(), TimeUnit.MILLISECONDS);
    } finally {
      delivery.requeue();
    }
  }

  private Settling decide(Delivery delivery) throws InterruptedException {
    Instant received = Instant.now();
    OperationId id;
    try {
      id =
          switch (codec.decodeCommand(delivery.body())) {
            case OperationCommand.RunOperation run -> run.operationId();
          };
    } catch (UnreadableMessageException e) {
      return refuse(delivery, String.valueOf(e.getMessage()));
    }
    MDC.put(LogOutput.OPERATION_ID, id.value());
    while (true) {
      Optional<Claim> claim = claim(id);
      if (claim.isEmpty()) {
        return Settling.RETURN;
      }
      switch (claim.get()) {
        case Claim.Claimed claimed -> {
          RunTrace trace = tracing.begin(claimed, delivery.headers(), received);
          MDC.put(LogOutput.ATTEMPT, Integer.toString(claimed.attempt()));
          if (trace.anchor().isValid()) {
            MDC.put(LogOutput.TRACE_ID, trace.anchor().getTraceId());
            MDC.put(LogOutput.SPAN_ID, trace.anchor().getSpanId());
          }
          return execution.run(claimed, trace, delivery::ack);
        }
        case Claim.HeldByAnother held -> {
          if (!takeOver(id, held)) {
            return Settling.ACKNOWLEDGE;
          }
        }
        case Claim.EndNotPublished(String endEvent) -> {
          LOG.info("The run of {} has ended before; publishing its outcome again", id);
          byte[] encoded = endEvent.getBytes(StandardCharsets.UTF_8);
          OperationEvent end = codec.decodeEvent(encoded);
          while (!sender.publishEnd(end, encoded, trace(delivery), RETURN_WAIT)) {
            if (isStopping()) {
              return Settling.RETURN;
            }
          }
          return Settling.ACKNOWLEDGE;
        }
        case Claim.Unreadable(String reason) -> {
          LOG.warn("A newer worker is needed for {} ({}); leaving it to one", id, reason);
          returnLater(delivery, NEWER_WORKER_WAIT);
          return Settling.LEAVE;
        }
        case Claim.Unknown() -> {
          return park(delivery, "operation %s does not exist".formatted(id));
        }
        case Claim.AlreadyEnded(var status) -> {
          LOG.info("Operation {} is {} already; nothing to do", id, status.wireName());
          return Settling.ACKNOWLEDGE;
        }
        case Claim.Cancelling() -> {
          LOG.info("Operation {} is to be cancelled and nobody runs it; the API ends it", id);
          return Settling.ACKNOWLEDGE;
        }
        case Claim.NotYet() -> {
          LOG.info("Operation {} waits for its next attempt; another message will come", id);
          return Settling.ACKNOWLEDGE;
        }
        case Claim.Held() -> {
          LOG.info("Operation {} is held back: its type is paused; it stays in the queue", id);
          returnLater(delivery, HELD_WAIT);
          return Settling.LEAVE;
        }
        case Claim.TooDemanding(String demand) -> {
          LOG.warn("Operation {} asks for more than this worker has: {}", id, demand);
          returnLater(delivery, RETURN_WAIT);
          return Settling.LEAVE;
        }
        case Claim.NoAttemptLeft(int attempts) -> {
          LOG.warn("Operation {} has used its {} attempts; the API will end it", id, attempts);
          return Settling.ACKNOWLEDGE;
        }
      }
    }
  }

  /** Where in its trace a message is, as headers of another. */
  private static Map<String, Object> trace(Delivery delivery) {
    return TraceParent.of(TraceParent.parse(delivery.headers()))
        .map(text -> Map.<String, Object>of(TraceParent.HEADER, text))
        .orElse(Map.of());
  }

  /** Ends the other's run if that worker is dead for certain. */
  private boolean takeOver(OperationId id, Claim.HeldByAnother held) {
    Optional<String> silence = claims.endIfSilent(held.runId());
    if (silence.isPresent()) {
      LOG.warn("Run of {} is lost: {}", id, silence.get());
      return true;
    }
    if (ownerProbe.isDead(held.workerId(), held.workerInstance())) {
      String reason =
          "worker %s is gone: its process no longer answers at %s"
              .formatted(held.workerId(), held.endpointUrl());
      LOG.warn("Run of {} is lost: {}", id, reason);
      claims.endAsLost(held.runId(), reason);
      return true;
    }
    LOG.info("Operation {} is being run by {}; leaving it there", id, held.workerId());
    return false;
  }

  /** Empty when the worker stops before the database answers. */
  private Optional<Claim> claim(OperationId id) throws InterruptedException {
    while (!isStopping()) {
      try {
        return Optional.of(claims.claim(id));
      } catch (JdbiException e) {
        LOG.warn("Cannot claim {} ({}); trying again", id, e.getMessage());
        boolean _ = stopping.await(DatabaseRetry.WAIT.toMillis(), TimeUnit.MILLISECONDS);
      }
    }
    return Optional.empty();
  }

  /** A message of a newer build goes back for a newer worker, any other to the dead letters. */
  private Settling refuse(Delivery delivery, String reason) throws InterruptedException {
    if (isOfNewerBuild(delivery.body())) {
      LOG.warn("A newer worker is needed for a message ({}); leaving it to one", reason);
      returnLater(delivery, NEWER_WORKER_WAIT);
      return Settling.LEAVE;
    }
    return park(delivery, reason);
  }

  private boolean isOfNewerBuild(byte[] body) {
    try {
      JsonNode message = Json.mapper().readTree(body);
      return message.path("version").asInt() > MessageCodec.VERSION
          && claims.exists(OperationId.parse(message.path("operation_id").asText()));
    } catch (IOException | IllegalArgumentException e) {
      return false;
    }
  }

  /** Moves a message nobody can handle to the dead letters, with the reason. */
  private Settling park(Delivery delivery, String reason) throws InterruptedException {
    String queue = Topology.queueOf(type);
    LOG.error("Message moved to {}: {}", Topology.deadLetterQueueOf(queue), reason);
    OutgoingMessage letter =
        new OutgoingMessage(
            Topology.DEAD_LETTER_EXCHANGE,
            queue,
            "unreadable",
            Map.of("reason", reason),
            delivery.body());
    if (publisher.publish(List.of(letter)).getFirst() instanceof PublishOutcome.Confirmed) {
      return Settling.ACKNOWLEDGE;
    }
    returnLater(delivery, RETURN_WAIT);
    return Settling.LEAVE;
  }
}
