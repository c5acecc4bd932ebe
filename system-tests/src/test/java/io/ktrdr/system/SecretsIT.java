package io.ktrdr.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.access.ApiToken;
import io.ktrdr.protocol.access.Role;
import io.ktrdr.protocol.access.TokensFile;
import io.ktrdr.standalone.OwnedProcess;
import io.ktrdr.standalone.ProcessSpec;
import io.ktrdr.standalone.TcpPorts;
import io.ktrdr.standalone.WorkerKind;
import io.ktrdr.testkit.SystemPlan;
import io.ktrdr.testkit.TestSystem;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real processes that ask for tokens and have them, at the most talkative level: work is done, a
 * stranger is kept out, and nothing secret is in any log, whatever goes wrong.
 */
@SuppressWarnings("NullAway.Init")
final class SecretsIT {

  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final String WRONG_BROKER_PASSWORD = "wrong-broker-password-7d1f";
  private static final String WRONG_DATABASE_PASSWORD = "wrong-database-password-93ac";
  private static final ApiToken OPERATORS = ApiToken.create(new SecureRandom());
  private static final ApiToken VIEWERS = ApiToken.create(new SecureRandom());
  private static final ApiToken WORKERS = ApiToken.create(new SecureRandom());
  private static final ApiToken NOBODYS = ApiToken.create(new SecureRandom());

  @TempDir private static Path folder;
  private static TestSystem system;
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final List<OwnedProcess> STARTED = new ArrayList<>();

  @BeforeAll
  static void start() throws IOException {
    Path tokens = folder.resolve("tokens.txt");
    TokensFile.append(tokens, new TokensFile.Entry("op", Role.OPERATOR, OPERATORS.sha256()));
    TokensFile.append(tokens, new TokensFile.Entry("view", Role.VIEWER, VIEWERS.sha256()));
    TokensFile.append(tokens, new TokensFile.Entry("work", Role.WORKER, WORKERS.sha256()));
    system =
        TestSystem.start(
            SystemPlan.apiOnly()
                .withApiVariable("KTRDR_AUTH", "on")
                .withApiVariable("KTRDR_TOKENS_FILE", tokens.toString())
                .withApiVariable("LOG_LEVEL", "DEBUG")
                .withWorkers(1, 0)
                .withWorkerVariable("LOG_LEVEL", "DEBUG")
                .withWorkerVariable("KTRDR_API_TOKEN", WORKERS.secret()));
  }

  @AfterAll
  static void stop() {
    STARTED.forEach(OwnedProcess::kill);
    system.close();
    HTTP.close();
  }

  @Test
  void nothingSecretIsInAnyLog() throws Exception {
    workIsDone();
    strangersAreKeptOut();
    passwordsAreWrong();
    settingsArePrinted();

    List<String> secrets =
        List.of(
            OPERATORS.secret(),
            VIEWERS.secret(),
            WORKERS.secret(),
            NOBODYS.secret(),
            WRONG_BROKER_PASSWORD,
            WRONG_DATABASE_PASSWORD,
            system.database().password(),
            passwordOf(system.broker().amqpUrl()));
    assertThat(secrets).allMatch(secret -> secret.length() >= 16);
    try (Stream<Path> logs = Files.list(system.logs())) {
      List<Path> all = logs.toList();
      assertThat(all).hasSizeGreaterThanOrEqualTo(9);
      for (Path log : all) {
        assertThat(Files.readString(log)).as("%s", log).isNotBlank();
        secrets.forEach(secret -> assertThat(read(log)).as("%s", log).doesNotContain(secret));
      }
    }
    assertThat(read(system.api().log())).contains("[DEBUG]");
  }

  private static void workIsDone() throws Exception {
    JsonNode accepted =
        send(
            OPERATORS,
            "POST",
            "/api/v1/backtests/start",
            """
            {"model_path": "neuro_mean_reversion/1d_v21", "symbol": "EURUSD", "timeframe": "1d",
             "start_date": "2024-01-01", "end_date": "2024-12-31"}
            """);
    String path = "/api/v1/operations/" + accepted.path("operation_id").asText();
    await().atMost(LIMIT).until(() -> statusOf(path).equals("completed"));
    JsonNode operation = send(VIEWERS, "GET", path, "");
    assertThat(operation.path("submitted_by").asText()).isEqualTo("op");
    assertThat(operation.path("worker_id").asText()).isEqualTo("backtest-worker-1");
  }

