package io.ktrdr.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.api.WorkerByHand.Run;
import io.ktrdr.protocol.EventHeader;
import io.ktrdr.protocol.Failure;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationEvent;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.Progress;
import io.ktrdr.testkit.TestBroker;
import io.ktrdr.testkit.TestVirtualHost;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Cancel, retry, resume and backoff through the API, with a worker played by hand. */
@SuppressWarnings("NullAway.Init")
final class ControlIT {

  private static final Duration SOON = Duration.ofSeconds(20);
  private static final String TRAINING =
      """
      {"strategy_name": "neuro_mean_reversion", "symbols": ["EURUSD"], "timeframes": ["1d"],
       "start_date": "2015-01-01", "end_date": "2022-12-31"}
      """;

  /** Postgres' state for a lock that was not free in time. */
  private static final String LOCK_TIMEOUT = "55P03";

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
  void aPendingOperationIsCancelledAtOnceAndOnlyOnce() throws IOException, InterruptedException {
    OperationId id = submit();
    ApiFixture.Answer answer = api.delete("/api/v1/operations/" + id, "{\"reason\": \"typo\"}");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body().path("status").asText()).isEqualTo("cancelled");
    assertThat(answer.body().path("cancelled_at").isTextual()).isTrue();
    assertThat(answer.body().path("cancellation_reason").asText()).isEqualTo("typo");

