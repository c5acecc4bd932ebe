package io.ktrdr.api.rescue;

import io.ktrdr.api.outbox.OutboxRelay;
import io.ktrdr.api.outbox.OutboxStore;
import io.ktrdr.protocol.amqp.BrokerAwayException;
import io.ktrdr.protocol.amqp.BrokerConnector;
import io.ktrdr.protocol.amqp.BrokerSession;
import io.ktrdr.protocol.amqp.BrokerView;
import io.ktrdr.protocol.amqp.QueueState;
import io.ktrdr.protocol.amqp.Topology;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One look at the queues: brings back those that were deleted, sends home what found no queue
 * meanwhile, and asks again for operations whose message is gone. A queue counts as short of
 * messages when fewer lie in it than operations wait, in two sweeps in a row; all of them are then
 * asked for again, because which ones are missing cannot be seen. A message that a worker has in
 * hand without a run counts as missing, too: it may as well be lost, and a message too many is
 * harmless. For one thread.
 */
public final class QueueSweep implements AutoCloseable {

  private static final int PAGE_MAX = 1_000;

  /** Operations asked for again in one sweep. */
  private static final int REFILL_MAX = 100_000;

  /** Published longer ago than two sweeps. */
  private static final int SETTLED_SECONDS = 10;

  private static final Logger LOG = LoggerFactory.getLogger(QueueSweep.class);

  private final Jdbi jdbi;
  private final DispatchStore store;
  private final OutboxStore outbox;
  private final OutboxRelay relay;
  private final BrokerView view;
  private final BrokerConnector connector;
  private final UnroutableBox unroutable;
  private final Consumer<List<QueueState>> seen;
  private final Set<String> suspects = new HashSet<>();
  private @Nullable BrokerSession session;

  /**
   * @param seen is told of every queue after each look
   */
  public QueueSweep(
      Jdbi jdbi,
      DispatchStore store,
      OutboxStore outbox,
      OutboxRelay relay,
      BrokerView view,
      BrokerConnector connector,
      UnroutableBox unroutable,
      Consumer<List<QueueState>> seen) {
    this.jdbi = jdbi;
    this.store = store;
    this.outbox = outbox;
    this.relay = relay;
    this.view = view;
    this.connector = connector;
    this.unroutable = unroutable;
    this.seen = seen;
  }

  void sweep() {
    List<OutboxStore.Run> forgotten =
        jdbi.withHandle(handle -> store.withoutMessage(handle, SETTLED_SECONDS, PAGE_MAX));
    if (!forgotten.isEmpty()) {
      LOG.warn("{} pending operations have no message; asking for workers again", forgotten.size());
      jdbi.useTransaction(handle -> outbox.appendRuns(handle, forgotten));
      relay.wake();
    }
    if (!view.connected()) {
      return;
    }
    try {
      Topology topology = connector.topology();
      jdbi.withHandle(store::routes).forEach(topology::add);
      BrokerSession open = openSession();
      open.declareTopology();
      unroutable.sendHome(open);
      for (String route : topology.routes()) {
        check(open, route);
      }
      seen.accept(topology.allQueues().stream().map(open::queue).toList());
    } catch (BrokerAwayException e) {
      LOG.warn("Queues not looked at: {}", e.getMessage());
      close();
    }
  }

  private BrokerSession openSession() {
    BrokerSession current = session;
    if (current == null) {
      current = BrokerSession.open(connector, "rescue");
      session = current;
    }
    return current;
  }

  private void check(BrokerSession open, String route) {
    // First the queue, then the operations: what is taken in between no longer waits, and what
    // arrives in between does not count yet.
    QueueState queue = open.queue(Topology.queueOf(route));
    int waiting = jdbi.withHandle(handle -> store.waiting(handle, route));
    boolean isShort = waiting > queue.ready();
    if (!isShort) {
      suspects.remove(route);
    } else if (suspects.add(route)) {
      LOG.debug("{} has {} messages for {} operations", queue.queue(), queue.ready(), waiting);
    } else {
      LOG.warn(
          "{} has {} messages for {} waiting operations; filling it again",
          queue.queue(),
          queue.ready(),
          waiting);
      refill(route);
      suspects.remove(route);
    }
  }

  private void refill(String route) {
    String after = "";
    for (int done = 0; done < REFILL_MAX; done += PAGE_MAX) {
      String from = after;
      List<OutboxStore.Run> page =
          jdbi.inTransaction(handle -> {
            List<OutboxStore.Run> found =
                store.waiting(handle, route, from, SETTLED_SECONDS, PAGE_MAX);
            if (!found.isEmpty()) {
              outbox.appendRuns(handle, found);
            }
            return found;
          });
      relay.wake();
      if (page.size() < PAGE_MAX) {
        return;
      }
      after = page.getLast().id().value();
    }
  }

  @Override
  public void close() {
    BrokerSession current = session;
    session = null;
    if (current != null) {
      current.close();
    }
  }
}
