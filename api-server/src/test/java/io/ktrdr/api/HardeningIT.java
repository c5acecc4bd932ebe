package io.ktrdr.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.api.access.AccessSettings;
import io.ktrdr.api.fleet.WhenNoWorkers;
import io.ktrdr.api.http.RequestBody;
import io.ktrdr.protocol.access.ApiToken;
import io.ktrdr.protocol.access.Role;
import io.ktrdr.testkit.RepositoryRoot;
import io.ktrdr.testkit.TestPostgres;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the API does not let itself be used for. Needs no broker. */
@SuppressWarnings("NullAway.Init")
final class HardeningIT {

  private static final int CHANGES_PER_SECOND = 1;
  private static final int CHANGES_AT_ONCE = 5;
  private static final int BAD_TOKENS = 3;
  private static final String HTML = "<img src=x onerror=alert(1)>";
  private static final String TRAININGS = "/api/v1/trainings/start";

  @TempDir private static Path folder;
  private static TestTokens tokens;

  /** Asks for tokens, and has narrow limits. */
  private static ApiFixture strict;

  /** Asks for none, and has none. */
  private static ApiFixture open;

  @BeforeAll
  static void start() throws IOException {
    tokens = new TestTokens(folder);
    strict =
        api(new AccessSettings(Optional.of(tokens.file()), false, CHANGES_PER_SECOND, BAD_TOKENS));
    open = api(AccessSettings.off());
  }

  private static ApiFixture api(AccessSettings access) {
    return new ApiFixture(
        TestPostgres.emptyDatabase(),
        "amqp://guest:guest@127.0.0.1:1/",
        RepositoryRoot.find().resolve("models"),
        WhenNoWorkers.QUEUE,
        access);
  }

