package io.ktrdr.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Json;
import io.ktrdr.testkit.RepositoryRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Models that are none, in the folder of models: each is refused, and who asks for it hears why.
 * And names of models that are paths.
 */
final class BadModelsIT {

  private static final String NAME = "neuro_mean_reversion";

  /** Version of the model whose strategy says execution and sizing. */
  private static final int COSTLY = 12;

  @TempDir private static Path models = Path.of("");
  @TempDir private static Path elsewhere = Path.of("");

  @SuppressWarnings("NullAway.Init")
  private static ApiFixture api;

  @BeforeAll
  static void start() throws IOException {
    byte[] good =
        Files.readAllBytes(
            RepositoryRoot.find().resolve("models/neuro_mean_reversion/1d_v21/model.json"));
    put(1, good);
    put(2, Arrays.copyOf(good, good.length / 2));
    ObjectNode sum = json(good);
    sum.put("weights_sha256", "0".repeat(64));
    put(3, bytes(sum));
    put(4, new byte[] {(byte) 0x80, 4, (byte) 0x95, 'c', 'o', 's', '\n'});
    put(5, new byte[] {(byte) 0xac, (byte) 0xed, 0, 5, 's', 'r'});
    put(6, new byte[] {'P', 'K', 3, 4, 20, 0, 0, 0, 8, 0});
    put(7, Arrays.copyOf(good, 17 * 1024 * 1024));
    ObjectNode order = json(good);
    ArrayNode names = order.withArrayProperty("feature_names");
    JsonNode first = names.get(0);
    names.set(0, names.get(1));
    names.set(1, first);
    put(8, bytes(order));
    ObjectNode other = json(good);
    other.withArrayProperty("feature_names").set(0, "1d_moon_full");
    put(9, bytes(other));
    ObjectNode newer = json(good);
    newer.put("format_version", 1000).put("surprise", true);
    put(10, bytes(newer));
    put("4h_v12", good);
    ObjectNode costly = json(good);
    costly.put(
        "strategy_yaml",
        costly.path("strategy_yaml").asText()
            + "\nexecution: {spread: 0.0003, commission_rate: 0}\nsizing: {value: 0.5}\n");
    put(COSTLY, bytes(costly));
    Path link = models.resolve(NAME).resolve("1d_v11");
    Files.createDirectories(link);
    Files.createSymbolicLink(
        link.resolve("model.json"), Files.write(elsewhere.resolve("model.json"), good));
    api = new ApiFixture("amqp://guest:guest@127.0.0.1:1/", models);
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2  | MODEL_CORRUPT | not one JSON document",
        "3  | MODEL_CORRUPT | SHA-256;000000",
        "4  | MODEL_CORRUPT | not one JSON document",
        "5  | MODEL_CORRUPT | not one JSON document",
        "6  | MODEL_CORRUPT | not one JSON document",
        "7  | MODEL_TOO_LARGE | 17825792;16777216",
        "8  | MODEL_FEATURES_MISMATCH | another order",
        "9  | MODEL_FEATURES_MISMATCH | 1d_moon_full;1d_rsi_oversold",
        "10 | MODEL_VERSION_UNSUPPORTED | format version 1000;reads 1 to;upgrade",
        "11 | MODEL_PATH_INVALID | link;copy",
      })
  void aFileThatIsNoModel(int version, String code, String words) throws Exception {
    ApiFixture.Answer answer = backtest("%s/1d_v%d".formatted(NAME, version));
    assertThat(answer.body().path("code").asText()).as(answer.body().toString()).isEqualTo(code);
    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.body().path("detail").asText())
        .contains("1d_v" + version)
        .contains(words.split(";"))
        .doesNotContain(models.toString(), elsewhere.toString());
    JsonNode listed = api.fetch("/api/v1/models").body();
    assertThat(listed.path("damaged").toString()).contains("1d_v%d/".formatted(version));
    assertThat(listed.path("models").findValuesAsText("model_version"))
        .containsExactlyInAnyOrder(NAME + "/1d_v1", NAME + "/1d_v" + COSTLY);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../neuro_mean_reversion/1d_v1",
        "models/../neuro_mean_reversion/1d_v1",
        "/etc/passwd",
        "/models/neuro_mean_reversion/1d_v1",
        "http://127.0.0.1:1/neuro_mean_reversion/1d_v1",
        "file:///neuro_mean_reversion/1d_v1",
        "%2e%2e/neuro_mean_reversion/1d_v1",
        "neuro_mean_reversion%2f1d_v1",
        "neuro_mean_reversion/1d_v1#x",
        "neuro_mean_reversion/1d_v1;x",
        "neuro_mean_reversion/1d_v1?x",
        "neuro_mean_reversion\\\\1d_v1",
        "neuro_mean_reversion/1d_v1/..",
        "neuro_mean_reversion/1d_v9999999999",
      })
  void aNameThatIsAPath(String path) throws Exception {
    ApiFixture.Answer answer = backtest(path);
    assertThat(answer.body().path("code").asText()).isEqualTo("MODEL_PATH_INVALID");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body().path("detail").asText())
        .contains("model_path", "expected <strategy>/<timeframe>_v<N>");
  }

  @Test
  void aModelOfAnotherTimeframe() throws Exception {
    ApiFixture.Answer answer =
        api.post(
            "/api/v1/backtests/start",
            """
            {"model_path": "neuro_mean_reversion/1d_v1", "timeframe": "4h",
             "start_date": "2024-01-01", "end_date": "2024-12-31"}
            """);
    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.body().path("code").asText()).isEqualTo("MODEL_FEATURES_MISMATCH");
    assertThat(answer.body().path("detail").asText()).contains("is 4h", "decides on 1d bars");

    ApiFixture.Answer misnamed = backtest("neuro_mean_reversion/4h_v12");
    assertThat(misnamed.body().path("code").asText()).isEqualTo("MODEL_FEATURES_MISMATCH");
    assertThat(misnamed.body().path("detail").asText()).contains("1d bars", "1d_v12");
  }

  @Test
  void aModelOfAnotherStrategy() throws Exception {
    ApiFixture.Answer answer =
        api.post(
            "/api/v1/backtests/start",
            """
            {"model_path": "neuro_mean_reversion/1d_v1", "strategy_name": "other",
             "start_date": "2024-01-01", "end_date": "2024-12-31"}
            """);
    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.body().path("code").asText()).isEqualTo("MODEL_CONTEXT_MISMATCH");
    assertThat(answer.body().path("errors").path(0).path("pointer").asText())
        .isEqualTo("/strategy_name");
  }

  /** Not bad at all: the other side of what a model's strategy may say. */
  @Test
  void whatAModelsStrategySaysOfExecutionAndSizingHoldsUnlessTheRequestSaysOtherwise()
      throws Exception {
    JsonNode own = parameters("");
    assertThat(own.path("execution").path("spread").asDouble()).isEqualTo(0.0003);
    assertThat(own.path("execution").path("commission_rate").asDouble()).isZero();
    assertThat(own.path("execution").path("slippage_rate").asDouble()).isEqualTo(0.0005);
    assertThat(own.path("sizing").path("value").asDouble()).isEqualTo(0.5);

    JsonNode asked = parameters(", \"execution\": {\"spread\": 0.1}, \"sizing\": {\"value\": 1}");
    assertThat(asked.path("execution").path("spread").asDouble()).isEqualTo(0.1);
    assertThat(asked.path("execution").path("commission_rate").asDouble()).isZero();
    assertThat(asked.path("sizing").path("value").asDouble()).isEqualTo(1);
  }

  private static JsonNode parameters(String more) throws Exception {
    ApiFixture.Answer answer =
        api.post(
            "/api/v1/backtests/start",
            """
            {"model_path": "%s/1d_v%d", "start_date": "2024-01-01", "end_date": "2024-12-31"%s}
            """
                .formatted(NAME, COSTLY, more));
    assertThat(answer.status()).as(answer.body().toString()).isEqualTo(202);
    return api.fetch("/api/v1/operations/" + answer.body().path("operation_id").asText())
        .body()
        .path("metadata")
        .path("parameters");
  }

  private static ApiFixture.Answer backtest(String path) throws Exception {
    return api.post(
        "/api/v1/backtests/start",
        """
        {"model_path": "%s", "start_date": "2024-01-01", "end_date": "2024-12-31"}
        """
            .formatted(path));
  }

  private static void put(int version, byte[] bytes) throws IOException {
    put("1d_v" + version, bytes);
  }

  private static void put(String version, byte[] bytes) throws IOException {
    Path folder = models.resolve(NAME).resolve(version);
    Files.createDirectories(folder);
    Files.write(folder.resolve("model.json"), bytes);
  }

  private static ObjectNode json(byte[] bytes) throws IOException {
    return (ObjectNode) Json.mapper().readTree(bytes);
  }

  private static byte[] bytes(ObjectNode json) throws IOException {
    return Json.mapper().writeValueAsBytes(json);
  }
}
