package io.ktrdr.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.api.fleet.WhenNoWorkers;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.amqp.BrokerConnector;
import io.ktrdr.protocol.amqp.ConfirmedPublisher;
import io.ktrdr.protocol.amqp.OutgoingMessage;
import io.ktrdr.protocol.amqp.PublishOutcome;
import io.ktrdr.protocol.amqp.Topology;
import io.ktrdr.testkit.RepositoryRoot;
import io.ktrdr.testkit.TestBroker;
import io.ktrdr.testkit.TestPostgres;
import io.ktrdr.testkit.TestVirtualHost;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The catalogue of bad inputs of docs/errors.md, each through the door it comes in by: a price
 * file, a strategy file, a request, a message. Every answer has its code, names what is wrong and
 * says what to do. What shows only in a run is tested with the handlers.
 */
final class BadInputsIT {

  private static final Duration SOON = Duration.ofSeconds(20);
  private static final String TRAININGS = "/api/v1/trainings/start";
  private static final String BACKTESTS = "/api/v1/backtests/start";
  private static final String STRATEGY = "neuro_mean_reversion";
  private static final DateTimeFormatter METATRADER =
      DateTimeFormatter.ofPattern("yyyy.MM.dd\tHH:mm:ss");

  @TempDir private static Path folder = Path.of("");

  @SuppressWarnings("NullAway.Init")
  private static TestVirtualHost broker;

  @SuppressWarnings("NullAway.Init")
  private static ApiFixture api;

  @BeforeAll
  static void start() throws IOException {
    Path root = RepositoryRoot.find();
    Path data = Files.createDirectory(folder.resolve("data"));
    Path strategies = Files.createDirectory(folder.resolve("strategies"));
    Files.copy(root.resolve("data/EURUSD_1d.csv"), data.resolve("EURUSD_1d.csv"));
    Files.copy(
        root.resolve("strategies/neuro_mean_reversion.yaml"),
        strategies.resolve("neuro_mean_reversion.yaml"));
    broker = TestBroker.freshVirtualHost();
    api =
        new ApiFixture(
            TestPostgres.emptyDatabase(),
            broker.amqpUrl(),
            new ApiFixture.Folders(data, strategies, root.resolve("models")),
            WhenNoWorkers.QUEUE);
  }

  @AfterAll
  static void stop() {
    api.close();
    broker.close();
  }

