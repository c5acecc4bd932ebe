package io.ktrdr.testkit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.amqp.Topology;
import io.ktrdr.testkit.InvariantChecker.Expected;
import io.ktrdr.testkit.InvariantChecker.Violation;
import java.util.ArrayList;
import java.util.List;

/** What I4 and I9 say about the broker: empty queues, and dead letters that have an operation. */
final class BrokerInvariants {

  private static final int LETTERS_MAX = 1_000;
  private static final String DEAD_SUFFIX = Topology.deadLetterQueueOf("");

  private final TestVirtualHost broker;

  BrokerInvariants(TestVirtualHost broker) {
    this.broker = broker;
  }

  List<Violation> check(InvariantChecker database, Expected expected) {
    List<Violation> violations = new ArrayList<>();
    List<String> waiting = new ArrayList<>();
    List<String> letters = new ArrayList<>();
    for (JsonNode queue : broker.queues()) {
      String name = queue.path("name").asText();
      if (name.endsWith(DEAD_SUFFIX)) {
        letters.addAll(operationsIn(name));
      } else if (queue.path("messages").asInt() > 0) {
        waiting.add(
            "%s: %d ready, %d unacknowledged"
                .formatted(
                    name,
                    queue.path("messages_ready").asInt(),
                    queue.path("messages_unacknowledged").asInt()));
      }
    }
    InvariantChecker.add(violations, "I9", "a queue is not empty although all is quiet", waiting);
    List<String> failed = database.rows("select id from operations where status = 'failed'");
    List<String> strangers = letters.stream().filter(id -> !failed.contains(id)).toList();
    if (strangers.size() != expected.parkedByHand()) {
      violations.add(
          new Violation(
              "I4",
              "%d dead letters belong to no failed operation, %d are known"
                  .formatted(strangers.size(), expected.parkedByHand()),
              strangers));
    }
    InvariantChecker.add(
        violations,
        "I4",
        "an operation failed because its workers died, but its message is not parked",
        database
            .rows(
                "select id from operations where status = 'failed' and error_code = 'WORKER_LOST'")
            .stream()
            .filter(id -> !letters.contains(id))
            .toList());
    return violations;
  }

  private List<String> operationsIn(String queue) {
    List<String> ids = new ArrayList<>();
    for (JsonNode letter : broker.peek(queue, LETTERS_MAX)) {
      ids.add(operationOf(letter.path("payload").asText()));
    }
    return ids;
  }

  private static String operationOf(String payload) {
    try {
      return Json.mapper().readTree(payload).path("operation_id").asText("(none)");
    } catch (JsonProcessingException byHand) {
      return "(not JSON)";
    }
  }
}
