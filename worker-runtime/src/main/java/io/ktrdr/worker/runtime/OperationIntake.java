package io.ktrdr.worker.runtime;

import io.ktrdr.protocol.MessageCodec;
import io.ktrdr.protocol.OperationCommand;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.RunLease;
import io.ktrdr.protocol.UnreadableMessageException;
import io.ktrdr.protocol.amqp.ConfirmedPublisher;
import io.ktrdr.protocol.amqp.Delivery;
import io.ktrdr.protocol.amqp.OutgoingMessage;
import io.ktrdr.protocol.amqp.PublishOutcome;
import io.ktrdr.protocol.amqp.Topology;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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

  /** Key of the operation's id in the log context. */
  static final String MDC_OPERATION = "operation_id";

  private static final Logger LOG = LoggerFactory.getLogger(OperationIntake.class);
  private static final Duration DATABASE_RETRY_WAIT = Duration.ofSeconds(1);
  private static final Duration POLL = Duration.ofMillis(500);

  private final OperationType type;
  private final RunStore runs;
  private final RunExecution execution;
  private final ConfirmedPublisher publisher;
  private final MessageCodec codec;
  private final OwnerProbe ownerProbe;
  private final SynchronousQueue<Delivery> handover = new SynchronousQueue<>();
  private final Thread thread;
  private volatile boolean busy;
  private volatile boolean closed;

  OperationIntake(
      OperationType type,
      RunStore runs,
      RunExecution execution,
      ConfirmedPublisher publisher,
      MessageCodec codec,
      OwnerProbe ownerProbe) {
    this.type = type;
    this.runs = runs;
    this.execution = execution;
    this.publisher = publisher;
    this.codec = codec;
    this.ownerProbe = ownerProbe;
    this.thread = Thread.ofPlatform().name("operation").unstarted(this::loop);
  }

  void start() {
    thread.start();
  }

  /** True from the moment a delivery arrives until it is settled. */
  boolean busy() {
    return busy;
  }

  /** Called by the consumer with each delivery. */
  void accept(Delivery delivery) {
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

  /** Returns when the delivery in hand, if any, is settled. */
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
    while (!closed) {
      try {
        Delivery delivery = handover.poll(POLL.toMillis(), TimeUnit.MILLISECONDS);
        if (delivery != null) {
          handle(delivery);
        }
      } catch (InterruptedException e) {
        LOG.debug("Woken up");
      } finally {
        busy = false;
      }
    }
  }

  private void handle(Delivery delivery) {
    try {
      decide(delivery);
    } catch (InterruptedException e) {
      delivery.requeue();
    } catch (UnreadableMessageException e) {
      park(delivery, String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      LOG.error("Operation not handled; its message goes back to the queue", e);
      delivery.requeue();
    } finally {
      MDC.remove(MDC_OPERATION);
    }
  }

  private void decide(Delivery delivery) throws InterruptedException {
    OperationId id =
        switch (codec.decodeCommand(delivery.body())) {
          case OperationCommand.RunOperation run -> run.operationId();
        };
    MDC.put(MDC_OPERATION, id.value());
    while (true) {
      switch (claim(id)) {
        case Claim.Claimed claimed -> {
          if (execution.run(claimed)) {
            delivery.ack();
          } else {
            delivery.requeue();
          }
          return;
        }
        case Claim.EndNotPublished(String endEvent) -> {
          LOG.info("The run of {} has ended before; publishing its outcome again", id);
          EventSender.publishUntilConfirmed(
              publisher, codec, endEvent.getBytes(StandardCharsets.UTF_8));
          delivery.ack();
          return;
        }
        case Claim.AlreadyEnded(var status) -> {
          LOG.info("Operation {} is {} already; nothing to do", id, status.wireName());
          delivery.ack();
          return;
        }
        case Claim.NoAttemptLeft(int attempts) -> {
          LOG.warn("Operation {} has used its {} attempts; the API will end it", id, attempts);
          delivery.ack();
          return;
        }
        case Claim.Unknown() -> {
          park(delivery, "operation %s does not exist".formatted(id));
          return;
        }
        case Claim.HeldByAnother held -> {
          if (!takeOver(id, held)) {
            delivery.ack();
            return;
          }
        }
      }
    }
  }

  /** Ends the other's run if that worker is dead for certain. */
  private boolean takeOver(OperationId id, Claim.HeldByAnother held) {
    String worker = held.workerId();
    if (held.silentFor().compareTo(RunLease.DURATION) > 0) {
      String reason =
          "worker %s stopped heartbeating %d s ago".formatted(worker, held.silentFor().toSeconds());
      LOG.warn("Run of {} is lost: {}", id, reason);
      runs.endAsLost(held.runId(), reason);
      return true;
    }
    if (ownerProbe.isDead(held.endpointUrl(), held.workerInstance())) {
      String reason =
          "worker %s is gone: nothing answers for it at %s".formatted(worker, held.endpointUrl());
      LOG.warn("Run of {} is lost: {}", id, reason);
      runs.endAsLost(held.runId(), reason);
      return true;
    }
    LOG.info("Operation {} is being run by {}; leaving it there", id, worker);
    return false;
  }

  private Claim claim(OperationId id) throws InterruptedException {
    while (true) {
      try {
        return runs.claim(id);
      } catch (JdbiException e) {
        LOG.warn("Cannot claim {} ({}); trying again", id, e.getMessage());
        TimeUnit.MILLISECONDS.sleep(DATABASE_RETRY_WAIT.toMillis());
      }
    }
  }

  /** Moves a message nobody can handle to the dead letters, with the reason. */
  private void park(Delivery delivery, String reason) {
    String queue = Topology.queueOf(type);
    LOG.error("Message moved to {}: {}", Topology.deadLetterQueueOf(queue), reason);
    OutgoingMessage letter =
        new OutgoingMessage(
            Topology.DEAD_LETTER_EXCHANGE,
            queue,
            "unreadable",
            Map.of("reason", reason),
            delivery.body());
    try {
      if (publisher.publish(List.of(letter)).getFirst() instanceof PublishOutcome.Confirmed) {
        delivery.ack();
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    delivery.requeue();
  }
}
