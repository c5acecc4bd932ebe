package io.ktrdr.worker.runtime;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * The newest {@link Orders}, for whoever has to obey. To leave is ordered once and never taken
 * back: the first such order counts. Thread-safe.
 */
final class StandingOrders implements Consumer<Orders> {

  private final Consumer<Orders> leave;
  private final AtomicBoolean leaving = new AtomicBoolean();
  private volatile Orders newest = Orders.NONE;

  /**
   * @param leave called once, by the heartbeat's thread, with the order to drain or the news of
   *     being superseded; must not wait
   */
  StandingOrders(Consumer<Orders> leave) {
    this.leave = leave;
  }

  @Override
  public void accept(Orders orders) {
    newest = orders;
    if ((orders.drain() || orders.superseded()) && leaving.compareAndSet(false, true)) {
      leave.accept(orders);
    }
  }

  /** This worker is to begin nothing. */
  boolean paused() {
    return newest.paused();
  }

  /** Queues beside its type's own that this worker is to serve. */
  List<String> demandQueues() {
    return newest.demandQueues();
  }

  /** This worker has been told to go. */
  boolean leaving() {
    return leaving.get();
  }
}