  /** Rows are separated by {@code ~}. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2024-01-03,1,1,1,1~2024-01-02,1,1,1,1 | DATA_UNSORTED | line 3;2024-01-02;2024-01-03;sort",
        "2024-01-02,1,1,1,1~2024-01-02,1,1,1,1 | DATA_DUPLICATE_TS | line 3;2024-01-02;keep one",
        "2024-01-02,1,1,1,NaN~2024-01-03,1,1,1,1~2024-01-04,,1,1,1 | DATA_NAN | line 2;close;fill"
            + " or remove;first of 2 such",
        "2024-01-02,1,Infinity,1,1 | DATA_NAN | line 2;high is Infinity;fill or remove",
        "2024-01-02,1,1,0,1 | DATA_NONPOSITIVE_PRICE | line 2;low;above 0",
        "2024-01-02,-1,1,1,1 | DATA_NONPOSITIVE_PRICE | line 2;open;above 0",
        "2024-01-02,1,1,2,1 | DATA_OHLC_INCONSISTENT | line 2;high 1.0;low 2.0",
        "2024-01-02,1,2,1,3 | DATA_OHLC_INCONSISTENT | line 2;close 3.0;outside",
        "2024-01-02T00:00:00Z,1,1,1,1~2024-01-02T01:00:00Z,1,1,1,1~2024-01-02T02:00:00Z,1,1,1,1~2024-01-02T03:00:00Z,1,1,1,1"
            + " | DATA_TIMEFRAME_MISMATCH | 3600 s;1d;name the file",
        "2024-10-27 02:30:00,1,1,1,1~2024-10-27 02:30:00,1,1,1,1 | DATA_DUPLICATE_TS | line"
            + " 3;02:30",
        "2024-10-27 02:30:00 Europe/Berlin,1,1,1,1 | DATA_UNREADABLE | line 2;2024-03-01T14:00:00Z",
        "yesterday,1,1,1,1 | DATA_UNREADABLE | line 2;yesterday;2024-03-01",
        "2024-01-02,1,1,1,cheap | DATA_UNREADABLE | line 2;cheap;1.0842",
      })
  void aPriceFileThatCannotBeUsed(String rows, String code, String words) throws Exception {
    Path file = price("BAD", "timestamp,open,high,low,close\n" + rows.replace('~', '\n') + "\n");
    try {
      refused(api.post(TRAININGS, training(STRATEGY, "BAD")), 422, code, words.split(";"));
      assertThat(api.fetch("/api/v1/data").body().path("damaged").findValuesAsText("code"))
          .containsExactly(code);
    } finally {
      Files.delete(file);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2024-01-02,1,1,1,1~2024-03-01,1,1,1,1 | DATA_GAP: | 2024-01-02;2024-03-01;fill;exchange",
        "2024-01-02,1,1,1,1~2024-01-03,11,11,11,11 | DATA_OUTLIER: | 11.0;2024-01-03;compare",
      })
  void anOddPriceFileIsTakenWithAWarning(String rows, String code, String words) throws Exception {
    Path file = price("ODD", "timestamp,open,high,low,close\n" + rows.replace('~', '\n') + "\n");
    try {
      String body =
          RequestsIT.rules("ODD", "2024-01-01", "2024-12-31", "{greater: [close, 1]}", "");
      ApiFixture.Answer answer = api.post(BACKTESTS, body);
      assertThat(answer.status()).as(answer.body().toString()).isEqualTo(202);
      JsonNode said = answer.body().path("warnings");
      assertThat(said)
          .anySatisfy(w -> assertThat(w.asText()).startsWith(code).contains(words.split(";")));
      JsonNode kept = api.operation(answer.body().path("operation_id").asText()).body();
      assertThat(kept.path("warnings")).isEqualTo(said);
    } finally {
      Files.delete(file);
    }
  }

  /** Rows are separated by {@code ~}. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "zone=Europe/Berlin | 2024-10-25 02:30,1,1,1,1~2024-10-27 02:30,1,1,1,1 | 422 |"
            + " DATA_AMBIGUOUS_TIME | line 3;was twice;offset",
        "zone=Europe/Berlin | 2024-03-31 02:30,1,1,1,1 | 422 | DATA_AMBIGUOUS_TIME | line 2;does"
            + " not exist",
        "zone=Berlin | 2024-01-02,1,1,1,1 | 422 | PARAMETER_INVALID | Europe/Berlin",
        "zone=UTC | 03/04/2024,1,1,1,1 | 422 | DATA_AMBIGUOUS_TIME | line 2;year first",
        "layout=yahoo | 2024-01-02,1,1,1,1 | 422 | DATA_UNREADABLE | generic, not yahoo",
        "layout=excel | 2024-01-02,1,1,1,1 | 422 | PARAMETER_INVALID | metatrader5",
        "replace=perhaps | 2024-01-02,1,1,1,1 | 422 | PARAMETER_INVALID | true, false",
        "replce=true | 2024-01-02,1,1,1,1 | 422 | FIELD_UNKNOWN | replce;replace",
        "symbol=X | 2024-01-02,1,1,1,1 | 422 | FIELD_CONFLICT | symbol;once",
        "zone=UTC | 2024-01-02,1,1,1,0 | 422 | DATA_NONPOSITIVE_PRICE | line 2",
      })
  void anImportThatCannotBe(String query, String rows, int status, String code, String words)
      throws Exception {
    ApiFixture.Answer answer =
        api.post(
            "/api/v1/data?symbol=NEW&timeframe=1h&" + query,
            "date,open,high,low,close\n" + rows.replace('~', '\n') + "\n",
            "Content-Type",
            "text/csv");
    refused(answer, status, code, words.split(";"));
    assertThat(folder.resolve("data/NEW_1h.csv")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"../NEW", "/etc/NEW", "%2e%2e%2fNEW", ".NEW", "NEW%00", "NE%20W"})
  void aSymbolOfAnImportIsNoPath(String symbol) throws Exception {
    ApiFixture.Answer answer =
        api.post(
            "/api/v1/data?timeframe=1d&symbol=" + symbol,
            "date,open,high,low,close\n2024-01-02,1,1,1,1\n");
    assertThat(answer.status()).isIn(400, 422);
    assertThat(answer.body().path("code").asText()).isIn("PARAM_RANGE", "REQUEST_INVALID");
  }

  @Test
  void anImportIsListedAndRunsByItsPolicyOfGaps() throws Exception {
    StringBuilder csv = new StringBuilder("<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\n");
    LocalDateTime time = LocalDateTime.of(2024, 1, 1, 0, 0);
    for (int hour = 0; hour < 24 * 60; hour++) {
      if (hour < 24 * 40 || hour >= 24 * 40 + 3) {
        csv.append("%s\t1\t1\t1\t1\n".formatted(time.format(METATRADER)));
      }
      time = time.plusHours(1);
    }
    String path = "/api/v1/data?symbol=GAPPY&timeframe=1h";
    try {
      ApiFixture.Answer imported = api.post(path, csv.toString(), "Content-Type", "text/csv");
      assertThat(imported.status()).as(imported.body().toString()).isEqualTo(201);
      assertThat(imported.body().path("imported_layout").asText()).isEqualTo("metatrader5");
      refused(api.post(path, csv.toString(), "Content-Type", "text/csv"), 409, "DATA_EXISTS");
      ApiFixture.Answer again =
          api.post(path + "&replace=true", csv.toString(), "Content-Type", "text/csv");
      assertThat(again.status()).isEqualTo(200);

      JsonNode shown = api.fetch("/api/v1/data/GAPPY/1h").body();
      assertThat(shown.path("dataset")).isEqualTo(imported.body().path("dataset"));
      assertThat(shown.at("/dataset/calendar").asText()).isEqualTo("24x7");
      assertThat(shown.at("/dataset/missing_bars").asInt()).isEqualTo(3);
      assertThat(shown.at("/gaps/0/from").asText()).isEqualTo("2024-02-10T00:00:00Z");
      assertThat(shown.at("/gaps/0/to").asText()).isEqualTo("2024-02-10T02:00:00Z");

      refused(api.post(BACKTESTS, gappy("\"gaps\": \"fail\"")), 422, "DATA_GAP", "2024-02-09T23");
      assertThat(api.post(BACKTESTS, gappy("\"gaps\": \"warn\"")).body().at("/warnings/0").asText())
          .startsWith("DATA_GAP: ");
      JsonNode filled = api.post(BACKTESTS, gappy("\"gaps\": \"fill\"")).body();
      assertThat(filled.path("warnings").toString()).doesNotContain("DATA_GAP");
      JsonNode kept = api.operation(filled.path("operation_id").asText()).body();
      assertThat(kept.at("/metadata/parameters/gaps").asText()).isEqualTo("fill");
      assertThat(kept.at("/metadata/parameters/calendar").asText()).isEqualTo("24x7");
      assertTheFileIsNotReadAgain(
          folder.resolve("data/GAPPY_1h.csv"),
          () -> api.post(BACKTESTS, gappy("\"gaps\": \"fill\", \"commission\": 0")).status());
      // Before the gap, and by a calendar on which the market was closed.
      assertThat(
              api.post(BACKTESTS, gappy("\"gaps\": \"fail\"").replace("02-20", "02-01")).status())
          .isEqualTo(202);
      assertThat(api.post(BACKTESTS, gappy("\"gaps\": \"fail\", \"calendar\": \"fx\"")).status())
          .isEqualTo(202);
      refused(
          api.post(BACKTESTS, gappy("\"strict_range\": true").replace("02-20", "12-20")),
          422,
          "RANGE_TRUNCATED",
          "2024-02-29");
      refused(api.post(BACKTESTS, gappy("\"gaps\": \"mend\"")), 422, "PARAMETER_INVALID", "fill");
    } finally {
      Files.deleteIfExists(folder.resolve("data/GAPPY_1h.csv"));
    }
  }

  /** Puts other bytes into it, of the same length and age: whoever reads them says DATA_CHANGED. */
  private static void assertTheFileIsNotReadAgain(Path file, Callable<Integer> submit)
      throws Exception {
    FileTime age = Files.getLastModifiedTime(file);
    byte[] bytes = Files.readAllBytes(file);
    byte[] others = bytes.clone();
    others[others.length - 2] = '2';
    try {
      Files.write(file, others);
      Files.setLastModifiedTime(file, age);
      assertThat(submit.call()).isEqualTo(202);
    } finally {
      Files.write(file, bytes);
      Files.setLastModifiedTime(file, age);
    }
  }

