package io.ktrdr.api.doctor;

import io.ktrdr.protocol.amqp.BrokerConnector;
import io.ktrdr.protocol.amqp.BrokerSession;
import io.ktrdr.protocol.amqp.BrokerView;
import io.ktrdr.protocol.amqp.QueueState;
import io.ktrdr.protocol.amqp.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Broker, its version and settings, exchanges, queues, letters and consumers. Thread-safe. */
final class BrokerChecks {

  private record Release(int major, int minor) {}

  /** The oldest one that dead-letters at least once. */
  private static final Release OLDEST = new Release(3, 10);

  private static final Release HEEDS_QUEUES_TIMEOUT = new Release(3, 12);

  private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+).*");

  private final BrokerView view;
  private final BrokerConnector connector;

  BrokerChecks(BrokerView view, BrokerConnector connector) {
    this.view = view;
    this.connector = connector;
  }

  /**
   * What the database knows that the queues are compared with.
   *
   * @param liveWorkers by queue, those that say they are subscribed to it
   * @param pending operations, by route
   */
  record Expected(Map<String, Integer> liveWorkers, Map<String, Integer> pending) {}

  /**
   * @throws io.ktrdr.protocol.amqp.BrokerAwayException when the broker does not answer
   */
  List<Check> all(@Nullable Expected expected) {
    List<Check> checks = new ArrayList<>();
    try (BrokerSession session = BrokerSession.open(connector, "doctor")) {
      checks.add(version(session.brokerVersion()));
      checks.add(consumerTimeout(session.brokerVersion()));
      checks.add(blocked());
      checks.add(exchanges(session));
      checks.add(queues(session));
      checks.add(unroutable(session));
      checks.add(deadLetters(session));
      if (expected != null) {
        for (String route : session.topology().routes()) {
          checks.add(consumers(session, route, expected));
        }
      }
    }
    return checks;
  }

  private static Check version(String version) {
    return isAtLeast(version, OLDEST)
        ? Check.ok("broker", "RabbitMQ " + version)
        : Check.fail(
            "broker",
            "RabbitMQ " + version,
            "Use RabbitMQ 3.10 or newer: older ones may lose dead letters.");
  }

  /** Also true for a version that cannot be read: it is more likely to be new than old. */
  private static boolean isAtLeast(String version, Release release) {
    Matcher parts = VERSION.matcher(version);
    if (!parts.matches()) {
      return true;
    }
    int major = Integer.parseInt(parts.group(1));
    int minor = Integer.parseInt(parts.group(2));
    return major > release.major() || (major == release.major() && minor >= release.minor());
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
    List<String> queues = session.topology().allQueues();
    for (String queue : queues) {
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
            .formatted(queues.size()));
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
        session.topology().workQueues().stream()
            .mapToInt(queue -> session.queue(Topology.deadLetterQueueOf(queue)).ready())
            .sum();
    return letters == 0
        ? Check.ok("dead-letters", "none")
        : Check.warn(
            "dead-letters",
            "%d messages nobody could handle".formatted(letters),
            "ktrdr dead-letters list shows them with the reasons; then requeue or discard.");
  }

  private static Check consumerTimeout(String version) {
    String name = "broker.consumer_timeout";
    if (isAtLeast(version, HEEDS_QUEUES_TIMEOUT)) {
      return Check.ok(
          name,
          "a worker may hold an operation for %d days, which is longer than any may run"
              .formatted(Topology.HELD_MAX.toDays()));
    }
    return Check.warn(
        name,
        "RabbitMQ %s goes by its configuration, which cannot be read from here".formatted(version),
        "Run on the broker's machine: rabbitmqctl environment | grep consumer_timeout. It should be"
            + " %d or more (ms); ./ktrdr up sets it so. Less makes workers lose their subscription"
                .formatted(Topology.HELD_MAX.toMillis())
            + " in long runs; no operation is lost or run twice.");
  }

  private static Check consumers(BrokerSession session, String route, Expected expected) {
    String name = "consumers." + route;
    QueueState queue = session.queue(Topology.queueOf(route));
    int live = expected.liveWorkers().getOrDefault(queue.queue(), 0);
    int pending = expected.pending().getOrDefault(route, 0);
    String found =
        "%d workers, %d consumers, %d pending operations"
            .formatted(live, queue.consumers(), pending);
    if (live == 0 && pending > 0) {
      return Check.warn(
          name,
          found,
          "Start workers that take from this queue: ./ktrdr up --scale, or docker compose"
              + " --scale.");
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
