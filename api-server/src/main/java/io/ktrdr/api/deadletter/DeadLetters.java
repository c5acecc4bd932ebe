package io.ktrdr.api.deadletter;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.api.access.Actor;
import io.ktrdr.api.audit.AuditStore;
import io.ktrdr.api.control.RetryOperation;
import io.ktrdr.api.operation.OperationStore;
import io.ktrdr.api.outbox.OutboxRelay;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationStatus;
import io.ktrdr.protocol.amqp.BrokerConnector;
import io.ktrdr.protocol.amqp.BrokerSession;
import io.ktrdr.protocol.amqp.ConfirmedPublisher;
import io.ktrdr.protocol.amqp.OutgoingMessage;
import io.ktrdr.protocol.amqp.PublishOutcome;
import io.ktrdr.protocol.amqp.Topology;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The parking queues. A letter is removed only after what was to be done with it is done for good:
 * its message confirmed by the broker, its operation's retry committed. Dying in between leaves the
 * letter where it was. One look at a time, because what one look has taken another cannot see.
 * Thread-safe; every method throws {@link io.ktrdr.protocol.amqp.BrokerAwayException} when the
 * broker does not answer.
 */
public final class DeadLetters {

  /** Letters of one queue that are looked at. */
  static final int LETTERS_MAX = 10_000;

