package io.ktrdr.api.rescue;

import io.ktrdr.api.control.StrandedOperation;
import io.ktrdr.api.control.StrandedOperation.Decision;
import io.ktrdr.api.outbox.OutboxRelay;
import io.ktrdr.api.outbox.OutboxStore;
import io.ktrdr.api.projection.EventProjector;
import io.ktrdr.protocol.MessageCodec;
import io.ktrdr.protocol.RunId;
import io.ktrdr.protocol.RunLease;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One look at all runs and operations: ends the runs of silent workers, decides about operations
 * whose run was taken away or that no worker came for, and applies outcomes whose event never
 * arrived. Each row in a transaction of its own, so that one that cannot be handled holds up no
 * other. For one thread.
 */
public final class RunSweep {

  /** Sweeps for which a database that answers may still refuse an outcome. */
  private static final int OUTCOME_TRIES_MAX = 3;

  private static final Logger LOG = LoggerFactory.getLogger(RunSweep.class);

  private final Jdbi jdbi;
  private final RescueStore store;
  private final StrandedOperation stranded;
  private final EventProjector projector;
  private final OutboxStore outbox;
  private final OutboxRelay relay;
  private final MessageCodec codec;
  private final Map<RunId, Integer> refusals = new HashMap<>();

  public RunSweep(
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
  }

  void sweep() {
    each(
        "silent run",
        handle -> store.silentRuns(handle, RunLease.DURATION),
        run -> jdbi.useTransaction(handle -> endSilent(handle, run)));
    each(
        "operation without its run",
        store::stranded,
        lost -> jdbi.useTransaction(handle -> settle(handle, lost)));
    each(
        "operation nobody came for",
        store::overdue,
        late ->
            jdbi.useTransaction(
                handle -> stranded.queueTimedOut(handle, late.id(), late.waitedSeconds())));
    List<RescueStore.UnprojectedEnd> ends = jdbi.withHandle(store::unprojectedEnds);
    refusals.keySet().retainAll(ends.stream().map(RescueStore.UnprojectedEnd::run).toList());
    each("outcome", _ -> ends, this::applyEnd);
    relay.wake();
  }

  private <T> void each(String what, Function<Handle, List<T>> find, Consumer<T> handling) {
    for (T row : jdbi.withHandle(find::apply)) {
      try {
        handling.accept(row);
      } catch (ConnectionException e) {
        throw e;
      } catch (RuntimeException e) {
        LOG.error("Not handled, others go on: {} {}", what, row, e);
      }
    }
  }

  private void endSilent(Handle handle, RunId run) {
    store
        .endSilent(handle, run, RunLease.DURATION)
        .ifPresent(lost -> {
          LOG.warn("Run of {} is lost: {}", lost.id(), lost.run().reason());
          settle(handle, lost);
        });
  }

  /** Decides about one operation whose last run was taken away. */
  private void settle(Handle handle, RescueStore.Stranded lost) {
    if (stranded.runGone(handle, lost.id(), lost.run()) instanceof Decision.Failed(var failure)) {
      outbox.appendDeadLetter(
          handle, lost.id(), lost.type(), "%s: %s".formatted(failure.code(), failure.message()));
    }
  }

  private void applyEnd(RescueStore.UnprojectedEnd end) {
    LOG.warn("The event of an outcome of {} never arrived; applying it from its run", end.id());
    try {
      jdbi.useTransaction(handle ->
          projector.apply(handle, codec.decodeEvent(end.event().getBytes(StandardCharsets.UTF_8))));
      refusals.remove(end.run());
    } catch (ConnectionException e) {
      throw e;
    } catch (RuntimeException e) {
      // A database may refuse for a moment; what cannot be read never can.
      int tries =
          e instanceof JdbiException
              ? refusals.merge(end.run(), 1, Integer::sum)
              : OUTCOME_TRIES_MAX;
      LOG.error("Outcome of {} not applied (try {})", end.id(), tries, e);
      if (tries >= OUTCOME_TRIES_MAX) {
        jdbi.useTransaction(
            handle -> stranded.outcomeUnreadable(handle, end.id(), String.valueOf(e.getMessage())));
      }
    }
  }
}
