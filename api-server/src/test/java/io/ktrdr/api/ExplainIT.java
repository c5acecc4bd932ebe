package io.ktrdr.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.api.WorkerByHand.Run;
import io.ktrdr.protocol.OperationEvent;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.Progress;
import io.ktrdr.testkit.TestBroker;
import io.ktrdr.testkit.TestVirtualHost;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Why an operation waits, with workers and controls written by hand. */
@SuppressWarnings("NullAway.Init")
final class ExplainIT {

  private static final Duration SOON = Duration.ofSeconds(20);
  private static final String TRAINING =
      """
      {"strategy_name": "neuro_mean_reversion", "symbols": ["EURUSD"], "timeframes": ["1d"],
       "start_date": "2015-01-01", "end_date": "2022-12-31"}
      """;

  @TempDir private Path noModels;

  private TestVirtualHost broker;
  private ApiFixture api;
  private WorkerByHand worker;

  @BeforeEach
  void start() {
    broker = TestBroker.freshVirtualHost();
    api = new ApiFixture(broker.amqpUrl(), noModels);
    worker = new WorkerByHand(api.jdbi(), broker);
  }

  @AfterEach
  void stop() {
    worker.close();
    api.close();
    broker.close();
  }

  @Test
  void anUnknownOperationIsSaidToBeUnknown() throws IOException, InterruptedException {
    for (String id : new String[] {"op_training_20251110_103000_000000000000", "nonsense"}) {
      ApiFixture.Answer answer = api.fetch("/api/v1/operations/%s/explain".formatted(id));
      assertThat(answer.status()).isEqualTo(404);
      assertThat(answer.body().path("code").asText()).isEqualTo("OPERATION_UNKNOWN");
    }
  }

  @Test
  void withoutWorkersItSaysSo() throws IOException, InterruptedException {
    OperationId id = submit();
    JsonNode nobody = awaitState(id, "no_worker");
    assertThat(nobody.path("summary").asText()).contains("No training worker is alive");
    assertThat(nobody.path("workers").isEmpty()).isTrue();
    assertThat(nobody.path("expected_start").isNull()).isTrue();
    assertThat(nobody.path("expected_start_unknown_because").asText()).contains("no worker");

    // Silent for longer than three checks.
    registered("w1", "{\"cores\": 4, \"memory_gb\": 8, \"gpu\": false}");
    api.jdbi()
        .useHandle(handle ->
            handle.execute(
                "update lease_clock set running_since = now() - interval '1 hour';"
                    + "update workers set last_heartbeat_at = now() - interval '28 s'"));
    JsonNode silent = explain(id);
    assertThat(silent.path("state").asText()).isEqualTo("no_worker");
    assertThat(silent.at("/workers/0/status").asText()).isEqualTo("TEMPORARILY_UNAVAILABLE");
    assertThat(silent.at("/workers/0/not_capable_because").asText()).contains("28 s");
    api.jdbi()
        .useHandle(handle ->
            handle.execute(
                "update workers set last_heartbeat_at = now() - interval '10 s', draining = true"));
    JsonNode draining = explain(id);
    assertThat(draining.path("state").asText()).isEqualTo("no_worker");
    assertThat(draining.path("summary").asText()).contains("w1 is being drained");
    assertThat(draining.at("/workers/0/status").asText()).isEqualTo("DRAINING");
  }

  @Test
  void aDemandNobodyMeetsIsNamed() throws IOException, InterruptedException {
    registered("w1", "{\"cores\": 4, \"memory_gb\": 8, \"gpu\": false}");
    OperationId id =
        submit(TRAINING.replace("{", "{\"requires_gpu\": true, \"min_memory_gb\": 16, "));
    JsonNode answer = awaitState(id, "no_capable_worker");
    assertThat(answer.path("summary").asText()).contains("a GPU, 16 GB");
    assertThat(answer.at("/demand/requires_gpu").asBoolean()).isTrue();
    assertThat(answer.at("/queue/name").asText()).isEqualTo("operations.training.gpu.mem16");
    assertThat(answer.at("/workers/0/capable").asBoolean(true)).isFalse();
    assertThat(answer.at("/workers/0/not_capable_because").asText())
        .isEqualTo("has no GPU, has 8 of 16 GB");

    registered("w2", "{\"cores\": 4, \"memory_gb\": 16, \"gpu\": true}");
    JsonNode now = explain(id);
    assertThat(now.path("state").asText()).isEqualTo("waiting_for_worker");
    assertThat(now.at("/workers/1/capable").asBoolean()).isTrue();
  }