  private static final String EMPTY_EXCHANGE = "";
  private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);

  private final Jdbi jdbi;
  private final DeadLetterStore store = new DeadLetterStore();
  private final OperationStore operations;
  private final AuditStore audit;
  private final RetryOperation retry;
  private final OutboxRelay relay;
  private final ConfirmedPublisher publisher;
  private final BrokerConnector connector;

  public DeadLetters(
      Jdbi jdbi,
      OperationStore operations,
      AuditStore audit,
      RetryOperation retry,
      OutboxRelay relay,
      ConfirmedPublisher publisher,
      BrokerConnector connector) {
    this.jdbi = jdbi;
    this.operations = operations;
    this.audit = audit;
    this.retry = retry;
    this.relay = relay;
    this.publisher = publisher;
    this.connector = connector;
  }

  /** What became of one letter. */
  sealed interface Outcome {
    DeadLetter letter();

    /** Its message is back in its queue, or its operation has a new attempt. */
    record Requeued(DeadLetter letter, String how) implements Outcome {}

    record Discarded(DeadLetter letter) implements Outcome {}

    /** It is where it was. */
    record Kept(DeadLetter letter, String why) implements Outcome {}
  }

  /**
   * @param home only letters of this queue; empty for all
   */
  List<DeadLetter> list(Optional<String> home, int limit) {
    List<DeadLetter> letters = new ArrayList<>();
    look(
        home,
        letter -> {
          if (letters.size() < limit) {
            letters.add(letter);
          }
          return false;
        },
        limit);
    Map<OperationId, OperationStatus> statuses =
        jdbi.withHandle(handle ->
            store.statuses(
                handle,
                letters.stream().map(DeadLetter::operation).filter(Objects::nonNull).toList()));
    return letters.stream()
        .map(letter ->
            letter.operation() == null
                ? letter
                : letter.withStatus(statuses.get(letter.operation())))
        .toList();
  }

  /**
   * Operations that have a letter and do not exist: the database knows less than the broker.
   *
   * @param limit letters to look at
   * @throws io.ktrdr.protocol.amqp.BrokerAwayException when the broker does not answer
   */
  public List<String> strangers(int limit) {
    Set<String> ids = new LinkedHashSet<>();
    for (DeadLetter letter : list(Optional.empty(), limit)) {
      OperationId operation = letter.operation();
      if (operation != null && letter.status() == null) {
        ids.add(operation.value());
      }
    }
    return List.copyOf(ids);
  }

  /** Sends letters back to where they can be handled. */
  List<Outcome> requeue(Actor actor, Optional<String> home, Predicate<DeadLetter> wanted) {
    List<Outcome> outcomes = act(home, wanted, letter -> requeueOne(actor, letter));
    relay.wake();
    return outcomes;
  }

  /** Throws letters away. */
  List<Outcome> discard(Actor actor, Optional<String> home, Predicate<DeadLetter> wanted) {
    return act(
        home,
        wanted,
        letter -> {
          note(actor, letter, "dead_letter.discarded");
          return new Outcome.Discarded(letter);
        });
  }

  /** Queues that may have letters. */
  List<String> homes() {
    return connector.topology().workQueues();
  }

  private interface Action {
    Outcome on(DeadLetter letter);
  }

  private List<Outcome> act(Optional<String> home, Predicate<DeadLetter> wanted, Action action) {
    List<Outcome> outcomes = new ArrayList<>();
    look(
        home,
        letter -> {
          if (!wanted.test(letter)) {
            return false;
          }
          Outcome outcome = action.on(letter);
          outcomes.add(outcome);
          return switch (outcome) {
            case Outcome.Requeued _, Outcome.Discarded _ -> true;
            case Outcome.Kept(var _, String why) -> {
              LOG.warn("Dead letter {} stays: {}", letter.letter().id(), why);
              yield false;
            }
          };
        },
        LETTERS_MAX);
    return outcomes;
  }

  private synchronized void look(
      Optional<String> home, Predicate<DeadLetter> settled, int maxPerQueue) {
    try (BrokerSession session = BrokerSession.open(connector, "dead letters")) {
      for (String queue : homes()) {
        if (home.isEmpty() || home.get().equals(queue)) {
          int removed =
              session.lookThrough(
                  Topology.deadLetterQueueOf(queue),
                  maxPerQueue,
                  letter -> settled.test(DeadLetter.of(queue, letter)));
          LOG.debug("{} letters of {} removed", removed, queue);
        }
      }
    }
  }

  private Outcome requeueOne(Actor actor, DeadLetter letter) {
    OperationId id = letter.operation();
    if (id == null || !letter.isCommand()) {
      return sendHome(actor, letter);
    }
    return switch (retryIfEnded(actor, letter, id)) {
      case RetryOperation.Answer.Pending() ->
          new Outcome.Requeued(letter, "the operation has a new attempt");
      case RetryOperation.Answer.Refused(OperationStatus status) ->
          status == OperationStatus.COMPLETED
              ? new Outcome.Kept(letter, "its operation is completed; discard it")
              : sendHome(actor, letter);
      case RetryOperation.Answer.Unknown() ->
          new Outcome.Kept(letter, "its operation does not exist; discard it");
      case RetryOperation.Answer.NoCheckpoint() ->
          throw new IllegalStateException("no checkpoint was asked for");
    };
  }

  private RetryOperation.Answer retryIfEnded(Actor actor, DeadLetter letter, OperationId id) {
    return jdbi.inTransaction(handle -> {
      RetryOperation.Answer answer = retry.retry(handle, actor, id, RetryOperation.From.THE_START);
      if (answer instanceof RetryOperation.Answer.Pending) {
        note(handle, actor, letter, "dead_letter.requeued");
      }
      return answer;
    });
  }

  private Outcome sendHome(Actor actor, DeadLetter letter) {
    OutgoingMessage message =
        new OutgoingMessage(
            EMPTY_EXCHANGE,
            letter.home(),
            letter.letter().messageId(),
            Map.of(),
            letter.letter().body());
    try {
      return switch (publisher.publish(List.of(message)).getFirst()) {
        case PublishOutcome.Confirmed _ -> {
          note(actor, letter, "dead_letter.requeued");
          yield new Outcome.Requeued(letter, "its message is back in " + letter.home());
        }
        case PublishOutcome.Returned(String reason) -> new Outcome.Kept(letter, reason);
        case PublishOutcome.Failed(String reason) -> new Outcome.Kept(letter, reason);
      };
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Outcome.Kept(letter, "interrupted");
    }
  }

  private void note(Actor actor, DeadLetter letter, String action) {
    jdbi.useTransaction(handle -> note(handle, actor, letter, action));
  }

  private void note(Handle handle, Actor actor, DeadLetter letter, String action) {
    ObjectNode detail = letter.json();
    audit.append(handle, actor, action, letter.letter().id(), detail);
    OperationId id = letter.operation();
    if (id != null && exists(handle, id)) {
      operations.appendEvent(
          handle,
          id,
          UUID.randomUUID(),
          action,
          null,
          null,
          null,
          Json.mapper()
              .createObjectNode()
              .put("letter", letter.letter().id())
              .put("queue", letter.home())
              .put("reason", letter.letter().reason())
              .put(Actor.FIELD, actor.name()));
    }
    LOG.warn(
        "{} by {}: {} of {} ({})",
        action,
        actor.name(),
        letter.letter().id(),
        letter.home(),
        nameOf(id));
  }

  private boolean exists(Handle handle, OperationId id) {
    return store.statuses(handle, List.of(id)).containsKey(id);
  }

  private static String nameOf(@Nullable OperationId id) {
    return id == null ? "no operation" : id.value();
  }
}
