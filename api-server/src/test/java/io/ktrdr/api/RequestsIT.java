package io.ktrdr.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.testkit.RepositoryRoot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the API refuses, and how; and what it lists. Needs no broker. */
final class RequestsIT {

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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "hello | 400 | JSON_INVALID",
        "[] | 400 | JSON_INVALID",
        "{} | 422 | VALIDATION_ERROR",
        "{'model_path':'../../etc/passwd','start_date':'2024-01-01','end_date':'2024-12-31'} | 400"
            + " | MODEL_PATH_INVALID",
        "{'model_path':'%2e%2e/1d_v1','start_date':'2024-01-01','end_date':'2024-12-31'} | 400 |"
            + " MODEL_PATH_INVALID",
        "{'model_path':'nobody/1d_v1','start_date':'2024-01-01','end_date':'2024-12-31'} | 404 |"
            + " MODEL_NOT_FOUND",
        "{'model_path':'neuro_mean_reversion/1d_v21','start_date':'2024-12-31','end_date':'2024-01-01'}"
            + " | 422 | RANGE_INVALID",
        "{'model_path':'neuro_mean_reversion/1d_v21','start_date':'2999-01-01','end_date':'2999-12-31'}"
            + " | 422 | RANGE_INVALID",
        "{'model_path':'neuro_mean_reversion/1d_v21','start_date':'soon','end_date':'2024-12-31'} |"
            + " 422 | RANGE_INVALID",
        "{'model_path':'neuro_mean_reversion/1d_v21','symbol':'EURUSDD','start_date':'2024-01-01','end_date':'2024-12-31'}"
            + " | 404 | SYMBOL_UNKNOWN",
        "{'model_path':'neuro_mean_reversion/1d_v21','timeframe':'7d','start_date':'2024-01-01','end_date':'2024-12-31'}"
            + " | 422 | TIMEFRAME_UNKNOWN",
        "{'model_path':'neuro_mean_reversion/1d_v21','start_date':'1990-01-01','end_date':'1990-12-31'}"
            + " | 422 | RANGE_TOO_SHORT",
        "{'model_path':'neuro_mean_reversion/1d_v21','start_date':'2024-01-01','end_date':'2024-12-31','initial_capital':-1}"
            + " | 422 | PARAM_RANGE",
        "{'model_path':'neuro_mean_reversion/1d_v21','start_date':'2024-01-01','end_date':'2024-12-31','slippage':1}"
            + " | 422 | PARAM_RANGE",
        "{'model_path':'neuro_mean_reversion/1d_v21','start_date':'2024-01-01','end_date':'2024-12-31','comission':0}"
            + " | 422 | FIELD_UNKNOWN",
        "{'strategy_name':'sma_cross','start_date':'2024-01-01','end_date':'2024-12-31'} | 422 |"
            + " FIELD_REQUIRED",
        "{'strategy_name':'nobody','start_date':'2024-01-01','end_date':'2024-12-31'} | 404 |"
            + " MODEL_NOT_FOUND",
        "{'strategy_yaml':'name:"
            + " x','symbol':'EURUSD','start_date':'2024-01-01','end_date':'2024-12-31'} | 422 |"
            + " STRATEGY_INVALID",
        "{'strategy_yaml':'name:"
            + " x','model_path':'a/1d_v1','start_date':'2024-01-01','end_date':'2024-12-31'} | 422"
            + " | FIELD_CONFLICT",
        "{'strategy_name':'sma_cross','symbol':'EURUSD','start_date':'2024-01-01','end_date':'2024-12-31','execution':{'fil':'next_open'}}"
            + " | 422 | FIELD_UNKNOWN",
        "{'strategy_name':'sma_cross','symbol':'EURUSD','start_date':'2024-01-01','end_date':'2024-12-31','execution':{'fill':'never'}}"
            + " | 422 | PARAM_RANGE",
        "{'strategy_name':'sma_cross','symbol':'EURUSD','start_date':'2024-01-01','end_date':'2024-12-31','commission':0,'execution':{'commission_rate':0}}"
            + " | 422 | FIELD_CONFLICT",
        "{'strategy_name':'sma_cross','symbol':'EURUSD','start_date':'2024-01-01','end_date':'2024-12-31','sizing':{'kind':'fixed_units'}}"
            + " | 422 | FIELD_REQUIRED",
        "{'strategy_name':'sma_cross','symbol':'EURUSD','start_date':'2024-01-01','end_date':'2024-12-31','sizing':{'value':1.5}}"
            + " | 422 | PARAM_RANGE",
      })
  void badBacktestIsRefusedWithItsCode(String body, int status, String code)
      throws IOException, InterruptedException {
    ApiFixture.Answer answer = api.post("/api/v1/backtests/start", body.replace('\'', '"'));
    assertThat(answer.body().path("code").asText()).isEqualTo(code);
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.response().headers().firstValue("content-type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("application/problem+json"));
    assertThat(answer.body().path("detail").asText()).isNotBlank();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{} | 422 | FIELD_REQUIRED",
        "{'strategy_name':'neuro_mean_revesion'} | 404 | STRATEGY_UNKNOWN",
        "{'strategy_name':'sma_cross'} | 422 | STRATEGY_INVALID",
        "{'strategy_name':'../strategies/neuro_mean_reversion'} | 404 | STRATEGY_UNKNOWN",
        "{'strategy_name':'neuro_mean_reversion','symbols':['XXXYYY'],'timeframes':['1d']} | 404 |"
            + " SYMBOL_UNKNOWN",
        "{'strategy_name':'neuro_mean_reversion','symbols':['EURUSD'],'timeframes':['1d'],'seed':'x'}"
            + " | 422 | FIELD_TYPE",
        "{'strategy_name':'neuro_mean_reversion','timeframes':['1d','2d']} | 422 |"
            + " TIMEFRAME_UNKNOWN",
        "{'strategy_name':'neuro_mean_reversion','timeframe':'1w','timeframes':['1d','1w']} | 422 |"
            + " STRATEGY_INVALID",
        "{'strategy_name':'neuro_mean_reversion','timeframe':'1h','timeframes':['1d','1w']} | 422 |"
            + " FIELD_CONFLICT",
        "{'strategy_name':'neuro_mean_reversion','timeframes':['1d','1d']} | 422 | PARAM_RANGE",
        "{'symbols':['EURUSD']} | 422 | FIELD_REQUIRED",
        "{'strategy_yaml':'name: x'} | 422 | STRATEGY_INVALID",
        "{'strategy_name':'neuro_mean_reversion','symbols':['EURUSD','EURUSD']} | 422 |"
            + " PARAM_RANGE",
      })
  void badTrainingIsRefusedWithItsCode(String body, int status, String code)
      throws IOException, InterruptedException {
    ApiFixture.Answer answer = api.post("/api/v1/trainings/start", body.replace('\'', '"'));
    assertThat(answer.body().path("code").asText()).isEqualTo(code);
    assertThat(answer.status()).isEqualTo(status);
  }

  /** EURUSD begins on 2015-01-02; 27 bars to the 9th of February, 28 to the 10th. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2024-01-06 | 2024-01-07 | {greater: [close, 1]} | '' | no bar from 2024-01-06",
        "2024-01-06 | 2024-01-08 | {greater: [close, 1]} | '' | 1 of them;need",
        "2015-01-01 | 2015-02-09 | {crosses_above: [close, x]} | '' | have 27, need 28",
        "2015-01-01 | 2015-02-10 | {crosses_above: [close, x]} | '' | ''",
        "2015-01-01 | 2015-01-21 | {greater: [close, 1]} | volatility_target | need 20 to warm up",
        "2015-01-01 | 2015-02-10 | {greater: [close, 1]} | volatility_target | ''",
      })
  void aRangeThatHoldsNoWarmUpIsRefusedAtSubmit(
      String start, String end, String rule, String sizing, String words) throws Exception {
    String more = sizing.isEmpty() ? "" : ", \"sizing\": {\"kind\": \"%s\", \"value\": 1}";
    ApiFixture.Answer answer =
        api.post(
            "/api/v1/backtests/start", rules("EURUSD", start, end, rule, more.formatted(sizing)));
    if (words.isEmpty()) {
      assertThat(answer.status()).as(answer.body().toString()).isEqualTo(202);
    } else {
      refused(answer, 422, "RANGE_TOO_SHORT", words.split(";"));
    }
  }

  @Test
  void aRangeTooShortForAModelOrATrainingIsRefusedAtSubmit() throws Exception {
    String model =
        """
        {"model_path": "neuro_mean_reversion/1d_v21", "start_date": "2015-01-01", "end_date": "%s"}
        """;
    refused(
        api.post("/api/v1/backtests/start", model.formatted("2015-02-10")),
        422,
        "RANGE_TOO_SHORT",
        "28 bars",
        "need 33 to warm up",
        "have 28, need 35");
    assertThat(api.post("/api/v1/backtests/start", model.formatted("2015-03-10")).status())
        .isEqualTo(202);
    String training =
        """
        {"strategy_name": "neuro_mean_reversion", "symbols": ["EURUSD"], "start_date": "2024-07-01"}
        """;
    refused(
        api.post("/api/v1/trainings/start", training),
        422,
        "RANGE_TOO_SHORT",
        "history_required is 200");
  }

  @Test
  void trainingOfSeveralSymbolsAndTimeframesRunsOnTheShortest() throws Exception {
    ApiFixture.Answer answer =
        api.post(
            "/api/v1/trainings/start",
            """
            {"strategy_name": "neuro_mean_reversion", "symbols": ["GBPUSD", "EURUSD"],
             "timeframes": ["1w", "1d"]}
            """);
    assertThat(answer.status()).as(answer.body().toString()).isEqualTo(202);
    assertThat(answer.body().path("timeframes").toString()).isEqualTo("[\"1w\",\"1d\"]");
    assertThat(answer.body().path("symbols").toString()).isEqualTo("[\"GBPUSD\",\"EURUSD\"]");
    JsonNode metadata =
        api.fetch("/api/v1/operations/" + answer.body().path("operation_id").asText())
            .body()
            .path("metadata");
    assertThat(metadata.path("timeframe").asText()).isEqualTo("1d");
  }

  @Test
  void aTrainingMayBringItsStrategyAlong() throws Exception {
    String yaml =
        Files.readString(RepositoryRoot.find().resolve("strategies/neuro_mean_reversion.yaml"))
            .replace("name: neuro_mean_reversion", "name: my_reversion");
    ObjectNode body = Json.mapper().createObjectNode().put("strategy_yaml", yaml);

    ApiFixture.Answer answer = api.post("/api/v1/trainings/start", body.toString());

    assertThat(answer.status()).as(answer.body().toString()).isEqualTo(202);
    assertThat(answer.body().path("strategy_name").asText()).isEqualTo("my_reversion");
    JsonNode metadata =
        api.fetch("/api/v1/operations/" + answer.body().path("operation_id").asText())
            .body()
            .path("metadata");
    assertThat(metadata.path("strategy_name").asText()).isEqualTo("my_reversion");
    assertThat(metadata.path("parameters").path("strategy_sha256").asText())
        .isEqualTo(Sha256.of(yaml.getBytes(StandardCharsets.UTF_8)).hex());

    body.put("strategy_name", "neuro_mean_reversion");
    refused(
        api.post("/api/v1/trainings/start", body.toString()),
        422,
        "FIELD_CONFLICT",
        "is neuro_mean_reversion, but strategy_yaml is my_reversion");
  }

  @Test
  void symbolThatIsMissingIsNamedAmongThoseThatAreThere() throws Exception {
    ApiFixture.Answer answer =
        api.post(
            "/api/v1/trainings/start",
            "{\"strategy_name\": \"neuro_mean_reversion\", \"symbols\": [\"EURUSD\", \"XAUUSD\"]}");
    assertThat(answer.body().path("code").asText()).isEqualTo("SYMBOL_UNKNOWN");
    assertThat(answer.body().path("detail").asText()).contains("'XAUUSD'");
  }

  @Test
  void whatTheRequestSaysOfExecutionAndSizingWinsOverTheStrategy() throws Exception {
    ApiFixture.Answer answer =
        api.post(
            "/api/v1/backtests/start",
            """
            {"strategy_yaml": "name: up\\nindicators: {r: {type: rsi}}\\ndecisions: {kind: rules, enter_long: {less: [r, 30]}}\\nexecution: {commission_rate: 0.002, spread: 0.5}\\n",
             "symbol": "EURUSD", "start_date": "2024-01-01", "end_date": "2024-12-31",
             "execution": {"spread": 0.0001, "allow_flip": false}, "slippage": 0,
             "sizing": {"kind": "fixed_units", "value": 100}}
            """);
    assertThat(answer.status()).as(answer.body().toString()).isEqualTo(202);
    JsonNode parameters =
        api.fetch("/api/v1/operations/" + answer.body().path("operation_id").asText())
            .body()
            .path("metadata")
            .path("parameters");

    JsonNode execution = parameters.path("execution");
    assertThat(execution.path("commission_rate").asDouble()).isEqualTo(0.002);
    assertThat(execution.path("spread").asDouble()).isEqualTo(0.0001);
    assertThat(execution.path("slippage_rate").asDouble()).isZero();
    assertThat(execution.path("allow_flip").asBoolean()).isFalse();
    assertThat(execution.path("fill").asText()).isEqualTo("next_open");
    assertThat(parameters.path("sizing").path("kind").asText()).isEqualTo("fixed_units");
    assertThat(parameters.path("sizing").path("value").asDouble()).isEqualTo(100);
    assertThat(parameters.path("strategy_sha256").asText()).hasSize(64);
  }

  @Test
  void everythingWrongIsSaidAtOnce() throws IOException, InterruptedException {
    ApiFixture.Answer answer =
        api.post(
            "/api/v1/backtests/start", "{\"start_date\":\"x\",\"commission\":5,\"surprise\":1}");
    assertThat(answer.body().path("errors").findValuesAsText("pointer"))
        .contains("/start_date", "/end_date", "/commission", "/surprise", "/model_path");
  }

  @ParameterizedTest
  @CsvSource({
    "/api/v1/operations/op_backtest_20240101_000000_abcdef, 404, OPERATION_UNKNOWN",
    "/api/v1/operations/nonsense, 404, OPERATION_UNKNOWN",
    "/api/v1/operations?status=flying, 400, PARAMETER_INVALID",
    "/api/v1/operations?limit=0, 400, PARAMETER_INVALID",
    "/api/v1/workers?status=flying, 400, PARAMETER_INVALID",
    "/api/v1/nothing, 404, ROUTE_UNKNOWN",
    "/api/v1/artifacts/xyz, 400, ARTIFACT_INVALID",
  })
  void badQuestionIsAnsweredWithItsCode(String path, int status, String code)
      throws IOException, InterruptedException {
    ApiFixture.Answer answer = api.fetch(path);
    assertThat(answer.body().path("code").asText()).isEqualTo(code);
    assertThat(answer.status()).isEqualTo(status);
  }

  @Test
  void registrationRefusesAnUnknownTypeNamingTheValidOnes()
      throws IOException, InterruptedException {
    ApiFixture.Answer answer =
        api.post("/api/v1/workers/register", "{\"worker_id\":\"w\",\"worker_type\":\"backtest\"}");
    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.body().path("detail").asText()).contains("backtesting, training");
  }

  @Test
  void artifactIsKeptUnderItsDigestOnly() throws IOException, InterruptedException {
    byte[] bytes = "twelve bytes".getBytes(StandardCharsets.UTF_8);
    Sha256 sha256 = Sha256.of(bytes);
    assertThat(api.put("/api/v1/artifacts/" + Sha256.of(new byte[0]), bytes).status())
        .isEqualTo(422);
    assertThat(api.put("/api/v1/artifacts/" + sha256, bytes).status()).isEqualTo(204);
    assertThat(api.put("/api/v1/artifacts/" + sha256, bytes).status()).isEqualTo(204);
    assertThat(api.fetch("/api/v1/artifacts/" + sha256).response().body()).isEqualTo(bytes);
  }

  @Test
  void dataListingSaysWhatThePricesAre() throws IOException, InterruptedException {
    ApiFixture.Answer answer = api.fetch("/api/v1/data");
    assertThat(answer.body().path("datasets").findValuesAsText("symbol")).contains("EURUSD");
    assertThat(answer.body().path("damaged")).isEmpty();
    JsonNode eurusd = answer.body().path("datasets").path(0);
    assertThat(eurusd.path("layout").asText()).isEqualTo("ktrdr");
    assertThat(eurusd.path("calendar").asText()).isEqualTo("exchange");
    assertThat(eurusd.path("gap_count").asInt(-1)).isZero();
    assertThat(answer.body().path("datasets").path(0).path("notes").toString())
        .contains("one fixing a day", "previous close");
  }

  @Test
  void strategiesAreListedShownAndJudged() throws IOException, InterruptedException {
    JsonNode listed = api.fetch("/api/v1/strategies").body();
    assertThat(listed.path("strategies").findValuesAsText("name"))
        .containsExactly("fx_forward_return", "neuro_mean_reversion", "sma_cross");
    assertThat(listed.path("strategies").findValuesAsText("kind"))
        .containsExactly("neuro_fuzzy", "neuro_fuzzy", "rules");
    assertThat(listed.path("damaged")).isEmpty();

    JsonNode features = api.fetch("/api/v1/strategies/neuro_mean_reversion/features").body();
    assertThat(features.path("features")).hasSize(12);
    assertThat(features.path("features").path(0).asText()).isEqualTo("1d_rsi_oversold");

    JsonNode raw = api.fetch("/api/v1/strategies/fx_forward_return/features").body();
    assertThat(raw.path("features").path(2).asText()).isEqualTo("1d_macd_12_26_9.histogram_raw");

    String yaml =
        api.fetch("/api/v1/strategies/sma_cross").body().path("strategy").path("yaml").asText();
    assertThat(validated(yaml).path("valid").asBoolean()).isTrue();
    JsonNode problem = validated(yaml.replace("period: 10", "periode: 10"));
    assertThat(problem.path("valid").asBoolean()).isFalse();
    assertThat(problem.path("problems").path(0).path("path").asText())
        .isEqualTo("indicators.fast.periode");
    assertThat(problem.path("problems").path(0).path("line").asInt()).isEqualTo(8);
    assertThat(problem.path("problems").path(0).path("detail").asText()).contains("period");

    JsonNode indicators = api.fetch("/api/v1/indicators").body().path("indicators");
    assertThat(indicators.findValuesAsText("name")).contains("simplemovingaverage", "rsi");
    for (JsonNode indicator : indicators) {
      assertThat(indicator.path("description").asText()).isNotBlank();
      assertThat(indicator.path("source").asText()).isNotBlank();
    }
  }

  private static JsonNode validated(String yaml) throws IOException, InterruptedException {
    return api.post(
            "/api/v1/strategies/validate",
            Json.mapper().createObjectNode().put("strategy_yaml", yaml).toString())
        .body();
  }

  @Test
  void shippedModelIsImported() throws IOException, InterruptedException {
    assertThat(api.fetch("/api/v1/models").body().path("models").findValuesAsText("model_version"))
        .contains("neuro_mean_reversion/1d_v21");
  }

  @Test
  void dashboardIsServed() throws IOException, InterruptedException {
    ApiFixture.Answer answer = api.fetch("/");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(new String(answer.response().body(), StandardCharsets.UTF_8)).contains("KTRDR");
  }

  /** A backtest of one rule; x is an average of 26 closes. */
  static String rules(String symbol, String start, String end, String rule, String more) {
    String yaml =
        "name: r\\nindicators: {x: {type: sma, period: 26}}\\ndecisions: {kind: rules, enter_long: %s}"
            .formatted(rule);
    return "{\"strategy_yaml\": \"%s\", \"symbol\": \"%s\", \"start_date\": \"%s\", \"end_date\": \"%s\"%s}"
        .formatted(yaml, symbol, start, end, more);
  }

  private static void refused(ApiFixture.Answer answer, int status, String code, String... words) {
    assertThat(answer.body().path("code").asText()).as(answer.body().toString()).isEqualTo(code);
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.body().path("detail").asText()).contains(words);
  }
}
