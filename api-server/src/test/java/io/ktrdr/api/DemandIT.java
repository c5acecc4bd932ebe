package io.ktrdr.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.amqp.Topology;
import io.ktrdr.testkit.RepositoryRoot;
import io.ktrdr.testkit.TestBroker;
import io.ktrdr.testkit.TestVirtualHost;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Operations that ask something of their worker, and those of types that are not built in. */
final class DemandIT {

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final TestVirtualHost BROKER = TestBroker.freshVirtualHost();

  @SuppressWarnings("NullAway.Init")
  private static ApiFixture api;

  @BeforeAll
  static void start() {
    api = new ApiFixture(BROKER.amqpUrl(), RepositoryRoot.find().resolve("models"));
  }

  @AfterAll
  static void stop() {
    api.close();
    BROKER.close();
  }

  /** All together, as each waits for sweeps of the API. */
  @Test
  void eachDemandHasItsOwnQueue() throws Exception {
    Map<String, String> demands =
        Map.of(
            "operations.training.gpu", "\"requires_gpu\": true",
            "operations.training.cores8.mem32", "\"min_cores\": 8, \"min_memory_gb\": 32",
            "operations.training.gpu.mem7", "\"requires_gpu\": true, \"min_memory_gb\": 7");
    for (Map.Entry<String, String> one : demands.entrySet()) {
      JsonNode operation = submitted("/api/v1/trainings/start", training(one.getValue()));
      assertThat(operation.path("queue").asText()).isEqualTo(one.getKey());
      assertThat(operation.path("demand").path("requires_gpu").asBoolean())
          .isEqualTo(one.getValue().contains("gpu"));
    }
    for (String queue : demands.keySet()) {
      await(queue).atMost(LIMIT).until(() -> messages(queue) >= 1);
    }

    demands.keySet().forEach(BROKER::deleteQueue);
    for (String queue : demands.keySet()) {
      await(queue + " comes back, filled")
          .atMost(LIMIT)
          .ignoreExceptions()
          .until(() -> messages(queue) >= 1);
    }
  }

  @Test
  void withoutADemandNothingChanges() throws Exception {
    JsonNode operation = submitted("/api/v1/trainings/start", training("\"seed\": 1"));
    assertThat(operation.path("queue").asText()).isEqualTo("operations.training");
    assertThat(operation.path("demand").isNull()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"min_cores, 0", "min_cores, 1025", "min_memory_gb, 1.5", "requires_gpu, 1"})
  void demandThatNobodyCanMeanIsRefused(String field, String value) throws Exception {
    ApiFixture.Answer answer =
        api.post("/api/v1/trainings/start", training("\"%s\": %s".formatted(field, value)));
    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.body().path("errors").path(0).path("pointer").asText())
        .isEqualTo("/" + field);
  }

  @Test
  void demandsWithoutNumberAreRefusedNamingThoseThereAre() throws Exception {
    try (ApiFixture other =
        new ApiFixture(
            "amqp://guest:guest@127.0.0.1:1/", RepositoryRoot.find().resolve("models"))) {
      ApiFixture.Answer last = other.post("/api/v1/trainings/start", training("\"min_cores\": 1"));
      for (int cores = 2; last.status() == 202 && cores <= 2 * Topology.ROUTES_MAX; cores++) {
        last = other.post("/api/v1/trainings/start", training("\"min_cores\": " + cores));
      }
      assertThat(last.status()).isEqualTo(422);
      assertThat(last.body().path("code").asText()).isEqualTo("DEMANDS_TOO_MANY");
      assertThat(last.body().path("detail").asText()).contains("training.cores1,");
      assertThat(other.post("/api/v1/trainings/start", training("\"min_cores\": 1")).status())
          .as("one that is there already")
          .isEqualTo(202);
    }
  }

  @Test
  void operationOfAnAddedTypeGoesToItsOwnQueueWithItsParameters() throws Exception {
    JsonNode operation =
        submitted(
            "/api/v1/operations",
            "{\"operation_type\": \"Report\", \"parameters\": {\"pages\": 3}, \"timeouts\":"
                + " {\"run_seconds\": 60}}");
    assertThat(operation.path("operation_type").asText()).isEqualTo("report");
    assertThat(operation.path("operation_id").asText()).startsWith("op_report_");
    assertThat(operation.path("metadata").path("parameters").path("pages").asInt()).isEqualTo(3);
    await().atMost(LIMIT).until(() -> messages("operations.report") == 1);
    assertThat(
            api.fetch("/api/v1/operations?operation_type=report").body().path("operations").size())
        .isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"operation_type\": \"reprot\"}                    | OPERATION_TYPE_UNKNOWN",
        "{\"operation_type\": \"training\"}                  | OPERATION_TYPE_HAS_ITS_ROUTE",
        "{\"parameters\": {}}                                | FIELD_REQUIRED",
        "{\"operation_type\": \"report\", \"parameters\": 3} | FIELD_TYPE",
        "{\"operation_type\": \"report\", \"pages\": 3}      | FIELD_UNKNOWN"
      })
  void requestThatCannotRunIsRefused(String body, String code) throws Exception {
    ApiFixture.Answer answer = api.post("/api/v1/operations", body);
    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.body().path("code").asText()).isEqualTo(code);
  }

  private static String training(String more) {
    return "{\"strategy_name\": \"neuro_mean_reversion\", \"symbols\": [\"EURUSD\"], %s}"
        .formatted(more);
  }

  private static JsonNode submitted(String route, String body) throws Exception {
    ApiFixture.Answer answer = api.post(route, body);
    assertThat(answer.status()).as("%s", answer.body()).isEqualTo(202);
    return api.fetch("/api/v1/operations/" + answer.body().path("operation_id").asText()).body();
  }

  /** As the broker says at once, not as its statistics say seconds later. */
  private static int messages(String queue) {
    return BROKER.peek(queue, 10).size();
  }
}
