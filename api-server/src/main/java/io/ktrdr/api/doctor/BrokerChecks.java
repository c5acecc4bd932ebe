package io.ktrdr.api.doctor;

import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.amqp.BrokerConnector;
import io.ktrdr.protocol.amqp.BrokerSession;
import io.ktrdr.protocol.amqp.BrokerView;
import io.ktrdr.protocol.amqp.QueueState;
import io.ktrdr.protocol.amqp.Topology;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Broker, its version and settings, exchanges, queues, letters and consumers. Thread-safe. */
final class BrokerChecks {

  /** The oldest version that dead-letters at least once. */
  private static final int[] OLDEST = {3, 10};

  private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+).*");

  /** What RabbitMQ does unless told otherwise. */
  private static final Duration CONSUMER_TIMEOUT_DEFAULT = Duration.ofMinutes(30);

  private final BrokerView view;
  private final BrokerConnector connector;

  BrokerChecks(BrokerView view, BrokerConnector connector) {
    this.view = view;
    this.connector = connector;
  }

  /** What the database knows that the queues are compared with; null when it does not answer. */
  record Expected(
      Map<OperationType, Integer> liveWorkers,
      Map<OperationType, Integer> pending,
      Optional<Duration> longestRun) {}

  /**
   * @throws io.ktrdr.protocol.amqp.BrokerAwayException when the broker does not answer
   */
  List<Check> all(@Nullable Expected expected) {
    List<Check> checks = new ArrayList<>();
    try (BrokerSession session = BrokerSession.open(connector, "doctor")) {
      checks.add(version(session.brokerVersion()));
      checks.add(blocked());
      checks.add(exchanges(session));
      checks.add(queues(session));
      checks.add(unroutable(session));
      checks.add(deadLetters(session));
      if (expected != null) {
        checks.add(consumerTimeout(expected.longestRun()));
        for (OperationType type : OperationType.values()) {
          checks.add(consumers(session, type, expected));
        }
      }
    }
    return checks;
  }

  private static Check version(String version) {
    Matcher parts = VERSION.matcher(version);
    if (!parts.matches()) {
      return Check.warn(
          "broker", "RabbitMQ " + version, "KTRDR is tested with 3.10, 3.13 and 4.x.");
    }
    int major = Integer.parseInt(parts.group(1));
    int minor = Integer.parseInt(parts.group(2));
    boolean old = major < OLDEST[0] || (major == OLDEST[0] && minor < OLDEST[1]);
    return old
        ? Check.fail(
            "broker",
            "RabbitMQ " + version,
            "Use RabbitMQ 3.10 or newer: older ones may lose dead letters.")
        : Check.ok("broker", "RabbitMQ " + version);
  }

  private Check blocked() {
    return view.blockedReason()
        .map(reason ->
            Check.fail(
                "broker.blocked",
                "takes no messages: " + reason,
                "Free memory or disk on the broker's machine; operations wait in the outbox until"
                    + " then and nothing is lost."))
        .orElse(Check.ok("broker.blocked", "takes messages"));
  }

  private static Check exchanges(BrokerSession session) {
    List<String> missing =
        List.of(
                Topology.OPERATIONS_EXCHANGE,
                Topology.EVENTS_EXCHANGE,
                Topology.DEAD_LETTER_EXCHANGE,
                Topology.UNROUTABLE)
            .stream()
            .filter(name -> !session.exchangeExists(name))
            .toList();
    if (missing.isEmpty()) {
      return Check.ok("broker.exchanges", "all there, dead letters among them");
    }
    session.declareTopology();
    return Check.warn(
        "broker.exchanges",
        "were missing and have been declared: " + String.join(", ", missing),
        "Somebody deleted them, or the broker lost its data. In that case: ktrdr admin reconcile");
  }

  /** Arguments include the delivery limit and where dead letters go. */
  private static Check queues(BrokerSession session) {
    List<String> missing = new ArrayList<>();
    List<String> different = new ArrayList<>();
    for (String queue : Topology.allQueues()) {
      if (!session.queue(queue).exists()) {
        missing.add(queue);
      }
      session.differenceOf(queue).ifPresent(difference -> different.add(difference));
    }
    session.declareTopology();
    if (!different.isEmpty()) {
      return Check.fail(
          "broker.queues",
          String.join("; ", different),
          "Arguments of a queue cannot be changed: empty it, delete it, and it is declared anew"
              + " within seconds; then ktrdr admin reconcile");
    }
    if (!missing.isEmpty()) {
      return Check.warn(
          "broker.queues",
          "were missing and have been declared: " + String.join(", ", missing),
          "They are filled again within 15 s. If the broker lost its data: ktrdr admin reconcile");
    }
    return Check.ok(
        "broker.queues",
        "%d, each with delivery limit and dead letter exchange as it should be"
            .formatted(Topology.allQueues().size()));
  }

  private static Check unroutable(BrokerSession session) {
    int lost = session.queue(Topology.UNROUTABLE).ready();
    return lost == 0
        ? Check.ok("broker.unroutable", "empty")
        : Check.warn(
            "broker.unroutable",
            "%d messages found no queue".formatted(lost),
            "Those of KTRDR are sent again within 5 s; look at the rest in the management UI, queue"
                + " "
                + Topology.UNROUTABLE);
  }

  private static Check deadLetters(BrokerSession session) {
    int letters =
        Topology.workQueues().stream()
            .mapToInt(queue -> session.queue(Topology.deadLetterQueueOf(queue)).ready())
            .sum();
    return letters == 0
        ? Check.ok("dead-letters", "none")
        : Check.warn(
            "dead-letters",
            "%d messages nobody could handle".formatted(letters),
            "ktrdr dead-letters list shows them with the reasons; then requeue or discard.");
  }

  private static Check consumerTimeout(Optional<Duration> longestRun) {
    Duration longest = longestRun.orElse(Duration.ZERO);
    if (longest.compareTo(CONSUMER_TIMEOUT_DEFAULT) < 0) {
      return Check.ok(
          "broker.consumer_timeout",
          "the longest run may take %d min, less than RabbitMQ's default of %d min"
              .formatted(longest.toMinutes(), CONSUMER_TIMEOUT_DEFAULT.toMinutes()));
    }
    return Check.warn(
        "broker.consumer_timeout",
        "a run may take %d min, more than RabbitMQ's default of %d min; the setting cannot be read"
            .formatted(longest.toMinutes(), CONSUMER_TIMEOUT_DEFAULT.toMinutes()),
        "Check it on the broker's machine: rabbitmqctl environment | grep consumer_timeout"
            + " (ms). It should be above the longest run; ./ktrdr up sets 604800000. Nothing is run"
            + " twice if it is not, but workers lose their subscription for a moment.");
  }

  private static Check consumers(BrokerSession session, OperationType type, Expected expected) {
    String name = "consumers." + type.wireName();
    QueueState queue = session.queue(Topology.queueOf(type));
    int live = expected.liveWorkers().getOrDefault(type, 0);
    int pending = expected.pending().getOrDefault(type, 0);
    String found =
        "%d workers, %d consumers, %d pending operations"
            .formatted(live, queue.consumers(), pending);
    if (live == 0 && pending > 0) {
      return Check.warn(
          name,
          found,
          "Start workers of this type: ./ktrdr up --scale, or docker compose --scale.");
    }
    return queue.consumers() < live
        ? Check.warn(
            name,
            found,
            "A worker that says it is subscribed is not; it notices within 10 s. If this stays,"
                + " restart it: ktrdr workers list")
        : Check.ok(name, found);
  }
}
