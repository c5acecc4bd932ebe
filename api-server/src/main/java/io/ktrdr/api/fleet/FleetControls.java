package io.ktrdr.api.fleet;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.api.access.Actor;
import io.ktrdr.api.audit.AuditStore;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationType;
import java.util.Locale;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out what operators decide for a type or for all. Thread-safe. */
public final class FleetControls {

  private static final Logger LOG = LoggerFactory.getLogger(FleetControls.class);

  private final Jdbi jdbi;
  private final FleetStore store = new FleetStore();
  private final AuditStore audit;
  private final FleetWatch watch;

  public FleetControls(Jdbi jdbi, AuditStore audit, FleetWatch watch) {
    this.jdbi = jdbi;
    this.audit = audit;
    this.watch = watch;
  }

  /** A decision. Null leaves things as they are. */
  enum Decision {
    /** Nothing new; what waits is held back. */
    DRAIN_AND_HOLD("fleet.drained", false, false),
    /** Nothing new; what waits still runs. */
    DRAIN_AND_RUN("fleet.drained", false, true),
    UNDRAIN("fleet.undrained", true, true),
    PAUSE("fleet.paused", null, false),
    RESUME("fleet.resumed", null, true);

    private final String action;
    private final @Nullable Boolean accepting;
    private final @Nullable Boolean dispatching;

    Decision(String action, @Nullable Boolean accepting, @Nullable Boolean dispatching) {
      this.action = action;
      this.accepting = accepting;
      this.dispatching = dispatching;
    }
  }

  /**
   * @param type empty for all
   */
  void decide(
      Actor actor, Optional<OperationType> type, Decision decision, Optional<String> reason) {
    String scope = type.map(OperationType::wireName).orElse(FleetSnapshot.ALL);
    jdbi.useTransaction(handle -> decide(handle, actor, scope, decision, reason));
    watch.forget();
    LOG.info(
        "{} by {}: {}{}",
        decision.action,
        actor.name(),
        type.map(OperationType::wireName).orElse("all types"),
        reason.map(" (%s)"::formatted).orElse(""));
  }

  private void decide(
      Handle handle, Actor actor, String scope, Decision decision, Optional<String> reason) {
    Optional<Control> before = store.lock(handle, scope);
    boolean accepting =
        decision.accepting != null
            ? decision.accepting
            : before.map(Control::accepting).orElse(true);
    boolean dispatching =
        decision.dispatching != null
            ? decision.dispatching
            : before.map(Control::dispatching).orElse(true);
    String why =
        accepting && dispatching ? null : reason.or(() -> before.map(Control::reason)).orElse(null);
    store.write(handle, scope, accepting, dispatching, why);
    ObjectNode detail =
        Json.mapper()
            .createObjectNode()
            .put("decision", decision.name().toLowerCase(Locale.ROOT))
            .put("reason", reason.orElse(null));
    audit.append(handle, actor, decision.action, scope, detail);
  }
}
