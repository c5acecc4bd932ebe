package io.ktrdr.api.rescue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.api.access.Actor;
import io.ktrdr.api.audit.AuditStore;
import io.ktrdr.api.outbox.OutboxRelay;
import io.ktrdr.api.outbox.OutboxStore;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.MessageCodec;
import io.ktrdr.protocol.OperationCommand;
import io.ktrdr.protocol.UnreadableMessageException;
import io.ktrdr.protocol.amqp.BrokerConnector;
import io.ktrdr.protocol.amqp.BrokerSession;
import io.ktrdr.protocol.amqp.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Builds every queue anew from the database, after the broker has lost all it had: declares the
 * topology and asks for a worker for each pending operation that has no message on its way. What
 * runs is left alone; its worker ends it without the broker's help. Doing it needlessly is
 * harmless: the claim drops a message too many. Thread-safe.
 */
public final class Reconcile {

  private static final int PAGE_MAX = 1_000;

  /** Messages of one queue that are compared with the operations. */
  private static final int LOOKED_THROUGH_MAX = 500;

  private static final Logger LOG = LoggerFactory.getLogger(Reconcile.class);

  private final Jdbi jdbi;
  private final DispatchStore store;
  private final OutboxStore outbox;
  private final OutboxRelay relay;
  private final AuditStore audit;
  private final BrokerConnector connector;
  private final MessageCodec codec;

  public Reconcile(
      Jdbi jdbi,
      DispatchStore store,
      OutboxStore outbox,
      OutboxRelay relay,
      AuditStore audit,
      BrokerConnector connector,
      MessageCodec codec) {
    this.jdbi = jdbi;
    this.store = store;
    this.outbox = outbox;
    this.relay = relay;
    this.audit = audit;
    this.connector = connector;
    this.codec = codec;
  }

  /**
   * What was done for one route.
   *
   * @param pending operations that wait for a worker or for their next attempt
   * @param republished of those; the others have a message on its way already
   * @param running left alone
   * @param strangers ids in messages of operations that do not exist; workers will park them
   */
  public record Line(int pending, int republished, int running, Set<String> strangers) {}

  /**
   * @param actor who asked for it
   * @throws io.ktrdr.protocol.amqp.BrokerAwayException when the broker does not answer
   */
  public Map<String, Line> reconcile(Actor actor) {
    Map<String, Line> report = new TreeMap<>();
    Map<String, DispatchStore.Count> counts = jdbi.withHandle(store::counts);
    Topology topology = connector.topology();
    counts.keySet().forEach(topology::add);
    try (BrokerSession session = BrokerSession.open(connector, "reconcile")) {
      session.declareTopology();
      for (String route : topology.routes()) {
        Set<String> strangers = strangers(session, route);
        DispatchStore.Count count = counts.getOrDefault(route, new DispatchStore.Count(0, 0));
        report.put(route, new Line(count.pending(), republish(route), count.running(), strangers));
      }
    }
    relay.wake();
    jdbi.useTransaction(handle -> audit.append(handle, actor, "reconcile", "broker", json(report)));
    LOG.warn("Reconciled by {}: {}", actor.name(), report);
    return report;
  }

  /** The report as JSON, one object a route. */
  static ObjectNode json(Map<String, Line> report) {
    ObjectNode json = Json.mapper().createObjectNode();
    report.forEach((route, line) -> {
      ObjectNode one =
          json.putObject(route)
              .put("pending", line.pending())
              .put("republished", line.republished())
              .put("running_untouched", line.running());
      line.strangers().forEach(one.putArray("messages_without_operation")::add);
    });
    return json;
  }

  private Set<String> strangers(BrokerSession session, String route) {
    List<String> ids = new ArrayList<>();
    int _ =
        session.lookThrough(
            Topology.queueOf(route),
            LOOKED_THROUGH_MAX,
            letter -> {
              try {
                switch (codec.decodeCommand(letter.body())) {
                  case OperationCommand.RunOperation run -> ids.add(run.operationId().value());
                }
              } catch (UnreadableMessageException e) {
                ids.add("unreadable: " + e.getMessage());
              }
              return false;
            });
    return ids.isEmpty() ? new TreeSet<>() : jdbi.withHandle(handle -> store.unknown(handle, ids));
  }

  private int republish(String route) {
    String after = "";
    int republished = 0;
    while (true) {
      String from = after;
      List<OutboxStore.Run> page =
          jdbi.inTransaction(handle -> {
            List<OutboxStore.Run> found = store.pending(handle, route, from, PAGE_MAX);
            if (!found.isEmpty()) {
              outbox.appendRuns(handle, found);
            }
            return found;
          });
      republished += page.size();
      relay.wake();
      if (page.size() < PAGE_MAX) {
        return republished;
      }
      after = page.getLast().id().value();
    }
  }
}
