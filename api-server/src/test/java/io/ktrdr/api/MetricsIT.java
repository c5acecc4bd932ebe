package io.ktrdr.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ktrdr.protocol.Failure;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationEvent;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.Progress;
import io.ktrdr.protocol.amqp.Topology;
import io.ktrdr.testkit.MetricsPage;
import io.ktrdr.testkit.RepositoryRoot;
import io.ktrdr.testkit.TestBroker;
import io.ktrdr.testkit.TestVirtualHost;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the API says of itself in figures, held against what really happens, and the page. */
final class MetricsIT {

  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String TRAININGS = "/api/v1/trainings/start";
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

  @Test
  void everyRunIsCountedOnceByHowItEnded() throws Exception {
    double completed = attempts("completed");
    double runs = value("ktrdr_operation_run_seconds_count{operation_type=\"training\"}");
    double begun = value("ktrdr_operation_queue_seconds_count{operation_type=\"training\"}");
    OperationId id = submit();
    try (WorkerByHand worker = new WorkerByHand(api.jdbi(), broker)) {
      WorkerByHand.Run first = worker.claim(id, 1);
      worker.send(new OperationEvent.Started(first.header(1)));
      await().atMost(LIMIT).untilAsserted(() -> assertThat(status(id)).isEqualTo("running"));
      OperationEvent failed =
          worker.end(
              first,
              "failed",
              2,
              header -> new OperationEvent.Failed(header, new Failure("FLAKY", "once", true)));
      worker.send(failed);
      worker.send(failed);
      await().atMost(LIMIT).untilAsserted(() -> assertThat(status(id)).isEqualTo("pending"));

      // The second is lost: somebody else ended it. What it says after that is discarded.
      WorkerByHand.Run second = worker.claim(id, 2);
      worker.send(new OperationEvent.Started(second.header(1)));
      await().atMost(LIMIT).untilAsserted(() -> assertThat(status(id)).isEqualTo("running"));
      api.jdbi()
          .useHandle(handle ->
              handle.execute(
                  "update runs set ended_at = now(), outcome = 'lost', reason = 'test'"
                      + " where run_id = ?",
                  second.id().value()));
      WorkerByHand.Run third = worker.claim(id, 3);
      worker.send(new OperationEvent.Started(third.header(1)));
      await().atMost(LIMIT).untilAsserted(() -> assertThat(attempts("lost")).isEqualTo(1));
      worker.send(WorkerByHand.completed(second.header(2)));
      worker.send(new OperationEvent.Progressed(third.header(2), Progress.of(50, "half")));
      worker.send(worker.end(third, "completed", 3, WorkerByHand::completed));
      await().atMost(LIMIT).untilAsserted(() -> assertThat(status(id)).isEqualTo("completed"));
    }
    await()
        .atMost(LIMIT)
        .untilAsserted(() -> {
          assertThat(attempts("failed")).isEqualTo(1);
          assertThat(attempts("lost")).isEqualTo(1);
          assertThat(attempts("completed")).isEqualTo(completed + 1);
          assertThat(value("ktrdr_results_discarded_total{operation_type=\"training\"}"))
              .isEqualTo(1);
          assertThat(value("ktrdr_operation_run_seconds_count{operation_type=\"training\"}"))
              .isEqualTo(runs + 3);
          assertThat(value("ktrdr_operation_queue_seconds_count{operation_type=\"training\"}"))
              .isEqualTo(begun + 3);
        });
    // The run that was claimed when the second was gone waited from then on, not from the submit.
    assertThat(value("ktrdr_operation_queue_seconds_sum{operation_type=\"training\"}"))
        .isBetween(0.0, (double) LIMIT.toSeconds());
  }