  private static String gappy(String field) throws IOException {
    return Json.mapper()
        .createObjectNode()
        .put(
            "strategy_yaml",
            Files.readString(RepositoryRoot.find().resolve("strategies/sma_cross.yaml")))
        .put("symbol", "GAPPY")
        .put("timeframe", "1h")
        .put("start_date", "2024-01-05")
        .put("end_date", "2024-02-20")
        .toString()
        .replaceFirst("\\{", "{" + field + ", ");
  }

  @Test
  void aPriceFileThatIsALinkOutOfTheFolder() throws Exception {
    Path outside = Files.writeString(folder.resolve("secret.csv"), "timestamp,root:x:0\n");
    Path link = Files.createSymbolicLink(folder.resolve("data/OUT_1d.csv"), outside);
    try {
      ApiFixture.Answer answer = api.post(TRAININGS, training(STRATEGY, "OUT"));
      refused(answer, 422, "DATA_UNREADABLE", "OUT_1d.csv", "link", "copy");
      assertThat(answer.body().toString()).doesNotContain("root:x", folder.toString());
    } finally {
      Files.delete(link);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2024-12-31 | 2024-01-01 | RANGE_INVALID | end_date;not after start_date",
        "2024-01-01 | 2024-01-01 | RANGE_INVALID | end_date;not after start_date",
        "2999-01-01 | 2999-12-31 | RANGE_INVALID | start_date;in the future",
        "01/02/2024 | 2024-12-31 | RANGE_INVALID | start_date;01/02/2024;YYYY-MM-DD",
        "2024-02-30 | 2024-12-31 | RANGE_INVALID | start_date;2024-02-30;YYYY-MM-DD",
        "2024-01-01 | +999999999-12-31 | RANGE_INVALID | end_date;YYYY-MM-DD",
        "1990-01-01 | 1990-12-31 | RANGE_TOO_SHORT | no bar;it covers 2015",
      })
  void aRangeThatCannotBe(String start, String end, String code, String words) throws Exception {
    String body =
        """
        {"model_path": "neuro_mean_reversion/1d_v21", "start_date": "%s", "end_date": "%s"}
        """
            .formatted(start, end);
    refused(api.post(BACKTESTS, body), 422, code, words.split(";"));
  }

