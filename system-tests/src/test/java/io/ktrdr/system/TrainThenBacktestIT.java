package io.ktrdr.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.standalone.WorkerKind;
import io.ktrdr.testkit.RepositoryRoot;
import io.ktrdr.testkit.TestSystem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * The whole path with real processes on the shipped prices: train, backtest the model, do both
 * again and get the same; then what a worker makes of nonsense.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class TrainThenBacktestIT {

  private static final Duration TRAINING_LIMIT = Duration.ofMinutes(4);
  private static final Duration BACKTEST_LIMIT = Duration.ofMinutes(1);
  private static final String TRAINING =
      """
      {"strategy_name": "neuro_mean_reversion", "symbols": ["EURUSD"], "timeframes": ["1d"],
       "start_date": "2015-01-01", "end_date": "2022-12-31", "seed": 7}
      """;

  @SuppressWarnings("NullAway.Init")
  private static TestSystem system;

  @SuppressWarnings("NullAway.Init")
  private static SystemClient client;

  @BeforeAll
  static void start() {
    system = TestSystem.start(1, 1);
    client = new SystemClient(system);
  }

  @AfterAll
  static void stop() {
    system.close();
  }

  @Test
  @Order(1)
  void trainingTwiceWithOneSeedGivesTwoVersionsWithTheSameWeights() {
    String first = client.submit("/api/v1/trainings/start", TRAINING);
    String second = client.submit("/api/v1/trainings/start", TRAINING);
    JsonNode one = completed(client.ended(first, TRAINING_LIMIT));
    JsonNode two = completed(client.ended(second, TRAINING_LIMIT));

    assertThat(one.path("worker_id").asText()).isEqualTo("training-worker-1");
    assertThat(one.path("result").path("model_version").asText())
        .isEqualTo("neuro_mean_reversion/1d_v22");
    assertThat(two.path("result").path("model_version").asText())
        .isEqualTo("neuro_mean_reversion/1d_v23");
    assertThat(one.path("result").path("weights_sha256").asText())
        .matches("[0-9a-f]{64}")
        .isEqualTo(two.path("result").path("weights_sha256").asText());
    assertThat(one.path("result").path("test_accuracy").isNumber()).isTrue();
    assertThat(one.path("progress").path("percentage").asDouble()).isEqualTo(100);
    assertThat(one.path("progress").path("current_step").asText()).isEqualTo("Completed");
  }

  @Test
  @Order(2)
  void historyTellsTheOperationsLifeInOrder() {
    String id =
        client
            .fetch("/api/v1/operations?operation_type=training&limit=1")
            .path("operations")
            .path(0)
            .path("operation_id")
            .asText();
    List<String> events =
        client.rows(
            "select type from operation_events where operation_id = '%s' order by seq"
                .formatted(id));
    assertThat(events).startsWith("operation.submitted", "operation.started");
    assertThat(events).endsWith("operation.completed");
    assertThat(events).contains("operation.progressed").hasSizeLessThan(30);
    assertThat(
            client.rows(
                "select attempt, outcome, worker_id from runs where operation_id = '%s'"
                    .formatted(id)))
        .containsExactly("1|completed|training-worker-1");
  }

  @Test
  @Order(3)
  void guidesBacktestRequestRunsTheTrainedModelTwiceToTheSameBytes() {
    JsonNode one = backtest();
    JsonNode two = backtest();
    ObjectNode result = (ObjectNode) one.path("result");
    assertThat(result).isEqualTo(two.path("result"));
    assertThat(result.toString()).isEqualTo(two.path("result").toString());
    assertThat(artifactDigests(one)).hasSize(2).isEqualTo(artifactDigests(two));
    for (String artifact : artifactDigests(one)) {
      assertThat(client.artifact(artifact.split("\\|", -1)[1])).isNotEmpty();
    }

    assertThat(result.path("total_trades").isIntegralNumber()).isTrue();
    assertThat(result.path("total_trades").asInt()).isPositive();
    assertThat(result.has("profit_factor")).isTrue();
    assertThat(result.path("sharpe_ratio").isNumber()).isTrue();
    assertThat(result.path("model_version").asText()).isEqualTo("neuro_mean_reversion/1d_v22");
    assertThat(one.path("metadata").path("symbol").asText()).isEqualTo("EURUSD");
    assertThat(one.path("attempt").asInt()).isEqualTo(1);
    assertThat(report(one))
        .contains("out of sample", "Decisions on the test part", "class=\"rise\"");
  }

  @Test
  @Order(4)
  void listingsHaveTheShapesOfTheGuide() {
    JsonNode list = client.fetch("/api/v1/operations?limit=2");
    assertThat(list.path("operations").path(0).path("operation_type").asText())
        .isEqualTo("backtesting");
    assertThat(list.path("operations").path(0).path("worker_id").asText())
        .isEqualTo("backtest-worker-1");
    assertThat(list.path("total_count").asInt()).isEqualTo(4);
    assertThat(list.path("active_count").asInt()).isZero();
    await()
        .atMost(Duration.ofSeconds(3))
        .untilAsserted(() ->
            assertThat(client.fetch("/api/v1/workers").findValuesAsText("status"))
                .containsExactly("AVAILABLE", "AVAILABLE"));
    JsonNode workers = client.fetch("/api/v1/workers");
    assertThat(workers.isArray()).isTrue();
    assertThat(workers.path(0).path("capabilities").path("gpu").isBoolean()).isTrue();
    assertThat(client.fetch("/health").path("status").asText()).isEqualTo("ok");
  }

  @Test
  @Order(5)
  void rangeThatIsTooShortIsRefusedBeforeAWorkerSeesIt() {
    JsonNode refused =
        client.post(
            "/api/v1/backtests/start",
            """
            {"model_path": "neuro_mean_reversion/1d_v22", "symbol": "EURUSD", "timeframe": "1d",
             "start_date": "2015-01-02", "end_date": "2015-01-05"}
            """);
    assertThat(refused.path("code").asText()).isEqualTo("RANGE_TOO_SHORT");
    assertThat(refused.path("detail").asText()).contains("2 bars up to 2015-01-05", "need 35");
    assertThat(backtest().path("status").asText()).isEqualTo("completed");
  }

  @Test
  @Order(6)
  void strategyOfRulesRunsByItsNameAndByItsText() throws IOException {
    String yaml = Files.readString(RepositoryRoot.find().resolve("strategies/sma_cross.yaml"));
    ObjectNode body =
        Json.mapper()
            .createObjectNode()
            .put("symbol", "EURUSD")
            .put("start_date", "2020-01-01")
            .put("end_date", "2024-12-31");
    String byText =
        client.submit(
            "/api/v1/backtests/start", body.deepCopy().put("strategy_yaml", yaml).toString());
    String byName =
        client.submit("/api/v1/backtests/start", body.put("strategy_name", "sma_cross").toString());
    JsonNode one = completed(client.ended(byText, BACKTEST_LIMIT));
    JsonNode two = completed(client.ended(byName, BACKTEST_LIMIT));

    assertThat(one.path("result")).isEqualTo(two.path("result"));
    assertThat(artifactDigests(one)).isEqualTo(artifactDigests(two));
    assertThat(one.path("result").path("total_trades").asInt()).isGreaterThan(20);
    assertThat(one.path("result").path("strategy_sha256").asText())
        .isEqualTo(Sha256.of(yaml.getBytes(StandardCharsets.UTF_8)).hex());
    assertThat(one.path("metadata").path("strategy_name").asText()).isEqualTo("sma_cross");

    JsonNode trades = client.fetch("/api/v1/operations/%s/trades".formatted(byText));
    assertThat(trades.path("trades")).hasSize(one.path("result").path("total_trades").asInt());
    JsonNode equity = client.fetch("/api/v1/operations/%s/equity".formatted(byText)).path("equity");
    assertThat(equity.path(equity.size() - 1).path("portfolio_value"))
        .isEqualTo(one.path("result").path("final_equity"));
    assertThat(report(one)).contains("Largest winners", "A candle is").doesNotContain("no candles");
  }

  @Test
  @Order(7)
  void logLinesAreTheGuidesAndCarryTheOperationsId() throws IOException {
    String backtest = Files.readString(system.worker("backtest-worker-1").log());
    assertThat(backtest).contains("✅ Worker registered successfully");
    assertThat(backtest).containsPattern("Starting operation: op_backtest_\\d{8}_\\d{6}_");
    assertThat(backtest).containsPattern("Progress: \\d+\\.\\d% .*op_backtest_");
    assertThat(backtest).containsPattern("Operation completed: op_backtest_");
    String api = Files.readString(system.api().log());
    assertThat(api).contains("✅ Backend started on port").contains("Worker registered: ");
    assertThat(system.workers(WorkerKind.TRAINING).getFirst().isAlive()).isTrue();
  }

  private static JsonNode backtest() {
    String id =
        client.submit(
            "/api/v1/backtests/start",
            """
            {"model_path": "/app/models/neuro_mean_reversion/1d_v22",
             "strategy_name": "neuro_mean_reversion", "symbol": "EURUSD", "timeframe": "1d",
             "start_date": "2023-01-01", "end_date": "2024-12-31"}
            """);
    return completed(client.ended(id, BACKTEST_LIMIT));
  }

  private static String report(JsonNode operation) {
    String path = "/api/v1/operations/%s/report".formatted(operation.path("operation_id").asText());
    return new String(client.download(path), StandardCharsets.UTF_8);
  }

  private static List<String> artifactDigests(JsonNode operation) {
    return client.rows(
        "select name, sha256 from operation_artifacts where operation_id = '%s' order by name"
            .formatted(operation.path("operation_id").asText()));
  }

  private static JsonNode completed(JsonNode operation) {
    assertThat(operation.path("status").asText())
        .as(operation.toPrettyString())
        .isEqualTo("completed");
    return operation;
  }
}