  @Test
  void aQueuedOneIsToldItsPlaceAndWhenItMayStart() throws IOException, InterruptedException {
    registered("hand", "{\"cores\": 4, \"memory_gb\": 8, \"gpu\": false}");
    completed(4, 100);
    OperationId busy = submit();
    Run run = worker.claim(busy, 1);
    worker.send(new OperationEvent.Started(run.header(1)));
    await().atMost(SOON).until(() -> explain(busy).path("status").asText().equals("running"));
    belongsTo(run, "hand");
    OperationId first = submit();
    OperationId second = submit();

    JsonNode tooFew = awaitState(second, "waiting_for_worker");
    assertThat(tooFew.at("/queue/name").asText()).isEqualTo("operations.training");
    assertThat(tooFew.at("/queue/position").asInt()).isEqualTo(2);
    assertThat(tooFew.at("/queue/ahead").asInt()).isEqualTo(1);
    assertThat(explain(first).at("/queue/position").asInt()).isEqualTo(1);
    assertThat(tooFew.path("expected_start").isNull()).isTrue();
    assertThat(tooFew.path("expected_start_unknown_because").asText())
        .isEqualTo("only 4 runs so far");
    assertThat(tooFew.at("/workers/0/current_operation_id").asText()).isEqualTo(busy.value());
    assertThat(tooFew.at("/workers/0/busy_seconds").asDouble()).isPositive();

    completed(1, 100);
    api.jdbi()
        .useHandle(handle ->
            handle.execute(
                "update runs set claimed_at = now() - interval '40 s' where run_id = ?",
                run.id().value()));
    JsonNode told = explain(second);
    // 60 s are left of what runs, and 100 s for the one ahead.
    JsonNode start = told.path("expected_start");
    assertThat(start.path("based_on_runs").asInt()).isEqualTo(5);
    Duration wait = Duration.between(Instant.now(), Instant.parse(start.path("median").asText()));
    assertThat(wait).isBetween(Duration.ofSeconds(120), Duration.ofSeconds(162));
    assertThat(start.path("earliest").asText()).isEqualTo(start.path("latest").asText());
    assertThat(told.path("summary").asText())
        .contains("Number 2 in its queue", "The one worker that can take it is busy", "2 min");
  }

  @Test
  void aHeldOneNamesTheReasonAndTheWayOut() throws IOException, InterruptedException {
    registered("w1", "{\"cores\": 4, \"memory_gb\": 8, \"gpu\": false}");
    OperationId id = submit();
    awaitState(id, "waiting_for_worker");
    control("training", true, "quiet night");
    JsonNode paused = explain(id);
    assertThat(paused.path("state").asText()).isEqualTo("held");
    assertThat(paused.path("dispatching").asBoolean(true)).isFalse();
    assertThat(paused.path("accepting").asBoolean()).isTrue();
    assertThat(paused.path("reason").asText()).isEqualTo("quiet night");
    assertThat(paused.path("summary").asText())
        .contains("quiet night", "number 1", "ktrdr admin resume");
    assertThat(paused.path("expected_start_unknown_because").asText()).contains("held");
    control("*", false, "deploy");
    assertThat(explain(id).path("summary").asText()).contains("deploy", "ktrdr admin undrain");
    api.jdbi()
        .useHandle(handle -> handle.execute("update dispatch_controls set dispatching = true"));
    assertThat(explain(id).path("state").asText()).isEqualTo("waiting_for_worker");
  }

  @Test
  void oneThatWaitsForItsNextAttemptIsToldWhenThatIs() throws IOException, InterruptedException {
    registered("w1", "{\"cores\": 4, \"memory_gb\": 8, \"gpu\": false}");
    completed(5, 10);
    OperationId id = submit();
    awaitState(id, "waiting_for_worker");
    api.jdbi()
        .useHandle(handle ->
            handle.execute(
                "update operations set next_attempt_at = now() + interval '50 s', attempt = 1,"
                    + " queued_at = null where id = ?",
                id.value()));
    JsonNode answer = explain(id);
    assertThat(answer.path("state").asText()).isEqualTo("waiting_for_retry");
    assertThat(answer.path("summary").asText()).contains("Attempt 1 of 3 did not work", "due in");
    // A free worker, but not before it is due.
    Instant due = Instant.parse(answer.path("next_attempt_at").asText());
    assertThat(Instant.parse(answer.at("/expected_start/earliest").asText()))
        .isBetween(due.minusMillis(10), due);
    api.jdbi()
        .useHandle(handle ->
            handle.execute(
                "update operations set next_attempt_at = null where id = ?", id.value()));
    assertThat(explain(id).path("state").asText()).isEqualTo("waiting_for_broker");
  }

