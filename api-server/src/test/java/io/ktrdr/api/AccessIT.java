package io.ktrdr.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.ktrdr.api.fleet.WhenNoWorkers;
import io.ktrdr.api.http.Access;
import io.ktrdr.api.http.RouteTable;
import io.ktrdr.protocol.access.ApiToken;
import io.ktrdr.protocol.access.Role;
import io.ktrdr.protocol.access.TokensFile;
import io.ktrdr.testkit.RepositoryRoot;
import io.ktrdr.testkit.TestBroker;
import io.ktrdr.testkit.TestPostgres;
import io.ktrdr.testkit.TestVirtualHost;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The API when it asks for tokens. */
@SuppressWarnings("NullAway.Init")
final class AccessIT {

  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String WORKER =
      """
      {"worker_id": "%s", "worker_type": "training", "endpoint_url": "http://127.0.0.1:1",
       "instance_id": "3b1f8a52-0d3c-4b67-9f55-0a3b1f8a520d"}
      """;

  @TempDir private static Path folder;
  private static TestTokens tokens;
  private static TestVirtualHost broker;
  private static ApiFixture api;

  @BeforeAll
  static void start() throws IOException {
    tokens = new TestTokens(folder);
    broker = TestBroker.freshVirtualHost();
    api =
        new ApiFixture(
            TestPostgres.emptyDatabase(),
            broker.amqpUrl(),
            RepositoryRoot.find().resolve("models"),
            WhenNoWorkers.QUEUE,
            tokens.settings());
  }

  @AfterAll
  static void stop() {
    api.close();
    broker.close();
  }

  @Test
  void everyRouteServesThoseItSaysItServesAndNobodyElse() throws Exception {
    List<RouteTable.Route> routes = api.routes();
    assertThat(routes).hasSizeGreaterThan(30);
    for (RouteTable.Route route : routes) {
      String path = route.path().replaceAll("\\{[^}]*}", "none");
      ApiFixture.Answer stranger = api.ask(route.method(), path, "");
      if (route.access() == Access.PUBLIC) {
        assertThat(stranger.status()).as("%s", route).isNotIn(401, 403);
        continue;
      }
      assertThat(stranger.status()).as("%s without a token", route).isEqualTo(401);
      assertThat(stranger.body().path("code").asText()).isEqualTo("TOKEN_REQUIRED");
      for (Role role : Role.values()) {
        ApiFixture.Answer answer = ask(role, route.method(), path, "");
        if (route.access().admits(role)) {
          assertThat(answer.status()).as("%s as %s", route, role).isNotIn(401, 403);
        } else {
          assertThat(answer.status()).as("%s as %s", route, role).isEqualTo(403);
          assertThat(answer.body().path("code").asText()).isEqualTo("ROLE_INSUFFICIENT");
        }
      }
    }
  }

  @Test
  void theRolesAreWhatTheyArePromisedToBe() {
    for (RouteTable.Route route : api.routes()) {
      boolean looks = route.method().equals("GET");
      boolean ofWorkers =
          route.path().contains("/register")
              || route.path().contains("/instances/")
              || route.path().contains("/artifacts/");
      boolean ofOperators =
          route.path().contains("/admin/")
              || route.path().contains("/dead-letters")
              || route.path().endsWith("/workers/{id}/drain");
      if (route.access() == Access.PUBLIC) {
        assertThat(route.path())
            .matches("/livez|/readyz|/health|/api/v1/health|/api/v1/openapi.json");
      } else if (ofWorkers) {
        assertThat(route.access().admits(Role.WORKER)).as("%s", route).isTrue();
        assertThat(route.access().admits(Role.OPERATOR))
            .as("%s", route)
            .isEqualTo(looks && route.path().contains("/artifacts/"));
      } else {
        assertThat(route.access().admits(Role.WORKER)).as("%s", route).isFalse();
        assertThat(route.access().admits(Role.OPERATOR)).as("%s", route).isTrue();
        boolean readByAll = route.path().equals("/api/v1/admin/drain");
        assertThat(route.access().admits(Role.VIEWER))
            .as("%s", route)
            .isEqualTo(looks && (readByAll || !ofOperators));
        assertThat(route.access().admits(Role.RESEARCHER))
            .as("%s", route)
            .isEqualTo((looks && readByAll) || !ofOperators);
      }
    }
  }

  @Test
  void thePageSaysOfEveryRouteWhatItNeeds() throws IOException {
    String page = Files.readString(RepositoryRoot.find().resolve("docs/security.md"));
    List<String> documented =
        Pattern.compile("(?m)^\\| `([A-Z]+ /[^`]*)` \\| ([a-z ]+) \\|$")
            .matcher(page)
            .results()
            .map(row -> row.group(1) + ": " + row.group(2))
            .toList();
    assertThat(documented)
        .containsExactlyInAnyOrderElementsOf(
            api.routes().stream()
                .map(route ->
                    "%s %s: %s".formatted(route.method(), route.path(), needs(route.access())))
                .toList());
  }

