package io.ktrdr.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ktrdr.standalone.Layout;
import io.ktrdr.standalone.OwnedProcess;
import io.ktrdr.standalone.PostgresConfig;
import io.ktrdr.standalone.PostgresServer;
import io.ktrdr.testkit.RepositoryRoot;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The API while its database is stopped, restarted, disconnected or silent. Without the limits in
 * {@code Database} the silent one hangs every request; without {@code DatabaseOutage} a lost
 * connection is a 500.
 */
final class DatabaseOutageIT {

  private static final Duration ANSWER_MAX = Duration.ofSeconds(3);

  /** What scheduling on a busy machine may add. */
  private static final Duration MACHINE = Duration.ofSeconds(2);

  private static final Duration RECOVERY_MAX = Duration.ofSeconds(10);
  private static final String TRAINING =
      "{\"strategy_name\":\"neuro_mean_reversion\",\"symbols\":[\"EURUSD\"],\"timeframes\":[\"1d\"]}";

  @TempDir private Path folder = Path.of("");

  @SuppressWarnings("NullAway.Init")
  private PostgresServer postgres;

  @SuppressWarnings("NullAway.Init")
  private ApiFixture api;

  @BeforeEach
  void start() throws IOException, InterruptedException {
    postgres =
        PostgresServer.start(
            new PostgresConfig(
                folder,
                new Layout(RepositoryRoot.find()).runtime(),
                folder.resolve("log"),
                false,
                OwnedProcess::start));
    api = new ApiFixture(postgres.access(), "amqp://guest:guest@127.0.0.1:1/", folder);
    assertThat(submit()).isEqualTo(202);
  }

  @AfterEach
  void stop() {
    api.close();
    postgres.close();
  }

  @Test
  void stoppedDatabaseIsSaidInTimeAndAfterItsRestartTheApiGoesOn() throws Exception {
    postgres.close();
    everyRequestIsToldToComeBack();

    postgres.restart();
    await().atMost(RECOVERY_MAX).until(() -> api.fetch("/readyz").status() == 200);
    assertThat(submit()).isEqualTo(202);
  }

  @Test
  void silentDatabaseIsSaidInTimeAndWhenItSpeaksAgainTheApiGoesOn() throws Exception {
    signal("STOP");
    try {
      everyRequestIsToldToComeBack();
    } finally {
      signal("CONT");
    }
    await().atMost(RECOVERY_MAX).until(() -> api.fetch("/readyz").status() == 200);
    assertThat(submit()).isEqualTo(202);
  }

  @Test
  void endedBackendsAreReplacedWithoutAnyoneNoticingMoreThanA503() throws Exception {
    for (int round = 0; round < 20; round++) {
      api.jdbi()
          .useHandle(handle ->
              handle.execute(
                  "select pg_terminate_backend(pid) from pg_stat_activity where pid <>"
                      + " pg_backend_pid() and application_name = 'ktrdr-api'"));
      assertThat(api.fetch("/api/v1/operations").status()).isIn(200, 503);
    }
    await().atMost(RECOVERY_MAX).until(() -> api.fetch("/api/v1/operations").status() == 200);
  }

  private void everyRequestIsToldToComeBack() throws IOException, InterruptedException {
    for (String path :
        List.of(
            "/api/v1/operations",
            "/api/v1/workers",
            "/api/v1/workers/health",
            "/api/v1/workers/targets",
            "/api/v1/admin/drain",
            "/api/v1/models",
            "/readyz",
            "/health",
            "/api/v1/health")) {
      toldToComeBack(path, () -> api.fetch(path));
    }
    toldToComeBack("submit", () -> api.post("/api/v1/trainings/start", TRAINING));
    assertThat(api.fetch("/livez").status()).isEqualTo(200);
    assertThat(api.fetch("/readyz").body().path("status").asText()).isEqualTo("unavailable");
    assertThat(api.fetch("/readyz").body().path("components").path("database").asText())
        .isEqualTo("down");
  }

  private int submit() throws IOException, InterruptedException {
    return api.post("/api/v1/trainings/start", TRAINING).status();
  }

  /** Asks the API. */
  private interface Question {
    ApiFixture.Answer ask() throws IOException, InterruptedException;
  }

  private static void toldToComeBack(String what, Question question)
      throws IOException, InterruptedException {
    Instant asked = Instant.now();
    ApiFixture.Answer answer = question.ask();
    assertThat(answer.status()).as(what).isEqualTo(503);
    assertThat(answer.response().headers().firstValueAsLong("Retry-After")).as(what).isPresent();
    assertThat(Duration.between(asked, Instant.now()))
        .as(what)
        .isLessThan(ANSWER_MAX.plus(MACHINE));
  }

  /** To the server, which then begets no more, and to every backend it has. */
  private void signal(String name) throws IOException, InterruptedException {
    ProcessHandle server = ProcessHandle.of(postgres.process().pid()).orElseThrow();
    signal(name, server);
    for (ProcessHandle process : server.descendants().toList()) {
      signal(name, process);
    }
  }

  private static void signal(String name, ProcessHandle process)
      throws IOException, InterruptedException {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
    assertThat(kill.waitFor(10, TimeUnit.SECONDS)).isTrue();
  }
}