  @Test
  void aRangeTooShortForThePartsOfATrainingIsRefusedAtSubmit() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("strategies/patient.yaml"),
            shipped()
                .replace("test: 0.15}", "test: 0.001}")
                .replace("train: 0.7,", "train: 0.849,"));
    try {
      ApiFixture.Answer answer = api.post(TRAININGS, training("patient", "EURUSD"));
      refused(answer, 422, "RANGE_TOO_SHORT", "to learn from", "need 9000");
    } finally {
      Files.delete(file);
    }
  }

  @Test
  void aRangePartlyOutsideTheDataIsSaid() throws Exception {
    String body =
        """
        {"strategy_name": "neuro_mean_reversion", "symbols": ["EURUSD"], "start_date": "2010-01-01"}
        """;
    assertThat(api.post(TRAININGS, body).body().path("warnings").path(0).asText())
        .startsWith("RANGE_TRUNCATED: ")
        .contains("2015", "2010-01-01");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "EURUDS | 1d | SYMBOL_UNKNOWN | EURUDS;EURUSD",
        "../EURUSD | 1d | SYMBOL_UNKNOWN | ../EURUSD;EURUSD",
        "/data/EURUSD | 1d | SYMBOL_UNKNOWN | EURUSD",
        "EURUSD | 1h | TIMEFRAME_UNKNOWN | there are: 1d",
      })
  void dataThatThereIsNot(String symbol, String timeframe, String code, String words)
      throws Exception {
    String body =
        """
        {"strategy_name": "neuro_mean_reversion", "symbols": ["%s"], "timeframes": ["%s"]}
        """
            .formatted(symbol, timeframe);
    refused(api.post(TRAININGS, body), 404, code, words.split(";"));
  }

  /** One text of the shipped strategy is replaced by another. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "type: rsi, | type: rsx, | INDICATOR_UNKNOWN | indicators.rsi_14.type | rsi",
        "rsi, period: 14 | rsi, perod: 14 | PARAM_UNKNOWN | indicators.rsi_14.perod | line 19",
        "rsi, period: 14 | rsi, period: soon | PARAM_RANGE | indicators.rsi_14.period | soon",
        "rsi, period: 14 | rsi, period: -3 | PARAM_RANGE | indicators.rsi_14.period | -3",
        "[35, 50, 65] | [65, 50, 35] | FUZZY_PARAMS | fuzzy_sets.rsi.neutral | must not fall",
        "[35, 50, 65] | [35, .nan, 65] | FUZZY_PARAMS | fuzzy_sets.rsi.neutral | must be numbers",
        "[35, 50, 65] | [50, 50, 50] | FUZZY_PARAMS | fuzzy_sets.rsi.neutral | no width",
        "test: 0.15 | test: 0.30 | SPLIT_INVALID | training.data_split.train | must be 1",
        "test: 0.15 | test: 0 | SPLIT_INVALID | training.data_split.test | above 0",
        "learning_rate: 0.001 | learning_rate: 0 | PARAM_RANGE | training.learning_rate | above 0",
        "learning_rate: 0.001 | learning_rate: .nan | PARAM_RANGE | training.learning_rate |"
            + " number",
        "epochs: 80 | epochs: 0 | PARAM_RANGE | training.epochs | 1 to 10000",
        "epochs: 80 | epochs: 1000000000 | PARAM_RANGE | training.epochs | 1 to 10000",
        "batch_size: 32 | batch_size: 0 | PARAM_RANGE | training.batch_size | 1 to 65536",
        "epochs: 80 | epochs: [80 | YAML_INVALID | '' | line",
        "batch_size: 32 | epochs: 32 | YAML_INVALID | training.epochs | column 3",
        "epochs: 80 | epochs: !!java.net.URL [x] | YAML_INVALID | '' | tag",
      })
  void aStrategyFileThatCannotBeUsed(
      String before, String after, String code, String path, String word) throws Exception {
    String yaml = shipped();
    assertThat(yaml).contains(before);
    badStrategy(yaml.replace(before, after), code, path, word);
  }

  @Test
  void aTrainingOfSequencesThatWouldTakeDays() throws Exception {
    String yaml =
        shipped()
            .replace("type: mlp", "type: lstm")
            .replace("hidden_layers: [32, 16]", "hidden_size: 256")
            .replace("activation: relu", "num_layers: 2")
            .replace("output_activation: softmax", "sequence_length: 100");
    Path file = folder.resolve("strategies/sequences.yaml");
    try {
      Files.writeString(file, yaml.replace("epochs: 80", "epochs: 10000"));
      ApiFixture.Answer days = api.post(TRAININGS, training("sequences", "EURUSD"));
      refused(days, 422, "PARAM_RANGE", "strategy_name");
      assertThat(days.body().at("/errors/0/pointer").asText()).isEqualTo("/strategy_name");
      assertThat(days.body().at("/errors/0/detail").asText())
          .contains("10000 epochs", "of 100 bars", "at most 5e+13", "fewer epochs");

      Files.writeString(file, yaml.replace("hidden_size: 256", "hidden_size: 8"));
      assertThat(api.post(TRAININGS, training("sequences", "EURUSD")).status()).isEqualTo(202);
    } finally {
      Files.delete(file);
    }
  }

  @Test
  void aStrategyFileThatIsABomb() throws Exception {
    StringBuilder bomb = new StringBuilder("a: &a [x]\n");
    for (int i = 0; i < 60; i++) {
      bomb.append("b%d: *a\n".formatted(i));
    }
    badStrategy(bomb.toString(), "YAML_INVALID", "", "aliases");
    badStrategy("x: " + "[".repeat(5_000), "YAML_INVALID", "", "not YAML");
    badStrategy(shipped() + "#" + "x".repeat(1 << 20), "STRATEGY_TOO_LARGE", "", "1048576");
  }

  private static void badStrategy(String yaml, String code, String path, String word)
      throws Exception {
    Path file = Files.writeString(folder.resolve("strategies/broken.yaml"), yaml);
    try {
      ApiFixture.Answer answer = api.post(TRAININGS, training("broken", "EURUSD"));
      refused(answer, 422, "STRATEGY_INVALID", "broken.yaml");
      JsonNode error = answer.body().path("errors").path(0);
      assertThat(error.path("code").asText()).as(answer.body().toString()).isEqualTo(code);
      assertThat(error.path("pointer").asText()).isEqualTo("/strategy/" + path);
      assertThat(error.path("detail").asText()).contains(word);
    } finally {
      Files.delete(file);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../strategies/neuro_mean_reversion",
        "/etc/hostname",
        "%2e%2e/neuro_mean_reversion",
        "neuro_mean_reversion#x",
        "neuro_mean_reversion;x",
        "neuro_mean_reversion.yaml",
        "file:///etc/hostname",
        "outside",
      })
  void aStrategyNameThatIsNone(String name) throws Exception {
    Path outside = Files.writeString(folder.resolve("outside.yaml"), shipped());
    Path link = folder.resolve("strategies/outside.yaml");
    Files.deleteIfExists(link);
    Files.createSymbolicLink(link, outside);
    ApiFixture.Answer answer = api.post(TRAININGS, training(name, "EURUSD"));
    refused(answer, 404, "STRATEGY_UNKNOWN", name, STRATEGY);
    Files.delete(link);
  }

  /** The server's fault, not the name's. */
  @Test
  void aStrategyWhenTheirFolderIsNotThere() throws Exception {
    Path strategies = folder.resolve("strategies");
    Path away = Files.move(strategies, folder.resolve("strategies-away"));
    try {
      ApiFixture.Answer answer =
          api.post(
              "/api/v1/backtests/start",
              "{\"strategy_name\": \"nobody\", \"start_date\": \"2024-01-01\", \"end_date\":"
                  + " \"2024-12-31\"}");
      refused(answer, 503, "STRATEGY_UNREADABLE", "directory of strategies");
    } finally {
      Files.move(away, strategies);
    }
  }

  @Test
  void aMisspeltStrategyIsToldTheNearestName() throws Exception {
    String meant = "did you mean '" + STRATEGY + "'?";
    String misspelt = STRATEGY.replace("reversion", "revesion");

    refused(
        api.post(TRAININGS, training(misspelt, "EURUSD")),
        404,
        "STRATEGY_UNKNOWN",
        meant,
        STRATEGY);
    refused(
        api.post(
            "/api/v1/backtests/start",
            "{\"strategy_name\": \"%s\", \"start_date\": \"2024-01-01\", \"end_date\": \"2024-12-31\"}"
                .formatted(misspelt)),
        404,
        "MODEL_NOT_FOUND",
        meant);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "initial_capital | 0 | PARAM_RANGE | 0.01 to",
        "initial_capital | -5 | PARAM_RANGE | 0.01 to",
        "initial_capital | 1e400 | JSON_INVALID | initial_capital",
        "commission | -0.1 | PARAM_RANGE | 0.0 to 0.99",
        "slippage | 1 | PARAM_RANGE | 0.0 to 0.99",
        "slippage | NaN | JSON_INVALID | line 1",
        "commission | \"cheap\" | FIELD_TYPE | a number",
      })
  void aFigureThatCannotBe(String field, String value, String code, String words) throws Exception {
    String body =
        "{\"model_path\": \"neuro_mean_reversion/1d_v21\", \"start_date\": \"2024-01-01\", \"end_date\": \"2024-12-31\", \"%s\": %s}"
            .formatted(field, value);
    int status = code.equals("JSON_INVALID") ? 400 : 422;
    refused(api.post(BACKTESTS, body), status, code, words);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"seed\": 1, \"seed\": 2}",
        "{} {}",
        "{\"strategy_name\": \"a\\u0000b\"}",
        "{\"strategy_name\": \"\\ud800\"}",
        "{\"strategy_name\": 1e400}",
        "{",
        "",
        "[]"
      })
  void aBodyThatIsNotOneJsonObject(String body) throws Exception {
    refused(api.post(TRAININGS, body), 400, "JSON_INVALID");
  }

  @Test
  void aBodyNestedTooDeep() throws Exception {
    for (int depth : List.of(150, 10_000)) {
      String body = "{\"parameters\": " + "{\"a\":".repeat(depth) + "1" + "}".repeat(depth) + "}";
      refused(api.post("/api/v1/operations", body), 400, "JSON_INVALID", "nested");
    }
  }

  @Test
  void anOperationThatIsNoneOrHasEnded() throws Exception {
    String none = "/api/v1/operations/op_training_20240101_000000_abcdef/cancel";
    refused(api.post(none, ""), 404, "OPERATION_UNKNOWN", "op_training_20240101_000000_abcdef");
    String id =
        api.post(TRAININGS, training(STRATEGY, "EURUSD")).body().path("operation_id").asText();
    String cancel = "/api/v1/operations/%s/cancel".formatted(id);
    assertThat(api.post(cancel, "").status()).isEqualTo(200);
    refused(api.post(cancel, ""), 409, "OPERATION_ENDED", id, "cancelled");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "not JSON at all | not JSON",
        "{\"type\":\"operation.started\",\"version\":99} | unknown version 99",
        "{\"type\":\"operation.exploded\",\"version\":1} | ",
      })
  void aMessageThatNobodyCanReadIsParkedWithItsReason(String body, String reason) throws Exception {
    try (ConfirmedPublisher publisher =
        new ConfirmedPublisher(new BrokerConnector(broker.amqpUrl(), "test"))) {
      OutgoingMessage message =
          new OutgoingMessage(
              Topology.EVENTS_EXCHANGE,
              "operation.started",
              "planted",
              Map.of(),
              body.getBytes(StandardCharsets.UTF_8));
      assertThat(publisher.publish(List.of(message)))
          .containsExactly(new PublishOutcome.Confirmed());
    }
    String path = "/api/v1/dead-letters?queue=" + Topology.PROJECTION_QUEUE;
    await()
        .atMost(SOON)
        .until(() -> api.fetch(path).body().path("dead_letters").toString().contains(word(body)));
    JsonNode letters = api.fetch(path).body().path("dead_letters");
    assertThat(letters.findValuesAsText("reason"))
        .anyMatch(found -> found.contains(reason == null ? "" : reason));
  }

  private static String word(String body) {
    return body.contains("99") ? "99" : body.contains("exploded") ? "exploded" : "not JSON at all";
  }

  private static void refused(ApiFixture.Answer answer, int status, String code, String... words) {
    assertThat(answer.body().path("code").asText()).as(answer.body().toString()).isEqualTo(code);
    assertThat(answer.status()).isEqualTo(status);
    for (String word : words) {
      assertThat(answer.body().path("detail").asText()).contains(word);
    }
  }

  private static Path price(String symbol, String csv) throws IOException {
    return Files.writeString(folder.resolve("data").resolve(symbol + "_1d.csv"), csv);
  }

  private static String shipped() throws IOException {
    return Files.readString(RepositoryRoot.find().resolve("strategies/neuro_mean_reversion.yaml"));
  }

  private static String training(String strategy, String symbol) {
    return "{\"strategy_name\": \"%s\", \"symbols\": [\"%s\"]}".formatted(strategy, symbol);
  }
}