  @Test
  void aRunningOneTellsHowFarItIsAndAnEndedOneHowItEnded()
      throws IOException, InterruptedException {
    completed(5, 100);
    OperationId id = submit();
    Run run = worker.claim(id, 1);
    worker.send(new OperationEvent.Started(run.header(1)));
    worker.send(new OperationEvent.Progressed(run.header(2), Progress.of(50, "Epoch 5/10")));
    await().atMost(SOON).until(() -> explain(id).path("summary").asText().contains("50 % done"));
    JsonNode running = explain(id);
    assertThat(running.path("state").asText()).isEqualTo("running");
    assertThat(running.path("queue").isNull()).isTrue();
    assertThat(running.path("expected_start").isNull()).isTrue();
    assertThat(running.at("/expected_end/based_on_runs").asInt()).isEqualTo(5);
    assertThat(Instant.parse(running.at("/expected_end/median").asText()))
        .isAfter(Instant.now().plusSeconds(20));

    api.jdbi()
        .useHandle(handle ->
            handle.execute(
                "update operations set progress_at = now() - interval '11 min' where id = ?",
                id.value()));
    JsonNode stalled = explain(id);
    assertThat(stalled.path("state").asText()).isEqualTo("stalled");
    assertThat(stalled.path("summary").asText())
        .contains("without a sign of progress for 11 min", "After 30 min");

    worker.send(worker.end(run, "completed", 3, WorkerByHand::completed));
    await().atMost(SOON).until(() -> explain(id).path("state").asText().equals("ended"));
    JsonNode ended = explain(id);
    assertThat(ended.path("summary").asText()).contains("Completed", "attempt 1 of 3, worker hand");
    assertThat(ended.path("expected_end").isNull()).isTrue();
  }

  private OperationId submit() throws IOException, InterruptedException {
    return submit(TRAINING);
  }

  private OperationId submit(String training) throws IOException, InterruptedException {
    return OperationId.parse(
        api.post("/api/v1/trainings/start", training).body().path("operation_id").asText());
  }

  private JsonNode explain(OperationId id) throws IOException, InterruptedException {
    return api.fetch("/api/v1/operations/%s/explain".formatted(id)).body();
  }

  private JsonNode awaitState(OperationId id, String state)
      throws IOException, InterruptedException {
    await().atMost(SOON).until(() -> explain(id).path("state").asText().equals(state));
    return explain(id);
  }

  private void registered(String id, String capabilities) {
    api.jdbi()
        .useHandle(handle ->
            handle.execute(
                """
                insert into workers
                  (worker_id, worker_type, instance_id, endpoint_url, capabilities, version,
                   subscribed)
                values (?, 'training', gen_random_uuid(), 'http://127.0.0.1:1', ?::jsonb, 'test', true)
                """,
                id,
                capabilities));
  }

  private void belongsTo(Run run, String workerId) {
    api.jdbi()
        .useHandle(handle ->
            handle.execute(
                "update runs set worker_instance = (select instance_id from workers where worker_id"
                    + " = ?) where run_id = ?",
                workerId,
                run.id().value()));
  }

  private void control(String scope, boolean accepting, String reason) {
    api.jdbi()
        .useHandle(handle ->
            handle.execute(
                "insert into dispatch_controls (scope, accepting, dispatching, reason) values (?,"
                    + " ?, false, ?)",
                scope,
                accepting,
                reason));
  }

  /** Trainings that have ended and took this long. */
  private void completed(int number, int seconds) throws IOException, InterruptedException {
    for (int i = 0; i < number; i++) {
      Run run = worker.claim(submit(), 1);
      api.jdbi()
          .useHandle(handle -> {
            handle.execute(
                """
                update runs
                set claimed_at = now() - make_interval(secs => ?), ended_at = now(),
                    outcome = 'completed'
                where run_id = ?
                """,
                seconds,
                run.id().value());
            handle.execute(
                """
                update operations
                set status = 'completed', result = '{}', attempt = 1, settled_attempt = 1,
                    completed_at = now()
                where id = ?
                """,
                run.operation().value());
          });
    }
  }
}
