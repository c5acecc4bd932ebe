package io.ktrdr.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.api.fleet.WhenNoWorkers;
import io.ktrdr.protocol.OperationEvent;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.Progress;
import io.ktrdr.testkit.RepositoryRoot;
import io.ktrdr.testkit.TestBroker;
import io.ktrdr.testkit.TestPostgres;
import io.ktrdr.testkit.TestVirtualHost;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Drain and pause of the whole fleet, submits without workers, and the figures of it all. */
final class FleetIT {

  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final String BACKTESTS = "/api/v1/backtests/start";
  private static final String TRAININGS = "/api/v1/trainings/start";
  private static final String DRAIN = "/api/v1/admin/drain";
  private static final String BACKTEST =
      """
      {"model_path": "neuro_mean_reversion/1d_v21", "symbol": "EURUSD",
       "start_date": "2024-01-01", "end_date": "2024-12-31"}
      """;
  private static final String TRAINING =
      "{\"strategy_name\": \"neuro_mean_reversion\", \"symbols\": [\"EURUSD\"]}";

  @SuppressWarnings("NullAway.Init")
  private static TestVirtualHost broker;

  @SuppressWarnings("NullAway.Init")
  private static ApiFixture api;

  @BeforeAll
  static void start() {
    broker = TestBroker.freshVirtualHost();
    api = new ApiFixture(broker.amqpUrl(), RepositoryRoot.find().resolve("models"));
  }

  @AfterAll
  static void stop() {
    api.close();
    broker.close();
  }

  @BeforeEach
  void everythingOn() throws Exception {
    api.jdbi().useHandle(handle -> handle.execute("delete from audit"));
    for (String scope : List.of("{}", "{\"type\":\"training\"}", "{\"type\":\"backtesting\"}")) {
      assertThat(api.post("/api/v1/admin/undrain", scope).status()).isEqualTo(200);
    }
  }

  @Test
  void drainRefusesNewOperationsAtOnceAndKeepsWhatWasAccepted() throws Exception {
    ApiFixture.Answer first = api.post(BACKTESTS, BACKTEST, "Idempotency-Key", "before");
    assertThat(first.status()).isEqualTo(202);

    ApiFixture.Answer drained = api.post(DRAIN, "{\"reason\":\"new disks\"}");
    assertThat(drained.status()).isEqualTo(200);
    assertThat(drained.body().path("accepting").booleanValue()).isFalse();
    assertThat(drained.body().path("dispatching").booleanValue()).isFalse();
    assertThat(drained.body().path("reason").asText()).isEqualTo("new disks");
    assertThat(drained.body().path("since").isTextual()).isTrue();

    ApiFixture.Answer refused = api.post(BACKTESTS, BACKTEST);
    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.body().path("code").asText()).isEqualTo("DRAINING");
    assertThat(refused.body().path("detail").asText()).contains("new disks");
    assertThat(refused.response().headers().firstValue("Retry-After")).hasValue("30");
    ApiFixture.Answer again = api.post(BACKTESTS, BACKTEST, "Idempotency-Key", "before");
    assertThat(again.status()).isEqualTo(202);
    assertThat(again.response().body()).isEqualTo(first.response().body());
    JsonNode health = api.fetch("/health").body();
    assertThat(health.path("draining").asBoolean()).isTrue();
    assertThat(health.path("healthy").asBoolean()).isTrue();

