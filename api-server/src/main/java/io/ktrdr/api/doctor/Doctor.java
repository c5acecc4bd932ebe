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
import java.util.function.IntFunction;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/** All checks. One that cannot be made because something is away says so. Thread-safe. */
public final class Doctor {

  private static final int LETTERS_MAX = 500;
  private static final int NAMED_MAX = 5;

  private final Jdbi jdbi;
  private final DoctorStore store = new DoctorStore();
  private final DatabaseChecks database;
  private final BrokerChecks broker;
  private final IntFunction<List<String>> strangers;

  /**
   * @param strangers operations that have a dead letter and do not exist, of so many letters
   */
  public Doctor(
      Database database,
      OutboxStore outbox,
      BrokerView view,
      BrokerConnector connector,
      InstantSource clock,
      IntFunction<List<String>> strangers) {
    this.strangers = strangers;
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
      checks.add(unknownOperations());
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

  private Check unknownOperations() {
    String name = "operations.unknown";
    try {
      List<String> ids = strangers.apply(LETTERS_MAX);
      return ids.isEmpty()
          ? Check.ok(name, "no dead letter is of an operation this database does not know")
          : Check.warn(
              name,
              "the broker had messages of %d operations this database does not know: %s"
                  .formatted(ids.size(), String.join(", ", ids.stream().limit(NAMED_MAX).toList())),
              "The database is older than the broker's messages, as after a restore from a backup."
                  + " ktrdr admin reconcile makes the queues agree with the database; then drop"
                  + " these letters: ktrdr dead-letters list, ktrdr dead-letters discard ID. If two"
                  + " systems share this broker, give each its own virtual host.");
    } catch (BrokerAwayException e) {
      return Check.warn(name, "cannot be told", "The broker does not answer: see below.");
    }
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