  @Test
  void queuesDeadLettersAndOldestQueuedAreSeen() throws Exception {
    OperationId id = submit();
    String dead = Topology.deadLetterQueueOf(Topology.queueOf(OperationType.TRAINING));
    api.jdbi()
        .useHandle(handle -> {
          handle.execute(
              """
              insert into outbox (operation_id, exchange, routing_key, body)
              values (?, ?, ?, '{"not": "a command"}')
              """,
              id.value(),
              Topology.DEAD_LETTER_EXCHANGE,
              Topology.queueOf(OperationType.TRAINING));
          handle.execute(
              "update operations set pending_since = now() - interval '1 hour' where id = ?",
              id.value());
        });
    await()
        .atMost(LIMIT)
        .untilAsserted(() -> {
          assertThat(value("ktrdr_dead_letters{queue=\"%s\"}".formatted(dead))).isEqualTo(1);
          assertThat(value("ktrdr_queue_messages_ready{queue=\"operations.training\"}"))
              .isPositive();
          assertThat(value("ktrdr_queue_consumers{queue=\"operation-events.projection\"}"))
              .isEqualTo(1);
          assertThat(
                  value("ktrdr_operations_oldest_queued_age_seconds{operation_type=\"training\"}"))
              .isBetween(3_600.0, 3_700.0);
          assertThat(value("ktrdr_rescue_leader")).isEqualTo(1);
          assertThat(value("ktrdr_projection_subscribed")).isEqualTo(1);
          assertThat(value("ktrdr_broker_connected")).isEqualTo(1);
          assertThat(value("ktrdr_broker_blocked")).isZero();
          assertThat(value("ktrdr_database_up")).isEqualTo(1);
        });
    api.post("/api/v1/admin/pause", "{\"type\": \"training\"}");
    await()
        .atMost(LIMIT)
        .untilAsserted(() ->
            assertThat(value("ktrdr_operations_paused{operation_type=\"training\"}")).isEqualTo(1));
    assertThat(value("ktrdr_operations_paused{operation_type=\"backtesting\"}")).isZero();
    api.post("/api/v1/admin/resume", "{\"type\": \"training\"}");
  }

  @Test
  void requestsAreCountedByRouteNotById() throws Exception {
    api.fetch("/api/v1/operations/op_training_20250101_000000_deadbeef");
    api.fetch("/api/v1/operations/op_training_20250101_000000_deadbee0");
    api.fetch("/nowhere/at/all");
    assertThat(
            value(
                "http_server_requests_seconds_count{method=\"GET\","
                    + "route=\"/api/v1/operations/{id}\",status=\"404\"}"))
        .isEqualTo(2);
    assertThat(
            value(
                "http_server_requests_seconds_count{method=\"GET\",route=\"none\",status=\"404\"}"))
        .isEqualTo(1);
    assertThat(scrape()).doesNotContain("deadbeef");
  }

  @Test
  void prometheusIsToldWhereEveryWorkerOfTheRegistryIs() throws Exception {
    api.jdbi()
        .useHandle(handle ->
            handle.execute(
                """
                insert into workers
                  (worker_id, worker_type, instance_id, endpoint_url, capabilities, version)
                values ('w1', 'report', gen_random_uuid(), 'http://10.0.0.7:5004', '{}', '1'),
                       ('w2', 'training', gen_random_uuid(), 'https://[::1]:5005', '{}', '1')
                """));
    ApiFixture.Answer answer = api.fetch("/api/v1/workers/targets");
    assertThat(answer.response().headers().firstValue("Content-Type")).contains("application/json");
    assertThat(answer.body())
        .isEqualTo(
            Json.mapper()
                .readTree(
                    """
                    [{"targets": ["10.0.0.7:5004"],
                      "labels": {"worker_id": "w1", "worker_type": "report",
                                 "__scheme__": "http"}},
                     {"targets": ["[::1]:5005"],
                      "labels": {"worker_id": "w2", "worker_type": "training",
                                 "__scheme__": "https"}}]
                    """));
  }

  @Test
  void thePageNamesEveryMetricItsTypeAndItsLabels() throws Exception {
    OperationId id = submit();
    api.delete("/api/v1/operations/" + id, "");
    try (WorkerByHand worker = new WorkerByHand(api.jdbi(), broker)) {
      OperationId ended = submit();
      WorkerByHand.Run run = worker.claim(ended, 1);
      worker.send(new OperationEvent.Started(run.header(1)));
      worker.send(worker.end(run, "completed", 2, WorkerByHand::completed));
      await()
          .atMost(LIMIT)
          .untilAsserted(() -> {
            assertThat(status(ended)).isEqualTo("completed");
            assertThat(MetricsPage.scraped(scrape())).isEqualTo(MetricsPage.documented("API"));
          });
    }
  }

  private static OperationId submit() throws IOException, InterruptedException {
    return OperationId.parse(api.post(TRAININGS, TRAINING).body().path("operation_id").asText());
  }

  private static String status(OperationId id) {
    return api.operation(id.value()).body().path("status").asText();
  }

  private static double attempts(String outcome) throws IOException, InterruptedException {
    return value(
        "ktrdr_attempts_total{operation_type=\"training\",outcome=\"%s\"}".formatted(outcome));
  }

  /** NaN for a series there is not. */
  private static double value(String series) throws IOException, InterruptedException {
    return scrape()
        .lines()
        .filter(line -> line.startsWith(series + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
        .findFirst()
        .orElse(Double.NaN);
  }

  private static String scrape() throws IOException, InterruptedException {
    ApiFixture.Answer answer = api.fetch("/metrics");
    assertThat(answer.status()).isEqualTo(200);
    return new String(answer.response().body(), StandardCharsets.UTF_8);
  }
}
