package io.ktrdr.api.doctor;

import io.ktrdr.api.db.Database;
import io.ktrdr.api.outbox.OutboxStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Database, migrations, clocks, rescuer, outbox, stalled operations. Thread-safe. */
final class DatabaseChecks {

  private static final Duration SKEW_MAX = Duration.ofSeconds(2);
  private static final Duration PULSE_AGE_MAX = Duration.ofSeconds(12);
  private static final Duration OUTBOX_AGE_WARNING = Duration.ofSeconds(30);
  private static final Duration OUTBOX_AGE_MAX = Duration.ofMinutes(5);
  private static final Duration STALLED_AFTER = Duration.ofMinutes(10);

  private final Database database;
  private final DoctorStore store;
  private final OutboxStore outbox;
  private final InstantSource clock;

  DatabaseChecks(Database database, DoctorStore store, OutboxStore outbox, InstantSource clock) {
    this.database = database;
    this.store = store;
    this.outbox = outbox;
    this.clock = clock;
  }

  List<Check> all(Handle handle) {
    List<Check> checks = new ArrayList<>();
    checks.add(Check.ok("database", "Postgres %s".formatted(store.serverVersion(handle))));
    checks.add(migrations());
    checks.add(clocks(handle));
    checks.add(rescuer(handle));
    checks.add(outbox(handle));
    checks.add(stalled(handle));
    return checks;
  }

  private Check migrations() {
    int pending = database.pendingMigrations();
    return pending == 0
        ? Check.ok("database.migrations", "all applied")
        : Check.fail(
            "database.migrations",
            "%d not applied".formatted(pending),
            "Restart the API: it applies them when it starts, and its log says why it could not.");
  }

  private Check clocks(Handle handle) {
    Instant before = clock.instant();
    Instant databases = store.clock(handle);
    Instant middle = before.plus(Duration.between(before, clock.instant()).dividedBy(2));
    Duration skew = Duration.between(middle, databases).abs();
    String found = "the database's and the API's differ by %d ms".formatted(skew.toMillis());
    return skew.compareTo(SKEW_MAX) <= 0
        ? Check.ok("clocks", found)
        : Check.warn(
            "clocks",
            found,
            "Leases go by the database's clock alone, so nothing breaks, but times in logs do not"
                + " match. Run NTP on both machines.");
  }

  private Check rescuer(Handle handle) {
    Duration age = store.pulseAge(handle);
    String found = "last sweep %s ago".formatted(seconds(age));
    return age.compareTo(PULSE_AGE_MAX) <= 0
        ? Check.ok("rescuer", found)
        : Check.fail(
            "rescuer",
            found,
            "No API process sweeps, so lost runs stay. Look for 'Sweep' in the API's log; restart"
                + " it.");
  }

  private Check outbox(Handle handle) {
    Optional<Duration> oldest = outbox.oldestWaitingAge(handle);
    if (oldest.isEmpty() || oldest.get().compareTo(OUTBOX_AGE_WARNING) < 0) {
      return Check.ok(
          "outbox", oldest.map(age -> "oldest waits for " + seconds(age)).orElse("nothing waits"));
    }
    String found = "oldest message waits for " + seconds(oldest.get());
    String advice =
        "Look at the broker checks below, and at last_error in table outbox: select operation_id,"
            + " tries, last_error from outbox where published_at is null order by available_at"
            + " limit 5;";
    return oldest.get().compareTo(OUTBOX_AGE_MAX) < 0
        ? Check.warn("outbox", found, advice)
        : Check.fail("outbox", found, advice);
  }

  private Check stalled(Handle handle) {
    List<String> ids = store.stalled(handle, STALLED_AFTER);
    return ids.isEmpty()
        ? Check.ok("operations.stalled", "none")
        : Check.warn(
            "operations.stalled",
            "no progress for %d min: %s"
                .formatted(STALLED_AFTER.toMinutes(), String.join(", ", ids)),
            "Look into their workers' logs; ktrdr operations cancel ends one.");
  }

  static String seconds(Duration duration) {
    return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
  }
}