    JsonNode open = api.post("/api/v1/admin/undrain", "").body();
    assertThat(open.path("accepting").asBoolean()).isTrue();
    assertThat(open.path("dispatching").asBoolean()).isTrue();
    assertThat(open.path("reason").isNull()).isTrue();
    assertThat(open.path("since").isNull()).isTrue();
    assertThat(api.post(BACKTESTS, BACKTEST).status()).isEqualTo(202);
    assertThat(api.fetch("/health").body().path("draining").booleanValue()).isFalse();
  }

  @Test
  void oneTypeIsDrainedAndTheOtherGoesOn() throws Exception {
    JsonNode status = api.post(DRAIN, "{\"type\":\"training\",\"pending\":\"run\"}").body();
    assertThat(status.path("accepting").asBoolean()).isTrue();
    assertThat(status.at("/types/training/accepting").booleanValue()).isFalse();
    assertThat(status.at("/types/training/dispatching").asBoolean()).isTrue();
    assertThat(status.at("/types/backtesting/accepting").asBoolean()).isTrue();
    assertThat(api.post(TRAININGS, TRAINING).status()).isEqualTo(503);
    assertThat(api.post(BACKTESTS, BACKTEST).status()).isEqualTo(202);
  }

  @Test
  void pauseAcceptsAndHoldsUntilItIsResumedAndEveryDecisionIsOnRecord() throws Exception {
    assertThat(api.post("/api/v1/admin/pause", "{\"reason\":\"a look\"}").status()).isEqualTo(200);
    JsonNode paused = api.fetch(DRAIN).body();
    assertThat(paused.path("accepting").asBoolean()).isTrue();
    assertThat(paused.path("dispatching").booleanValue()).isFalse();
    assertThat(paused.path("reason").asText()).isEqualTo("a look");
    assertThat(api.post(BACKTESTS, BACKTEST).status()).isEqualTo(202);
    String since = paused.path("since").asText();
    assertThat(api.post("/api/v1/admin/pause", "").body().path("since").asText()).isEqualTo(since);
    assertThat(api.post("/api/v1/admin/resume", "").body().path("dispatching").asBoolean())
        .isTrue();
    List<String> decisions =
        api.jdbi()
            .withHandle(handle ->
                handle
                    .createQuery(
                        "select action from audit where action <> 'fleet.undrained' order by id")
                    .mapTo(String.class)
                    .list());
    assertThat(decisions)
        .containsExactly("fleet.paused", "fleet.paused", "fleet.resumed");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "drain  | {'type':'flying'}  | /type    | OPERATION_TYPE_UNKNOWN",
        "drain  | {'pending':'keep'} | /pending | PARAMETER_INVALID",
        "pause  | {'pending':'run'}  | /pending | FIELD_UNKNOWN",
        "resume | {'reason':7}       | /reason  | FIELD_TYPE",
      })
  void unfitDecisionIsRefused(String route, String body, String pointer, String code)
      throws Exception {
    ApiFixture.Answer answer = api.post("/api/v1/admin/" + route, body.replace('\'', '"'));
    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.body().at("/errors/0/pointer").asText()).isEqualTo(pointer);
    assertThat(answer.body().at("/errors/0/code").asText()).isEqualTo(code);
  }

  @Test
  void statusAndMetricsTellWhatIsLeftAndWhatHasEnded() throws Exception {
    try (WorkerByHand worker = new WorkerByHand(api.jdbi(), broker)) {
      OperationId id =
          OperationId.parse(api.post(TRAININGS, TRAINING).body().path("operation_id").asText());
      WorkerByHand.Run run = worker.claim(id, 1);
      worker.send(new OperationEvent.Started(run.header(1)));
      worker.send(new OperationEvent.Progressed(run.header(2), Progress.of(40, "some")));
      await()
          .atMost(LIMIT)
          .untilAsserted(() -> {
            JsonNode running = api.fetch(DRAIN).body().at("/running/0");
            assertThat(running.path("operation_id").asText()).isEqualTo(id.value());
            assertThat(running.path("worker_id").asText()).isEqualTo("hand");
            assertThat(running.path("type").asText()).isEqualTo("training");
            assertThat(running.path("percentage").asDouble()).isEqualTo(40);
            assertThat(running.path("running_seconds").isIntegralNumber()).isTrue();
          });
      assertThat(api.fetch(DRAIN).body().at("/types/training/running").asInt()).isOne();
      await()
          .atMost(LIMIT)
          .untilAsserted(() ->
              assertThat(metrics())
                  .contains(
                      "ktrdr_operations_in_state{operation_type=\"training\",status=\"running\"}"
                          + " 1.0",
                      "ktrdr_workers_registered 0.0",
                      "ktrdr_workers_available{worker_type=\"training\"} 0.0",
                      "ktrdr_workers_busy{worker_type=\"backtesting\"} 0.0",
                      "ktrdr_outbox_oldest_age_seconds ",
                      "ktrdr_accepting 1.0"));
      worker.send(worker.end(run, "completed", 3, WorkerByHand::completed));
      // The same end again is the same end.
      worker.send(WorkerByHand.completed(run.header(3)));
      await()
          .atMost(LIMIT)
          .untilAsserted(() ->
              assertThat(metrics())
                  .contains(
                      "ktrdr_operations_total{operation_type=\"training\",status=\"completed\"}"
                          + " 1.0",
                      "ktrdr_operation_duration_seconds_bucket{operation_type=\"training\","
                          + "status=\"completed\",le=\"86400.0\"} 1",
                      "ktrdr_operation_duration_seconds_count{operation_type=\"training\","
                          + "status=\"completed\"} 1"));
    }
    OperationId pending =
        OperationId.parse(api.post(BACKTESTS, BACKTEST).body().path("operation_id").asText());
    api.delete("/api/v1/operations/" + pending, "");
    assertThat(metrics())
        .contains(
            "ktrdr_operations_total{operation_type=\"backtesting\",status=\"cancelled\"} 1.0");
  }

  @Test
  void withoutWorkersTheAnswerAndTheOperationSaySo() throws Exception {
    ApiFixture.Answer answer = api.post(BACKTESTS, BACKTEST);
    assertThat(answer.status()).isEqualTo(202);
    assertThat(answer.body().path("warnings").toString())
        .contains("\"No workers available - queued\"");
    assertThat(
            api.operation(answer.body().path("operation_id").asText())
                .body()
                .path("warnings")
                .toString())
        .contains("\"No workers available - queued\"");
  }

  @Test
  void withoutWorkersSubmitsAreRejectedWhereThatIsWanted() throws Exception {
    try (ApiFixture strict =
        new ApiFixture(
            TestPostgres.emptyDatabase(),
            broker.amqpUrl(),
            RepositoryRoot.find().resolve("models"),
            WhenNoWorkers.REJECT)) {
      ApiFixture.Answer rejected = strict.post(BACKTESTS, BACKTEST);
      assertThat(rejected.status()).isEqualTo(503);
      assertThat(rejected.body().path("code").asText()).isEqualTo("NO_WORKERS_AVAILABLE");
      assertThat(rejected.body().path("detail").asText()).contains("No workers available");
      assertThat(rejected.response().headers().firstValue("Retry-After")).isPresent();
      strict
          .jdbi()
          .useHandle(handle ->
              handle.execute(
                  """
                  insert into workers
                    (worker_id, worker_type, instance_id, endpoint_url, capabilities, version)
                  values ('w', 'backtesting', gen_random_uuid(), 'http://w', '{}', '1')
                  """));
      await()
          .atMost(LIMIT)
          .untilAsserted(() -> {
            ApiFixture.Answer accepted = strict.post(BACKTESTS, BACKTEST);
            assertThat(accepted.status()).isEqualTo(202);
            assertThat(accepted.body().path("warnings").toString()).doesNotContain("No workers");
          });
    }
  }

  private static String metrics() throws IOException, InterruptedException {
    ApiFixture.Answer answer = api.fetch("/metrics");
    assertThat(answer.status()).isEqualTo(200);
    return new String(answer.response().body(), StandardCharsets.UTF_8);
  }
}
