package io.ktrdr.worker.runtime;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Passes {@link Orders} on to whoever has to obey. To leave is ordered once and never taken back:
 * the first such order counts. Thread-safe.
 */
final class StandingOrders implements Consumer<Orders> {

  private final Consumer<Orders> each;
  private final Consumer<Orders> leave;
  private final AtomicBoolean leaving = new AtomicBoolean();

  /**
   * Both are called by the heartbeat's thread, and must not wait.
   *
   * @param each called with all orders
   * @param leave called once, with the order to drain or the news of being superseded
   */
  StandingOrders(Consumer<Orders> each, Consumer<Orders> leave) {
    this.each = each;
    this.leave = leave;
  }

  @Override
  public void accept(Orders orders) {
    each.accept(orders);
    if ((orders.drain() || orders.superseded()) && leaving.compareAndSet(false, true)) {
      leave.accept(orders);
    }
  }

  /** This worker has been told to go. */
  boolean leaving() {
    return leaving.get();
  }
}
