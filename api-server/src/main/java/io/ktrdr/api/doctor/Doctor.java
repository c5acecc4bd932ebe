package io.ktrdr.api.doctor;

import io.ktrdr.api.db.Database;
import io.ktrdr.api.outbox.OutboxStore;
import io.ktrdr.protocol.RunLease;
import io.ktrdr.protocol.amqp.BrokerAwayException;
import io.ktrdr.protocol.amqp.BrokerConnector;
import io.ktrdr.protocol.amqp.BrokerView;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/** All checks. One that cannot be made because something is away says so. Thread-safe. */
public final class Doctor {

  private final Jdbi jdbi;
  private final DoctorStore store = new DoctorStore();
  private final DatabaseChecks database;
  private final BrokerChecks broker;

  public Doctor(
      Database database,
      OutboxStore outbox,
      BrokerView view,
      BrokerConnector connector,
      InstantSource clock) {
    this.jdbi = database.jdbi();
    this.database = new DatabaseChecks(database, store, outbox, clock);
    this.broker = new BrokerChecks(view, connector);
  }

  List<Check> examine() {
    List<Check> checks = new ArrayList<>();
    BrokerChecks.Expected expected = null;
    try {
      checks.addAll(jdbi.withHandle(database::all));
      expected = jdbi.withHandle(this::expected);
    } catch (JdbiException e) {
      checks.add(
          Check.fail(
              "database",
              "does not answer: " + e.getMessage(),
              "Start Postgres, and check DATABASE_URL."));
    }
    checks.addAll(brokerChecks(expected));
    return checks;
  }

  private List<Check> brokerChecks(BrokerChecks.@Nullable Expected expected) {
    try {
      return broker.all(expected);
    } catch (BrokerAwayException e) {
      return List.of(
          Check.fail(
              "broker",
              String.valueOf(e.getMessage()),
              "Start RabbitMQ, and check RABBITMQ_URL. Operations are accepted meanwhile and wait"
                  + " in the outbox."));
    }
  }

  private BrokerChecks.Expected expected(Handle handle) {
    return new BrokerChecks.Expected(
        store.liveWorkers(handle, RunLease.DURATION), store.pending(handle));
  }
}
