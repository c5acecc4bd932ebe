package io.ktrdr.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.testkit.RepositoryRoot;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Submitting twice, with time limits, and without a broker. */
final class SubmitIT {

  private static final String ROUTE = "/api/v1/backtests/start";
  private static final String BACKTEST =
      """
      {"model_path": "neuro_mean_reversion/1d_v21", "symbol": "EURUSD",
       "start_date": "2024-01-01", "end_date": "2024-12-31"}
      """;
  private static final String TRAINING =
      "{\"strategy_name\": \"neuro_mean_reversion\", \"symbols\": [\"EURUSD\"]}";

  @SuppressWarnings("NullAway.Init")
  private static ApiFixture api;

  @BeforeAll
  static void start() {
    api =
        new ApiFixture("amqp://guest:guest@127.0.0.1:1/", RepositoryRoot.find().resolve("models"));
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  @Test
  void sameKeyAndRequestIsTheSameOperationAndTheSameAnswerToTheByte() throws Exception {
    int before = operations();
    ApiFixture.Answer first = api.post(ROUTE, BACKTEST, "Idempotency-Key", "again");
    // The same request, written differently.
    String reordered =
        "{\"end_date\":\"2024-12-31\",\"start_date\":\"2024-01-01\",\"symbol\":\"EURUSD\",\"model_path\":\"neuro_mean_reversion/1d_v21\"}";
    ApiFixture.Answer second = api.post(ROUTE, reordered, "Idempotency-Key", "\"again\"");

    assertThat(first.status()).isEqualTo(202);
    assertThat(first.response().headers().firstValue("Idempotent-Replayed")).isEmpty();
    assertThat(second.status()).isEqualTo(202);
    assertThat(second.response().headers().firstValue("Idempotent-Replayed")).hasValue("true");
    assertThat(second.response().body()).isEqualTo(first.response().body());
    assertThat(second.response().headers().firstValue("Location"))
        .isEqualTo(first.response().headers().firstValue("Location"));
    assertThat(operations()).isEqualTo(before + 1);
  }

  @Test
  void sameKeyForAnotherRequestIsRefusedNamingTheOperation() throws Exception {
    String id = operationId(api.post(ROUTE, BACKTEST, "Idempotency-Key", "mine"));
    ApiFixture.Answer other =
        api.post(ROUTE, BACKTEST.replace("EURUSD", "GBPUSD"), "Idempotency-Key", "mine");
    assertThat(other.status()).isEqualTo(422);
    assertThat(other.body().path("code").asText()).isEqualTo("IDEMPOTENCY_KEY_REUSED");
    assertThat(other.body().path("detail").asText()).contains(id);
  }

  @Test
  void keysOfDifferentRoutesHaveNothingToDoWithEachOther() throws Exception {
    String backtest = operationId(api.post(ROUTE, BACKTEST, "Idempotency-Key", "both"));
    String training =
        operationId(api.post("/api/v1/trainings/start", TRAINING, "Idempotency-Key", "both"));
    assertThat(training).isNotEqualTo(backtest);
    // The other spelling of the route is the same route.
    assertThat(operationId(api.post("/api/v1/training/start", TRAINING, "Idempotency-Key", "both")))
        .isEqualTo(training);
  }

  @Test
  void fiftyAtOnceAreOneOperation() throws Exception {
    int before = operations();
    int clients = 50;
    CountDownLatch go = new CountDownLatch(1);
    Set<String> ids = new HashSet<>();
    try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<ApiFixture.Answer>> answers = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        answers.add(
            pool.submit(() -> {
              go.await();
              return api.post(ROUTE, BACKTEST, "Idempotency-Key", "crowd");
            }));
      }
      go.countDown();
      for (Future<ApiFixture.Answer> answer : answers) {
        assertThat(answer.get().status()).isEqualTo(202);
        ids.add(operationId(answer.get()));
      }
    } catch (ExecutionException e) {
      throw new AssertionError(e);
    }
    assertThat(ids).hasSize(1);
    assertThat(operations()).isEqualTo(before + 1);
  }

  @Test
  void answerIsReplayedAlsoWhenWhatWasNamedIsGone() throws Exception {
    ApiFixture.Answer first = api.post(ROUTE, BACKTEST, "Idempotency-Key", "gone");
    api.jdbi()
        .useTransaction(handle -> {
          handle.execute("create table hidden as select * from models");
          handle.execute("delete from models");
        });
    try {
      assertThat(api.post(ROUTE, BACKTEST).status()).isEqualTo(404);
      ApiFixture.Answer again = api.post(ROUTE, BACKTEST, "Idempotency-Key", "gone");
      assertThat(again.response().body()).isEqualTo(first.response().body());
    } finally {
      api.jdbi()
          .useTransaction(handle -> {
            handle.execute("insert into models select * from hidden");
            handle.execute("drop table hidden");
          });
    }
  }

  @Test
  void dayOldKeyMayBeUsedForSomethingElse() throws Exception {
    String first = operationId(api.post(ROUTE, BACKTEST, "Idempotency-Key", "old"));
    api.jdbi()
        .useHandle(handle ->
            handle.execute(
                "update idempotency_keys set created_at = created_at - interval '25 h' where key ="
                    + " 'old'"));
    ApiFixture.Answer second =
        api.post(ROUTE, BACKTEST.replace("EURUSD", "GBPUSD"), "Idempotency-Key", "old");
    assertThat(second.status()).isEqualTo(202);
    assertThat(operationId(second)).isNotEqualTo(first);
  }

  @Test
  void refusedRequestLeavesItsKeyFree() throws Exception {
    String wrong = BACKTEST.replace("2024-12-31", "1999-12-31");
    assertThat(api.post(ROUTE, wrong, "Idempotency-Key", "typo").status()).isEqualTo(422);
    assertThat(api.post(ROUTE, BACKTEST, "Idempotency-Key", "typo").status()).isEqualTo(202);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\"\"", "two words", "a\"b"})
  void unfitKeyIsRefused(String key) throws IOException, InterruptedException {
    ApiFixture.Answer answer = api.post(ROUTE, BACKTEST, "Idempotency-Key", key);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body().path("code").asText()).isEqualTo("IDEMPOTENCY_KEY_INVALID");
  }

  @Test
  void keyMayHave255CharactersAndNotOneMore() throws IOException, InterruptedException {
    assertThat(api.post(ROUTE, BACKTEST, "Idempotency-Key", "k".repeat(255)).status())
        .isEqualTo(202);
    assertThat(api.post(ROUTE, BACKTEST, "Idempotency-Key", "k".repeat(256)).status())
        .isEqualTo(400);
  }

  @Test
  void timeLimitsAreTheTypesOwnUnlessTheRequestSaysOtherwise() throws Exception {
    String asked = BACKTEST.strip().replaceFirst("}$", ", \"timeouts\": {\"run_seconds\": 90}}");
    JsonNode timeouts = api.operation(operationId(api.post(ROUTE, asked))).body().path("timeouts");
    assertThat(timeouts.path("run_seconds").asInt()).isEqualTo(90);
    assertThat(timeouts.path("queue_seconds").asInt()).isEqualTo(7 * 86_400);
    assertThat(timeouts.path("progress_seconds").asInt()).isEqualTo(1800);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"run_seconds\": 0} | /timeouts/run_seconds | PARAM_RANGE",
        "{\"run_seconds\": 604801} | /timeouts/run_seconds | PARAM_RANGE",
        "{\"queue_seconds\": 1.5} | /timeouts/queue_seconds | FIELD_TYPE",
        "{\"progress_seconds\": 86401} | /timeouts/progress_seconds | PARAM_RANGE",
        "{\"idle_seconds\": 5} | /timeouts/idle_seconds | FIELD_UNKNOWN",
        "5 | /timeouts | FIELD_TYPE",
      })
  void unfitTimeLimitIsRefused(String timeouts, String pointer, String code)
      throws IOException, InterruptedException {
    String asked = BACKTEST.strip().replaceFirst("}$", ", \"timeouts\": " + timeouts + "}");
    ApiFixture.Answer answer = api.post(ROUTE, asked);
    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.body().path("errors").path(0).path("pointer").asText()).isEqualTo(pointer);
    assertThat(answer.body().path("errors").path(0).path("code").asText()).isEqualTo(code);
  }

  @Test
  void withoutBrokerTheAnswerIsQuickAndSaysWhatItWaitsFor() throws Exception {
    Instant asked = Instant.now();
    ApiFixture.Answer answer = api.post(ROUTE, BACKTEST);
    assertThat(Duration.between(asked, Instant.now())).isLessThan(Duration.ofSeconds(2));
    assertThat(answer.status()).isEqualTo(202);
    assertThat(answer.body().path("dispatch").asText()).isEqualTo("waiting for broker");
    assertThat(api.operation(operationId(answer)).body().path("dispatch").asText())
        .isEqualTo("waiting for broker");
    ApiFixture.Answer ready = api.fetch("/readyz");
    assertThat(ready.status()).isEqualTo(200);
    assertThat(ready.body().path("status").asText()).isEqualTo("degraded");
    assertThat(ready.body().path("reasons").toString()).contains("broker is away");
    assertThat(ready.body().path("components").path("outbox_waiting").asInt()).isPositive();
    assertThat(api.post("/api/v1/admin/reconcile", "").body().path("code").asText())
        .isEqualTo("BROKER_UNAVAILABLE");
  }

  private static String operationId(ApiFixture.Answer answer) {
    return answer.body().path("operation_id").asText();
  }

  private static int operations() {
    return api.jdbi()
        .withHandle(handle ->
            handle.createQuery("select count(*) from operations").mapTo(Integer.class).one());
  }
}
