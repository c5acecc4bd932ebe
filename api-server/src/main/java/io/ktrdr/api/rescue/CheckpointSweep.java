package io.ktrdr.api.rescue;

import java.time.Duration;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One look at the checkpoints: those that no attempt can go on from are forgotten by their runs,
 * and the bytes that nothing names any more are removed. The last one of a failed or cancelled
 * operation stays, for a resume. What is not done in one sweep is in the next. For one thread.
 */
public final class CheckpointSweep {

  /** Longer than a worker takes from storing one until its run names it. */
  static final Duration UNNOTED_MAX = Duration.ofMinutes(1);

  private static final int FORGET_BATCH = 500;

  /** Up to 16 MiB each, so few at a time. */
  private static final int REMOVE_BATCH = 25;

  private static final int BATCHES_MAX = 8;
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointSweep.class);

  /** Is told what was removed. */
  @FunctionalInterface
  public interface Listener {
    void removed(int count, long bytes);
  }

  private final Jdbi jdbi;
  private final CheckpointStore store;
  private final Listener listener;

  public CheckpointSweep(Jdbi jdbi, CheckpointStore store, Listener listener) {
    this.jdbi = jdbi;
    this.store = store;
    this.listener = listener;
  }

  void sweep() {
    int forgotten = FORGET_BATCH;
    for (int i = 0; i < BATCHES_MAX && forgotten == FORGET_BATCH; i++) {
      forgotten = jdbi.inTransaction(handle -> store.forget(handle, FORGET_BATCH));
    }
    int removed = REMOVE_BATCH;
    for (int i = 0; i < BATCHES_MAX && removed == REMOVE_BATCH; i++) {
      removed = removeSome();
    }
  }

  private int removeSome() {
    CheckpointStore.Removed removed =
        jdbi.inTransaction(handle -> store.remove(handle, UNNOTED_MAX, REMOVE_BATCH));
    if (removed.count() > 0) {
      listener.removed(removed.count(), removed.bytes());
      LOG.info(
          "Removed {} checkpoints that nothing needs, {} bytes", removed.count(), removed.bytes());
    }
    return removed.count();
  }
}
