package io.ktrdr.api.rescue;

import io.ktrdr.api.idempotency.IdempotencyStore;
import io.ktrdr.api.outbox.OutboxStore;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The net under the broker: every five seconds looks for runs whose worker fell silent, for
 * operations that nothing would bring on by itself, and for queues that lack messages; and forgets
 * what is old. Of all API processes one leads: it holds an advisory lock for the length of each
 * sweep, and the others stand by while its pulse is fresh.
 *
 * <p>Liveness is the heartbeat, by the database's clock. Silence while the database was away does
 * not count: see {@link RescueStore#pulse}.
 */
public final class RunRescuer implements AutoCloseable {

  private enum Role {
    LEADER,
    /** Another process leads; this one takes over within ten seconds when it goes. */
    STANDBY,
    /** The database is away, or this process has just started. */
    UNKNOWN
  }

  static final Duration SWEEP_INTERVAL = Duration.ofSeconds(5);

  private static final Duration STANDBY_INTERVAL = Duration.ofSeconds(2);

  /** A leader whose pulse is older than this is gone. */
  private static final Duration LEADER_SILENCE_MAX = Duration.ofSeconds(6);

  private static final int PRUNE_BATCH = 2_000;
  private static final int PRUNE_BATCHES_MAX = 10;
  private static final Logger LOG = LoggerFactory.getLogger(RunRescuer.class);

  private final Jdbi jdbi;
  private final RescueStore store;
  private final RunSweep runs;
  private final QueueSweep queues;
  private final CheckpointSweep checkpoints;
  private final OutboxStore outbox;
  private final IdempotencyStore keys;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;
  private volatile Role role = Role.UNKNOWN;
  private long lastSweep = System.nanoTime();
  private long prunedUpTo;

  public RunRescuer(
      Jdbi jdbi,
      RescueStore store,
      RunSweep runs,
      QueueSweep queues,
      CheckpointSweep checkpoints,
      OutboxStore outbox,
      IdempotencyStore keys) {
    this.jdbi = jdbi;
    this.store = store;
    this.runs = runs;
    this.queues = queues;
    this.checkpoints = checkpoints;
    this.outbox = outbox;
    this.keys = keys;
    this.thread = Thread.ofPlatform().name("rescuer").unstarted(this::loop);
  }

  public void start() {
    thread.start();
  }

  /** {@code leader} or {@code standby}; empty while it is not known. Answers from memory. */
  public Optional<String> role() {
    return switch (role) {
      case LEADER -> Optional.of("leader");
      case STANDBY -> Optional.of("standby");
      case UNKNOWN -> Optional.empty();
    };
  }

  /** True when this is the process that rescues. Answers from memory. */
  public boolean leads() {
    return role == Role.LEADER;
  }

  @Override
  public void close() {
    closing.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    queues.close();
  }

  private void loop() {
    try {
      Duration wait = Duration.ZERO;
      while (!closing.await(wait.toMillis(), TimeUnit.MILLISECONDS)) {
        Role now = sweepIfLeader();
        if (now != role) {
          LOG.info("Rescue: this process is now {}", now);
        }
        role = now;
        wait = now == Role.LEADER ? untilNextSweep() : STANDBY_INTERVAL;
      }
    } catch (InterruptedException e) {
      LOG.debug("Rescuer woken to stop");
    }
  }

  /** Counted from the beginning of the last one: a long sweep must not look like a dead leader. */
  private Duration untilNextSweep() {
    Duration left = SWEEP_INTERVAL.minusNanos(System.nanoTime() - lastSweep);
    return left.isNegative() ? Duration.ZERO : left;
  }

  private Role sweepIfLeader() {
    try {
      // A connection of its own: the transactions of the sweep must not become part of this one.
      try (Handle lead = jdbi.open()) {
        return lead.inTransaction(this::sweepIfLeader);
      }
    } catch (JdbiException e) {
      LOG.warn("No sweep: {}", e.getMessage());
      return Role.UNKNOWN;
    }
  }

  private Role sweepIfLeader(Handle lead) {
    if (!store.tryLead(lead)) {
      return Role.STANDBY;
    }
    boolean ledUntilNow =
        role == Role.LEADER && System.nanoTime() - lastSweep < LEADER_SILENCE_MAX.toNanos();
    if (!ledUntilNow && store.pulseAge(lead).compareTo(LEADER_SILENCE_MAX) < 0) {
      return Role.STANDBY;
    }
    lastSweep = System.nanoTime();
    sweep();
    return Role.LEADER;
  }

  private void sweep() {
    jdbi.useTransaction(store::pulse);
    guarded("runs", runs::sweep);
    guarded("queues", queues::sweep);
    guarded("old rows", this::forget);
    guarded("checkpoints", checkpoints::sweep);
  }

  /** What one step trips over must not keep the others from being done. */
  private static void guarded(String what, Runnable step) {
    try {
      step.run();
    } catch (ConnectionException e) {
      LOG.warn("Sweep of {} ended early: {}", what, e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("Sweep of {} failed; the next is in {} s", what, SWEEP_INTERVAL.toSeconds(), e);
    }
  }

  private void forget() {
    for (int i = 0; i < PRUNE_BATCHES_MAX; i++) {
      if (jdbi.inTransaction(handle -> keys.prune(handle, PRUNE_BATCH)) < PRUNE_BATCH) {
        break;
      }
    }
    for (int i = 0; i < PRUNE_BATCHES_MAX; i++) {
      long from = prunedUpTo;
      OutboxStore.Pruned pruned =
          jdbi.inTransaction(handle -> outbox.prune(handle, from, PRUNE_BATCH));
      prunedUpTo = pruned.lastId();
      if (prunedUpTo == 0) {
        break;
      }
    }
  }
}
