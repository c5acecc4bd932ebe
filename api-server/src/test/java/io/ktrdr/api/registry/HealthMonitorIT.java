package io.ktrdr.api.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.ktrdr.standalone.DatabaseAccess;
import io.ktrdr.testkit.TestPostgres;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What the log tells of workers that fall silent, and when they are removed. */
final class HealthMonitorIT {

  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final HealthLimits LIMITS =
      new HealthLimits(Duration.ofMillis(500), Duration.ofMillis(300), Duration.ofMinutes(1));

  private final DatabaseAccess access = TestPostgres.freshDatabase();
  private final Jdbi jdbi = Jdbi.create(access.jdbcUrl(), access.user(), access.password());
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger(HealthMonitor.class);
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          if (event.getLevel().isGreaterOrEqual(Level.INFO)) {
            lines.add(event.getLevel() + " " + event.getFormattedMessage());
          }
        }
      };

  @BeforeEach
  void listen() {
    appender.start();
    logger.addAppender(appender);
  }

  @AfterEach
  void deafen() {
    logger.detachAppender(appender);
  }

  @Test
  void silenceIsToldStepByStepHealsAndEndsInRemoval() {
    leasesRun();
    worker("w-1", "now() + interval '2 s'");
    worker("w-2", "now() + interval '1 h'");
    execute(
        "insert into worker_drains select worker_id, instance_id, now() - interval '1 h' from"
            + " workers");
    execute("insert into worker_drains values ('w-1', gen_random_uuid(), now() - interval '1 h')");
    try (HealthMonitor monitor = new HealthMonitor(jdbi, LIMITS)) {
      monitor.start();
      await("unavailable").atMost(LIMIT).until(() -> of("w-1").size() == 4);
      assertThat(of("w-1"))
          .containsExactly(
              "INFO Health check passed: w-1",
              "WARN Health check failed: w-1 (1/3 failures)",
              "WARN Health check failed: w-1 (2/3 failures)",
              "ERROR Worker marked unavailable: w-1 (3/3 failures)");
      assertThat(count("select count(*) from worker_drains")).isEqualTo(2);

      execute("update workers set last_heartbeat_at = now() + interval '1 h'");
      await("healed").atMost(LIMIT).until(() -> of("w-1").size() == 5);
      assertThat(of("w-1").getLast()).isEqualTo("INFO Health check passed: w-1");

      execute(
          "update workers set last_heartbeat_at = now() - interval '61 s' where worker_id = 'w-1'");
      await("removed").atMost(LIMIT).until(() -> of("w-1").size() == 6);
      assertThat(of("w-1").getLast()).startsWith("WARN Worker removed: w-1");
      await("drain forgotten")
          .atMost(LIMIT)
          .until(() -> count("select count(*) from worker_drains") == 1);
    }
    assertThat(of("w-2")).containsExactly("INFO Health check passed: w-2");
    assertThat(count("select count(*) from workers")).isOne();
  }

  @Test
  void whileTheDatabaseIsAwayNothingIsCheckedAndNoSilenceCounts() {
    worker("w-1", "now() - interval '1 h'");
    // As it is just after a long outage: nobody has said yet that the leases run again.
    execute(
        "update lease_clock set last_pulse_at = now() - interval '1 h', running_since = now() -"
            + " interval '1 day'");
    execute("alter table workers rename to workers_away");
    try (HealthMonitor monitor = new HealthMonitor(jdbi, LIMITS)) {
      monitor.start();
      execute("alter table lease_clock rename to lease_clock_away");
      await("away").atMost(LIMIT).until(() -> !lines.isEmpty());
      assertThat(lines.getFirst()).contains("while the database is away");
      execute("alter table lease_clock_away rename to lease_clock");
      execute("alter table workers_away rename to workers");
      execute(
          "update lease_clock set last_pulse_at = now(), running_since = now() + interval '1 h'");
      await("back").atMost(LIMIT).until(() -> of("w-1").size() == 1);
      assertThat(of("w-1")).containsExactly("INFO Health check passed: w-1");
    }
  }

  private List<String> of(String worker) {
    return lines.stream().filter(line -> line.contains(worker)).toList();
  }

  private void leasesRun() {
    execute(
        "update lease_clock set last_pulse_at = now() + interval '1 h', running_since = now() -"
            + " interval '1 day'");
  }

  private void worker(String id, String heartbeat) {
    execute(
        """
        insert into workers (worker_id, worker_type, instance_id, endpoint_url, capabilities,
                             version, last_heartbeat_at)
        values ('%s', 'training', gen_random_uuid(), 'http://w', '{}', '1', %s)
        """
            .formatted(id, heartbeat));
  }

  private int count(String sql) {
    return jdbi.withHandle(handle -> handle.createQuery(sql).mapTo(Integer.class).one());
  }

  private void execute(String sql) {
    jdbi.useHandle(handle -> handle.execute(sql));
  }
}