  @AfterAll
  static void stop() {
    strict.close();
    open.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/dashboard.js",
        "/livez",
        "/api/v1/operations",
        "/api/v1/nothing",
        "/metrics"
      })
  void everyAnswerTellsBrowsersWhatTheyMayDoWithIt(String path) throws Exception {
    for (ApiFixture api : new ApiFixture[] {open, strict}) {
      HttpHeaders headers =
          api.ask("GET", path, "", "Origin", "https://elsewhere.example").response().headers();
      assertThat(headers.firstValue("Content-Security-Policy"))
          .hasValueSatisfying(policy ->
              assertThat(policy)
                  .contains("default-src 'self'", "frame-ancestors 'none'", "object-src 'none'")
                  .doesNotContain("unsafe"));
      assertThat(headers.firstValue("X-Content-Type-Options")).hasValue("nosniff");
      assertThat(headers.firstValue("Referrer-Policy")).hasValue("no-referrer");
      assertThat(headers.map()).doesNotContainKeys("server", "x-powered-by");
      assertThat(headers.map().keySet())
          .noneMatch(name -> name.toLowerCase(Locale.ROOT).startsWith("access-control"));
      if (path.startsWith("/api/")) {
        assertThat(headers.firstValue("Cache-Control")).hasValue("no-store");
      }
    }
  }

  @Test
  void theDashboardWritesTextAndKeepsToItsPolicy() throws IOException {
    Path files = RepositoryRoot.find().resolve("api-server/src/main/resources/public");
    assertThat(Files.readString(files.resolve("dashboard.js")))
        .contains("textContent", "encodeURIComponent", "sessionStorage")
        .doesNotContain(
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            ".href",
            "localStorage",
            "cookie");
    assertThat(Files.readString(files.resolve("index.html")))
        .doesNotContainPattern("<script(?! src=)")
        .doesNotContainPattern("<style|\\sstyle=|\\son[a-z]+=");
  }

  @Test
  void textOfUsersComesBackAsData() throws Exception {
    ApiFixture.Answer refused = open.post(TRAININGS, "{\"strategy_name\": \"%s\"}".formatted(HTML));
    assertThat(refused.status()).isEqualTo(404);
    assertThat(refused.body().path("detail").asText()).contains(HTML);
    assertData(refused);

    ApiFixture.Answer accepted =
        open.post(
            TRAININGS, "{\"strategy_name\": \"neuro_mean_reversion\", \"symbols\": [\"EURUSD\"]}");
    String path = "/api/v1/operations/" + accepted.body().path("operation_id").asText();
    assertData(open.delete(path, "{\"reason\": \"%s\"}".formatted(HTML)));
    ApiFixture.Answer operation = open.fetch(path);
    assertThat(operation.body().path("error_message").asText()).isEqualTo(HTML);
    assertData(operation);
  }

  private static void assertData(ApiFixture.Answer answer) {
    HttpHeaders headers = answer.response().headers();
    assertThat(headers.firstValue("content-type"))
        .hasValueSatisfying(type -> assertThat(type).matches("application/(problem\\+)?json.*"));
    assertThat(headers.firstValue("X-Content-Type-Options")).hasValue("nosniff");
  }

  @Test
  void aBodyThatIsTooLargeIsNotReadToItsEnd() throws Exception {
    String known = "Content-Length: %d\r\n\r\n{".formatted(RequestBody.JSON_BYTES_MAX + 1);
    assertThat(statusOf(known)).startsWith("HTTP/1.1 413");
    // Without saying how long it is: one byte more than may be, and no end.
    int size = RequestBody.JSON_BYTES_MAX + 1;
    String chunk =
        "Transfer-Encoding: chunked\r\n\r\n%x\r\n".formatted(size) + " ".repeat(size) + "\r\n";
    assertThat(statusOf(chunk)).startsWith("HTTP/1.1 413");
    String many = "X-Long: %s\r\n\r\n".formatted("x".repeat(9_000));
    assertThat(statusOf(many)).startsWith("HTTP/1.1 431");
  }

  private static String statusOf(String rest) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), open.url("/").getPort())) {
      socket.setSoTimeout(20_000);
      OutputStream out = socket.getOutputStream();
      out.write(
          ("POST " + TRAININGS + " HTTP/1.1\r\nHost: localhost\r\n" + rest)
              .getBytes(StandardCharsets.US_ASCII));
      out.flush();
      return String.valueOf(
          new BufferedReader(
                  new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
              .readLine());
    }
  }

  @ParameterizedTest
  @CsvSource({"100, FIELD", "101, JSON_INVALID", "5000, JSON_INVALID"})
  void jsonIsOnlySoDeep(int levels, String code) throws Exception {
    String body = "{\"a\":".repeat(levels - 1) + "{}" + "}".repeat(levels - 1);
    JsonNode answer = open.post(TRAININGS, body).body();
    if (code.equals("JSON_INVALID")) {
      assertThat(answer.path("code").asText()).isEqualTo(code);
      assertThat(answer.path("detail").asText()).contains("nested deeper than");
    } else {
      assertThat(answer.path("errors").findValuesAsText("code")).contains("FIELD_UNKNOWN");
    }
  }

  @Test
  void numbersAreOnlySoLong() throws Exception {
    JsonNode answer = open.post(TRAININGS, "{\"seed\": %s}".formatted("1".repeat(101))).body();
    assertThat(answer.path("code").asText()).isEqualTo("JSON_INVALID");
    JsonNode fits = open.post(TRAININGS, "{\"seed\": %s}".formatted("1".repeat(100))).body();
    assertThat(fits.path("code").asText()).isNotEqualTo("JSON_INVALID");
  }

  @Test
  void whoChangesTooMuchIsToldWhenToComeBackAndNobodyElseIs() throws Exception {
    ApiFixture.Answer answer = change(Role.OPERATOR);
    for (int i = 0; i < CHANGES_AT_ONCE * 20 && answer.status() != 429; i++) {
      answer = change(Role.OPERATOR);
    }
    assertThat(answer.status()).isEqualTo(429);
    assertThat(answer.body().path("code").asText()).isEqualTo("RATE_LIMITED");
    assertThat(answer.body().path("detail").asText()).contains("'the-operator'");
    assertThat(answer.response().headers().firstValue("Retry-After")).hasValue("1");
    assertThat(change(Role.RESEARCHER).status()).isEqualTo(422);
    // Looking is no change, and workers are not held up.
    assertThat(ask(Role.OPERATOR, "GET", "/api/v1/models").status()).isEqualTo(200);
    for (int i = 0; i < CHANGES_AT_ONCE * 3; i++) {
      assertThat(ask(Role.WORKER, "POST", "/api/v1/workers/register").status()).isEqualTo(400);
    }
  }

  @Test
  void whoTriesManyTokensIsHeldUpAndWhoHasOneIsNot() throws Exception {
    String wrong = ApiToken.create(new SecureRandom()).header();
    ApiFixture.Answer answer = strict.ask("GET", "/api/v1/models", "", ApiToken.HEADER, wrong);
    assertThat(answer.status()).isEqualTo(401);
    for (int i = 0; i < BAD_TOKENS * 20 && answer.status() != 429; i++) {
      answer = strict.ask("GET", "/api/v1/models", "", ApiToken.HEADER, wrong);
    }
    assertThat(answer.status()).isEqualTo(429);
    assertThat(answer.body().path("code").asText()).isEqualTo("RATE_LIMITED");
    assertThat(answer.response().headers().firstValue("Retry-After"))
        .hasValueSatisfying(wait -> assertThat(Integer.parseInt(wait)).isBetween(1, 20));
    assertThat(ask(Role.VIEWER, "GET", "/api/v1/models").status()).isEqualTo(200);
    assertThat(strict.fetch("/api/v1/models").status()).isEqualTo(401);
  }

  private static ApiFixture.Answer change(Role role) throws IOException, InterruptedException {
    return strict.ask("POST", TRAININGS, "{}", ApiToken.HEADER, tokens.of(role));
  }

  private static ApiFixture.Answer ask(Role role, String method, String path)
      throws IOException, InterruptedException {
    return strict.ask(method, path, "", ApiToken.HEADER, tokens.of(role));
  }
}