  private static void strangersAreKeptOut() throws Exception {
    OwnedProcess viewer = worker(Map.of("KTRDR_API_TOKEN", VIEWERS.secret()));
    OwnedProcess nobody = worker(Map.of("KTRDR_API_TOKEN", NOBODYS.secret()));
    OwnedProcess malformed = worker(Map.of("KTRDR_API_TOKEN", NOBODYS.secret() + "x"));
    OwnedProcess without = worker(Map.of());
    awaitLog(viewer, "HTTP 403: POST /api/v1/workers/register needs the role worker");
    awaitLog(viewer, "Set KTRDR_API_TOKEN of this worker to a token with the role worker.");
    awaitLog(nobody, "HTTP 401: The token is not one this API knows");
    awaitLog(without, "HTTP 401: This API asks for a token");
    awaitLog(malformed, "KTRDR_API_TOKEN is not a token");
    await().atMost(LIMIT).until(() -> !malformed.isAlive());
    assertThat(viewer.isAlive()).isTrue();
    assertThat(send(VIEWERS, "GET", "/api/v1/workers", "").findValuesAsText("worker_id"))
        .containsExactly("backtest-worker-1");
    JsonNode refused = send(NOBODYS, "GET", "/api/v1/operations?token=" + NOBODYS.secret(), "");
    assertThat(refused.path("code").asText()).isEqualTo("TOKEN_INVALID");
    assertThat(refused.toString()).doesNotContain(NOBODYS.secret());
  }

  private static void passwordsAreWrong() {
    String broker =
        system
            .broker()
            .amqpUrl()
            .replace(passwordOf(system.broker().amqpUrl()), WRONG_BROKER_PASSWORD);
    String database =
        system.database().url().replace(system.database().password(), WRONG_DATABASE_PASSWORD);
    OwnedProcess api = api("api-broker", Map.of("RABBITMQ_URL", broker));
    OwnedProcess apiWithout = api("api-database", Map.of("DATABASE_URL", database));
    OwnedProcess worker =
        worker(Map.of("KTRDR_API_TOKEN", WORKERS.secret(), "RABBITMQ_URL", broker));
    OwnedProcess workerWithout =
        worker(Map.of("KTRDR_API_TOKEN", WORKERS.secret(), "DATABASE_URL", database));
    awaitLog(apiWithout, "password authentication failed");
    awaitLog(workerWithout, "Heartbeat not written");
    awaitLog(api, "ACCESS_REFUSED");
    awaitLog(worker, "ACCESS_REFUSED");
  }

  private static void settingsArePrinted() {
    ProcessSpec spec = system.worker("backtest-worker-1").spec();
    OwnedProcess worker = start(printing(spec.with(Map.of("DATABASE_URL", databaseUrl()))));
    OwnedProcess api = start(printing(system.api().spec()));
    awaitLog(worker, "KTRDR_API_TOKEN");
    awaitLog(api, "KTRDR_TOKENS_FILE");
    awaitLog(worker, ":***@");
    awaitLog(api, ":***@");
  }

  private static String databaseUrl() {
    return system.database().url();
  }

  private static ProcessSpec printing(ProcessSpec spec) {
    List<String> command = new ArrayList<>(spec.command());
    command.add("--print-config");
    return renamed(spec, spec.name() + "-config", command);
  }

  private static OwnedProcess api(String name, Map<String, String> variables) {
    ProcessSpec spec = system.api().spec();
    return start(
        renamed(spec, name, spec.command())
            .with(Map.of("KTRDR_API_PORT", Integer.toString(TcpPorts.anyFree())))
            .with(variables));
  }

  private static ProcessSpec renamed(ProcessSpec spec, String name, List<String> command) {
    return new ProcessSpec(
        name,
        command,
        spec.environment(),
        spec.withoutPrefixes(),
        spec.directory(),
        spec.log().resolveSibling(name + ".log"),
        spec.stopSignal(),
        spec.marker());
  }

  private static OwnedProcess start(ProcessSpec spec) {
    OwnedProcess process = OwnedProcess.start(spec);
    STARTED.add(process);
    return process;
  }

  private static OwnedProcess worker(Map<String, String> variables) {
    return system.launchWorker(
        WorkerKind.BACKTEST, spec -> spec.with(Map.of("LOG_LEVEL", "DEBUG")).with(variables));
  }

  private static void awaitLog(OwnedProcess process, String text) {
    await("'%s' in %s".formatted(text, process.log()))
        .atMost(LIMIT)
        .until(() -> read(process.log()).contains(text));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return "";
    }
  }

  private static String statusOf(String path) throws Exception {
    return send(VIEWERS, "GET", path, "").path("status").asText();
  }

  private static String passwordOf(String url) {
    String login = URI.create(url).getRawUserInfo();
    return login.substring(login.indexOf(':') + 1);
  }

  private static JsonNode send(ApiToken token, String method, String path, String body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(system.apiUrl() + path))
            .header(ApiToken.HEADER, token.header())
            .method(method, BodyPublishers.ofString(body))
            .build();
    return Json.mapper().readTree(HTTP.send(request, BodyHandlers.ofByteArray()).body());
  }
}
