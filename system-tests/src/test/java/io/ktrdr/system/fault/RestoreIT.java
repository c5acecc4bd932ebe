package io.ktrdr.system.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.standalone.OwnedProcess;
import io.ktrdr.testkit.GivenServers;
import io.ktrdr.testkit.SystemPlan;
import io.ktrdr.testkit.TestBroker;
import io.ktrdr.testkit.TestPostgres;
import io.ktrdr.testkit.TestVirtualHost;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * Yesterday's database and today's broker. The copy is made by the server itself, and holds what a
 * dump of that moment would.
 */
@SuppressWarnings("NullAway.Init")
final class RestoreIT {

  private static TestVirtualHost broker;
  private static FaultSystem system;

  @BeforeAll
  static void start() {
    broker = TestBroker.freshVirtualHost();
    system =
        FaultSystem.start(
            SystemPlan.apiOnly(),
            new GivenServers(TestPostgres.emptyDatabase(), broker, Map.of()),
            2);
  }

  @AfterAll
  static void stop() {
    system.close();
    broker.close();
  }

  @Fault(
      row = 43,
      what = "database restored from yesterday, while the broker has today's messages",
      outcome =
          "the doctor names messages of operations the database does not know; what it knows is run"
              + " to one end",
      within = 75)
  void whatYesterdayKnewEndsOnce(Recovery recovery) throws IOException, SQLException {
    List<String> ended = system.submit(Script.STEPS, 4, 2);
    ended.forEach(system::awaitEnd);
    List<String> open = new ArrayList<>(system.submit(Script.STEPS, 200, 2));
    open.forEach(system::awaitRunning);
    open.addAll(system.submit(Script.STEPS, 4, 2));
    killAll();
    String name = system.processes().database().database();
    maintain("create database %s_yesterday template %s".formatted(name, name));

    system.processes().restartApi();
    system.startWorkers(2);
    system.mayUseUp(2);
    open.forEach(system::awaitEnd);
    List<String> today = new ArrayList<>(system.submit(Script.STEPS, 4, 2));
    today.forEach(system::awaitEnd);
    system.liveWorkers().forEach(OwnedProcess::kill);
    List<String> waiting = system.submit(Script.STEPS, 4, 3);
    today.addAll(waiting);
    await()
        .atMost(FaultSystem.PATIENCE)
        .until(() -> broker.queue(FaultSystem.QUEUE).path("messages_ready").asInt() == 3);
    killAll();

    maintain("drop database %s with (force)".formatted(name));
    maintain("alter database %s_yesterday rename to %s".formatted(name, name));
    recovery.start();
    system.processes().restartApi();
    system.forget(today);
    system.parksByHand(waiting.size());
    system.startWorkers(2);
    recovery.await("all ended", () -> open.stream().allMatch(system::ended));

    await().atMost(FaultSystem.PATIENCE).until(() -> system.parked() == waiting.size());
    JsonNode doctor = system.http().get("/api/v1/admin/doctor").body();
    JsonNode unknown =
        StreamSupport.stream(doctor.path("checks").spliterator(), false)
            .filter(check -> check.path("name").asText().equals("operations.unknown"))
            .findFirst()
            .orElseThrow();
    assertThat(unknown.path("status").asText()).isEqualTo("warn");
    assertThat(unknown.path("found").asText()).contains("3 operations").contains(waiting);
    assertThat(unknown.path("advice").asText()).contains("ktrdr admin reconcile");
    assertThat(system.http().post("/api/v1/admin/reconcile", "{}").status()).isEqualTo(200);
    assertThat(system.rows("select id from operations where status = 'completed'"))
        .containsAll(ended)
        .containsAll(open);
    // No crash loop: none of these was started again.
    assertThat(system.liveWorkers()).hasSize(2);
    assertThat(system.processes().api().isAlive()).isTrue();
    system.checkAtRest();
  }

  private static void killAll() {
    system.liveWorkers().forEach(OwnedProcess::kill);
    system.processes().api().kill();
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> !system.processes().api().isAlive() && system.liveWorkers().isEmpty());
  }

  /**
   * As the server's own role, in no database of ours. Postgres notices dead clients a bit later.
   */
  private static void maintain(String sql) {
    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptions()
        .until(() -> {
          try (Connection connection = TestPostgres.server().connect();
              Statement statement = connection.createStatement()) {
            statement.execute(sql);
            return true;
          }
        });
  }
}