    ApiFixture.Answer again = api.post("/api/v1/operations/%s/cancel".formatted(id), "");
    assertThat(again.status()).isEqualTo(409);
    assertThat(again.body().path("code").asText()).isEqualTo("OPERATION_ENDED");
    assertThat(again.body().path("detail").asText()).contains("is cancelled already");
    assertThat(history(id)).containsExactly("operation.submitted", "operation.cancelled");
  }

  @Test
  void aRunningOperationIsCancellingUntilItsRunSaysSoAndKeepsWhatItHad()
      throws IOException, InterruptedException {
    OperationId id = submit();
    Run run = worker.claim(id, 1);
    worker.send(new OperationEvent.Started(run.header(1)));
    await().atMost(SOON).until(() -> status(id).equals("running"));

    ApiFixture.Answer answer = api.delete("/api/v1/operations/" + id, "");
    assertThat(answer.status()).isEqualTo(202);
    assertThat(answer.body().path("status").asText()).isEqualTo("cancelling");
    assertThat(status(id)).isEqualTo("cancelling");
    assertThat(api.delete("/api/v1/operations/" + id, "").status()).isEqualTo(202);

    worker.send(
        worker.end(
            run,
            "cancelled",
            2,
            header ->
                new OperationEvent.Cancelled(
                    header,
                    "cancelled by user",
                    Json.mapper().createObjectNode().put("epochs", 3),
                    List.of())));
    await().atMost(SOON).until(() -> status(id).equals("cancelled"));
    JsonNode result = api.operation(id.value()).body().path("result");
    assertThat(result.path("epochs").asInt()).isEqualTo(3);
    assertThat(result.path("partial").asBoolean()).isTrue();
    assertThat(history(id))
        .containsExactly(
            "operation.submitted",
            "operation.started",
            "operation.cancel-requested",
            "operation.cancelled");
  }

  @Test
  void aCancelThatComesAfterTheRunHasEndedSaysSo() throws IOException, InterruptedException {
    OperationId id = submit();
    Run run = worker.claim(id, 1);
    // Stored, and its event not sent yet.
    OperationEvent end = worker.end(run, "completed", 2, WorkerByHand::completed);
    ApiFixture.Answer answer = api.delete("/api/v1/operations/" + id, "");
    assertThat(answer.status()).isEqualTo(409);
    assertThat(answer.body().path("detail").asText()).contains("is completed already");

    worker.send(end);
    worker.send(end);
    assertThat(status(id)).isEqualTo("completed");
    assertThat(history(id)).doesNotContain("operation.cancelled", "result.discarded");
  }

  @Test
  void aCompletionThatBeatsTheCancelIsTheOneOutcome() throws IOException, InterruptedException {
    OperationId id = submit();
    Run run = worker.claim(id, 1);
    worker.send(new OperationEvent.Started(run.header(1)));
    assertThat(api.delete("/api/v1/operations/" + id, "").status()).isEqualTo(202);
    worker.send(worker.end(run, "completed", 2, WorkerByHand::completed));
    await().atMost(SOON).until(() -> status(id).equals("completed"));
  }

  @Test
  void aClaimWaitsForACancelInProgress() throws IOException, InterruptedException {
    OperationId id = submit();
    // Handles of their own: within one thread Jdbi would use the same for both.
    try (Handle cancelling = api.jdbi().open();
        Handle claiming = api.jdbi().open()) {
      cancelling.begin();
      cancelling.execute("select 1 from operations where id = ? for update", id.value());
      claiming.begin();
      claiming.execute("set local lock_timeout = '300ms'");
      assertThat(
              lockRefused(() ->
                  claiming.execute(
                      """
                      insert into runs (run_id, operation_id, attempt, worker_id,
                                        worker_instance, endpoint_url)
                      values (gen_random_uuid(), ?, 1, 'w', gen_random_uuid(), 'http://w')
                      """,
                      id.value())))
          .isTrue();
      claiming.rollback();
      cancelling.rollback();
    }
  }

  @Test
  void aTransientFailureIsTriedAgainAfterItsBackoffAndAPermanentOneIsNot()
      throws IOException, InterruptedException {
    OperationId id = submit();
    for (int attempt = 1; attempt <= 2; attempt++) {
      Run run = worker.claim(id, attempt);
      worker.send(new OperationEvent.Started(run.header(1)));
      worker.send(worker.end(run, "failed", 2, header -> failed(header, true)));
      await().atMost(SOON).until(() -> status(id).equals("pending"));
      JsonNode operation = api.operation(id.value()).body();
      assertThat(operation.path("next_attempt_at").isTextual()).isTrue();
      assertThat(operation.path("dispatch").asText()).isIn("scheduled", "queued");
      assertThat(operation.path("attempt").asInt()).isEqualTo(attempt);
      int messages = attempt + 1;
      await().atMost(SOON).untilAsserted(() -> assertThat(published(id)).isEqualTo(messages));
    }
    Run last = worker.claim(id, 3);
    worker.send(worker.end(last, "failed", 1, header -> failed(header, true)));
    await().atMost(SOON).until(() -> status(id).equals("failed"));

    JsonNode operation = api.operation(id.value()).body();
    assertThat(operation.path("error_code").asText()).isEqualTo("DATA_AWAY");
    assertThat(operation.path("attempts").findValuesAsText("outcome"))
        .containsExactly("failed", "failed", "failed");
    assertThat(history(id).stream().filter("run.failed"::equals)).hasSize(2);
    assertThat(waitsBeforeTheirMessage(id)).isTrue();

    OperationId other = submit();
    Run run = worker.claim(other, 1);
    worker.send(worker.end(run, "failed", 1, header -> failed(header, false)));
    await().atMost(SOON).until(() -> status(other).equals("failed"));
  }

  @Test
  void aFailedOperationIsTriedAgainByHandWithAllItsAttempts()
      throws IOException, InterruptedException {
    OperationId id = submit();
    assertThat(api.post("/api/v1/operations/%s/retry".formatted(id), "").body().path("code"))
        .hasToString("\"OPERATION_ACTIVE\"");
    Run run = worker.claim(id, 1);
    worker.send(worker.end(run, "failed", 1, header -> failed(header, false)));
    await().atMost(SOON).until(() -> status(id).equals("failed"));

    ApiFixture.Answer resume = api.post("/api/v1/operations/%s/resume".formatted(id), "");
    assertThat(resume.status()).isEqualTo(404);
    assertThat(resume.body().path("code").asText()).isEqualTo("CHECKPOINT_UNKNOWN");

    ApiFixture.Answer retry = api.post("/api/v1/operations/%s/retry".formatted(id), "");
    assertThat(retry.status()).isEqualTo(202);
    JsonNode operation = api.operation(id.value()).body();
    assertThat(operation.path("status").asText()).isEqualTo("pending");
    assertThat(operation.path("error_message").isNull()).isTrue();
    await().atMost(SOON).untilAsserted(() -> assertThat(published(id)).isEqualTo(2));

    Run second = worker.claim(id, 2);
    worker.send(worker.end(second, "failed", 1, header -> failed(header, true)));
    await().atMost(SOON).until(() -> status(id).equals("pending"));
    Run third = worker.claim(id, 3);
    worker.send(worker.end(third, "completed", 1, WorkerByHand::completed));
    await().atMost(SOON).until(() -> status(id).equals("completed"));
    assertThat(api.post("/api/v1/operations/%s/retry".formatted(id), "").status()).isEqualTo(409);
    assertThat(history(id)).contains("operation.retried");
  }

  @Test
  void aRetryIgnoresWhatTheEarlierRunStillSays() throws IOException, InterruptedException {
    OperationId id = submit();
    Run run = worker.claim(id, 1);
    OperationEvent end = worker.end(run, "failed", 5, header -> failed(header, false));
    worker.send(end);
    await().atMost(SOON).until(() -> status(id).equals("failed"));
    api.post("/api/v1/operations/%s/retry".formatted(id), "");
    worker.send(WorkerByHand.completed(run.header(6)));
    await().atMost(SOON).until(() -> history(id).contains("result.discarded"));
    assertThat(status(id)).isEqualTo("pending");
  }

  @Test
  void anOperationThatWasCancelledWhileItsRunWasLostIsCancelled()
      throws IOException, InterruptedException {
    OperationId id = submit();
    Run run = worker.claim(id, 1);
    worker.send(new OperationEvent.Started(run.header(1)));
    assertThat(api.delete("/api/v1/operations/" + id, "").status()).isEqualTo(202);
    api.jdbi()
        .useHandle(handle ->
            handle.execute(
                "update runs set ended_at = now() - interval '10 s', outcome = 'lost',"
                    + " reason = 'gone' where run_id = ?",
                run.id().value()));
    await().atMost(Duration.ofSeconds(60)).until(() -> status(id).equals("cancelled"));
    assertThat(history(id)).contains("run.lost", "operation.cancelled");
  }

  @Test
  void aRunWithoutProgressIsShownAsStalledBeforeAnythingHappensToIt()
      throws IOException, InterruptedException {
    OperationId id = submit();
    Run run = worker.claim(id, 1);
    worker.send(new OperationEvent.Started(run.header(1)));
    await().atMost(SOON).until(() -> status(id).equals("running"));
    assertThat(api.operation(id.value()).body().path("stalled").asBoolean()).isFalse();
    api.jdbi()
        .useHandle(handle ->
            handle.execute(
                "update operations set started_at = now() - interval '11 min',"
                    + " progress_at = now() - interval '11 min' where id = ?",
                id.value()));
    JsonNode still = api.operation(id.value()).body();
    assertThat(still.path("stalled").asBoolean()).isTrue();
    assertThat(still.path("no_progress_seconds").asInt()).isBetween(660, 700);
    assertThat(still.path("status").asText()).isEqualTo("running");

    worker.send(new OperationEvent.Progressed(run.header(2), Progress.of(50, "Bar 1 of 2")));
    await().atMost(SOON).until(() -> !api.operation(id.value()).body().path("stalled").asBoolean());
  }

  @Test
  void nobodyCancelsOrRetriesWhatIsNotThere() throws IOException, InterruptedException {
    for (String id : List.of("op_training_20200101_000000_00000000", "nonsense")) {
      assertThat(api.delete("/api/v1/operations/" + id, "").status()).isEqualTo(404);
      for (String action : List.of("cancel", "retry", "resume")) {
        ApiFixture.Answer answer = api.post("/api/v1/operations/%s/%s".formatted(id, action), "");
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.body().path("code").asText()).isEqualTo("OPERATION_UNKNOWN");
      }
    }
  }

  private static boolean lockRefused(Runnable statement) {
    try {
      statement.run();
      return false;
    } catch (UnableToExecuteStatementException e) {
      return e.getCause() instanceof SQLException sql && LOCK_TIMEOUT.equals(sql.getSQLState());
    }
  }

  private OperationId submit() throws IOException, InterruptedException {
    return OperationId.parse(
        api.post("/api/v1/trainings/start", TRAINING).body().path("operation_id").asText());
  }

  private String status(OperationId id) {
    return api.operation(id.value()).body().path("status").asText();
  }

  private static OperationEvent failed(EventHeader header, boolean retryable) {
    return new OperationEvent.Failed(header, new Failure("DATA_AWAY", "no data", retryable));
  }

  private List<String> history(OperationId id) {
    return api.jdbi()
        .withHandle(handle ->
            handle
                .createQuery(
                    "select type from operation_events where operation_id = :id order by seq")
                .bind("id", id.value())
                .mapTo(String.class)
                .list());
  }

  private int published(OperationId id) {
    return api.jdbi()
        .withHandle(handle ->
            handle
                .createQuery(
                    "select count(*) from outbox where operation_id = :id and published_at is not"
                        + " null")
                .bind("id", id.value())
                .mapTo(Integer.class)
                .one());
  }

  /** No message left before its time, and each retry's wait was at least what the jitter leaves. */
  private boolean waitsBeforeTheirMessage(OperationId id) {
    return api.jdbi()
        .withHandle(handle ->
            handle
                .createQuery(
                    """
                    select bool_and(published_at >= available_at)
                       and min(available_at - created_at) filter (where rn > 1) >= interval '0.79 s'
                    from (select *, row_number() over (order by id) as rn
                          from outbox where operation_id = :id) o
                    """)
                .bind("id", id.value())
                .mapTo(Boolean.class)
                .one());
  }
}