  private static String needs(Access access) {
    return access == Access.PUBLIC
        ? "nothing"
        : access.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  @Test
  void aRefusalSaysWhatIsNeeded() throws Exception {
    ApiFixture.Answer stranger = api.fetch("/api/v1/operations");
    assertThat(stranger.response().headers().firstValue("WWW-Authenticate")).hasValue("Bearer");
    assertThat(stranger.response().headers().firstValue("content-type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("application/problem+json"));
    assertThat(stranger.body().path("detail").asText()).contains("KTRDR_API_TOKEN");

    ApiFixture.Answer insufficient = ask(Role.VIEWER, "POST", "/api/v1/admin/pause", "{}");
    assertThat(insufficient.body().path("detail").asText())
        .isEqualTo(
            "POST /api/v1/admin/pause needs the role operator; the token 'the-viewer' has the role"
                + " viewer.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"Bearer", "Bearer x", "Basic dXNlcjpwYXNz", "ktrdr_", "Bearer ktrdr_UNKNOWN"})
  void aTokenNobodyKnowsIsRefusedAndNotRepeated(String given) throws Exception {
    String header =
        given.replace("UNKNOWN", ApiToken.create(new SecureRandom()).secret().substring(6));
    ApiFixture.Answer answer = api.ask("GET", "/api/v1/operations", "", ApiToken.HEADER, header);
    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.body().path("code").asText()).isEqualTo("TOKEN_INVALID");
    assertThat(answer.response().headers().firstValue("WWW-Authenticate"))
        .hasValue("Bearer error=\"invalid_token\"");
    assertThat(answer.body().toString()).doesNotContain("ktrdr_");
  }

  @Test
  void onlyAWorkerIsToldThePasswords() throws Exception {
    for (Role role : List.of(Role.VIEWER, Role.RESEARCHER, Role.OPERATOR)) {
      ApiFixture.Answer refused =
          ask(role, "POST", "/api/v1/workers/register", WORKER.formatted("spy"));
      assertThat(refused.status()).isEqualTo(403);
      assertThat(refused.body().toString()).doesNotContain("amqp://", "postgresql://");
    }
    ApiFixture.Answer told =
        ask(Role.WORKER, "POST", "/api/v1/workers/register", WORKER.formatted("honest"));
    assertThat(told.status()).isEqualTo(200);
    assertThat(told.body().path("rabbitmq_url").asText()).isEqualTo(broker.amqpUrl());
    assertThat(ask(Role.VIEWER, "GET", "/api/v1/workers", "").body().findValuesAsText("worker_id"))
        .contains("honest")
        .doesNotContain("spy");
  }

  @Test
  void whatIsNoRouteServesNobody() throws Exception {
    assertThat(api.ask("GET", "/api/v1/nothing", "").status()).isEqualTo(404);
    assertThat(api.ask("HEAD", "/api/v1/operations", "").status()).isEqualTo(401);
    assertThat(ask(Role.OPERATOR, "HEAD", "/api/v1/operations", "").status()).isEqualTo(403);
    assertThat(api.ask("PUT", "/api/v1/operations", "{}").status()).isIn(404, 405);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/dashboard.js", "/dashboard.css", "/livez", "/readyz", "/health"})
  void theDashboardsFilesAndTheHealthAreForEverybody(String path) throws Exception {
    assertThat(api.fetch(path).status()).isEqualTo(200);
    // Whoever has a token of another place sees them, too.
    assertThat(api.ask("GET", path, "", ApiToken.HEADER, "Bearer other").status()).isEqualTo(200);
  }

  @Test
  void aTokenTakenOutOfTheFileIsRefusedSoonAndItsFeedEnds() throws Exception {
    ApiToken token = ApiToken.create(new SecureRandom());
    String before = Files.readString(tokens.file());
    TokensFile.append(tokens.file(), new TokensFile.Entry("guest", Role.VIEWER, token.sha256()));
    await().atMost(LIMIT).until(() -> statusWith(token) == 200);
    try (InputStream feed = openFeed(token)) {
      Files.writeString(tokens.file(), before);
      await().atMost(LIMIT).until(() -> statusWith(token) == 401);
      assertTimeoutPreemptively(LIMIT, () -> feed.readAllBytes());
    }
  }

  /** The feed of an operation that goes on waiting. */
  private static InputStream openFeed(ApiToken token) throws IOException, InterruptedException {
    String id =
        ask(
                Role.RESEARCHER,
                "POST",
                "/api/v1/trainings/start",
                "{\"strategy_name\": \"neuro_mean_reversion\", \"symbols\": [\"EURUSD\"]}")
            .body()
            .path("operation_id")
            .asText();
    URLConnection connection =
        api.url("/api/v1/operations/" + id + "/events").toURL().openConnection();
    connection.setRequestProperty("Accept", "text/event-stream");
    connection.setRequestProperty(ApiToken.HEADER, token.header());
    return connection.getInputStream();
  }

  private static int statusWith(ApiToken token) throws IOException, InterruptedException {
    return api.ask("GET", "/api/v1/models", "", ApiToken.HEADER, token.header()).status();
  }

  private static ApiFixture.Answer ask(Role role, String method, String path, String body)
      throws IOException, InterruptedException {
    return api.ask(method, path, body, ApiToken.HEADER, tokens.of(role));
  }
}
