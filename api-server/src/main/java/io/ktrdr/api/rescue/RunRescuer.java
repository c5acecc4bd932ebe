package io.ktrdr.api.rescue;

import io.ktrdr.api.control.StrandedOperation;
import io.ktrdr.api.outbox.OutboxRelay;
import io.ktrdr.api.outbox.OutboxStore;
import io.ktrdr.api.projection.EventProjector;
import io.ktrdr.api.projection.RunViewStore.EndedRun;
import io.ktrdr.protocol.MessageCodec;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.RunLease;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The net under the broker: every five seconds looks for runs whose worker fell silent, ends them,
 * and puts their operations back into the outbox, or fails those that have used up their attempts;
 * applies outcomes whose event never arrived; forgets workers that are long gone.
 *
 * <p>Liveness is the heartbeat, by the database's clock. After the database itself was away, a full
 * lease passes before anything is judged, because nobody could write a heartbeat meanwhile.
 */
public final class RunRescuer implements AutoCloseable {

  private static final Duration SWEEP_INTERVAL = Duration.ofSeconds(5);
  private static final Logger LOG = LoggerFactory.getLogger(RunRescuer.class);

  private final Jdbi jdbi;
  private final RescueStore store;
  private final StrandedOperation stranded;
  private final EventProjector projector;
  private final OutboxStore outbox;
  private final OutboxRelay relay;
  private final MessageCodec codec;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;

  public RunRescuer(
      Jdbi jdbi,
      RescueStore store,
      StrandedOperation stranded,
      EventProjector projector,
      OutboxStore outbox,
      OutboxRelay relay,
      MessageCodec codec) {
    this.jdbi = jdbi;
    this.store = store;
    this.stranded = stranded;
    this.projector = projector;
    this.outbox = outbox;
    this.relay = relay;
    this.codec = codec;
    this.thread = Thread.ofPlatform().name("rescuer").unstarted(this::loop);
  }

  public void start() {
    thread.start();
  }

  @Override
  public void close() {
    closing.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void loop() {
    // At start the database may just have come back with everybody else.
    Duration wait = RunLease.DURATION;
    try {
      while (!closing.await(wait.toMillis(), TimeUnit.MILLISECONDS)) {
        wait = sweptWell() ? SWEEP_INTERVAL : RunLease.DURATION;
      }
    } catch (InterruptedException e) {
      LOG.debug("Rescuer woken to stop");
    }
  }

  private boolean sweptWell() {
    try {
      sweep();
      return true;
    } catch (JdbiException e) {
      LOG.warn(
          "No sweep ({}); judging nobody for {} s after this",
          e.getMessage(),
          RunLease.DURATION.toSeconds());
      return false;
    } catch (RuntimeException e) {
      // One bad row must not end the sweeps for all others.
      LOG.error("Sweep failed", e);
      return true;
    }
  }

  private void sweep() {
    jdbi.useTransaction(handle -> {
      int silent = store.endSilentRuns(handle, RunLease.DURATION);
      if (silent > 0) {
        LOG.warn("{} runs lost their worker", silent);
      }
      store.removeGoneWorkers(handle);
      outbox.prune(handle);
    });
    List<OperationId> found = jdbi.withHandle(store::stranded);
    for (OperationId id : found) {
      jdbi.useTransaction(handle -> settle(handle, id));
    }
    for (String event : jdbi.withHandle(store::unprojectedEnds)) {
      LOG.warn("An outcome's event never arrived; applying it from the claim table");
      jdbi.useTransaction(handle ->
          projector.apply(handle, codec.decodeEvent(event.getBytes(StandardCharsets.UTF_8))));
    }
    if (!found.isEmpty()) {
      relay.wake();
    }
  }

  /** Decides about one operation whose last run was taken away. */
  private void settle(Handle handle, OperationId id) {
    EndedRun last = store.lastRunTakenAway(handle, id);
    if (last != null) {
      stranded.runGone(handle, id, last);
    }
  }
}
