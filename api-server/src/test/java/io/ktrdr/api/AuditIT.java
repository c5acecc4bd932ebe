package io.ktrdr.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.api.fleet.WhenNoWorkers;
import io.ktrdr.protocol.access.ApiToken;
import io.ktrdr.protocol.access.Role;
import io.ktrdr.standalone.DatabaseAccess;
import io.ktrdr.testkit.RepositoryRoot;
import io.ktrdr.testkit.TestBroker;
import io.ktrdr.testkit.TestPostgres;
import io.ktrdr.testkit.TestVirtualHost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who did what. */
@SuppressWarnings("NullAway.Init")
final class AuditIT {

  private static final String AUDIT = "/api/v1/admin/audit";
  private static final String TRAINING =
      "{\"strategy_name\": \"neuro_mean_reversion\", \"symbols\": [\"EURUSD\"]}";
  private static final String WORKER =
      """
      {"worker_id": "w-audit", "worker_type": "training", "endpoint_url": "http://127.0.0.1:1",
       "instance_id": "3b1f8a52-0d3c-4b67-9f55-0a3b1f8a520e"}
      """;

  @TempDir private static Path folder;
  private static TestTokens tokens;
  private static DatabaseAccess database;
  private static TestVirtualHost broker;
  private static ApiFixture api;

  @BeforeAll
  static void start() throws IOException {
    tokens = new TestTokens(folder);
    broker = TestBroker.freshVirtualHost();
    Path root = RepositoryRoot.find();
    Path data = Files.createDirectory(folder.resolve("data"));
    Files.copy(root.resolve("data/EURUSD_1d.csv"), data.resolve("EURUSD_1d.csv"));
    database = TestPostgres.emptyDatabase();
    api = start(new ApiFixture.Folders(data, root.resolve("strategies"), root.resolve("models")));
  }

  private static ApiFixture start(ApiFixture.Folders folders) {
    return new ApiFixture(
        database, broker.amqpUrl(), folders, WhenNoWorkers.QUEUE, tokens.settings());
  }

  @AfterAll
  static void stop() {
    api.close();
    broker.close();
  }

  @Test
  void anOperationNamesWhoSubmittedItAndItsHistoryWhoTouchedIt() throws Exception {
    String id = submit();
    String path = "/api/v1/operations/" + id;
    assertThat(ask(Role.OPERATOR, "POST", path + "/cancel", "{\"reason\": \"typo\"}").status())
        .isEqualTo(200);
    assertThat(ask(Role.RESEARCHER, "POST", path + "/retry", "").status()).isEqualTo(202);

    JsonNode operation = ask(Role.VIEWER, "GET", path, "").body();
    assertThat(operation.path("submitted_by").asText()).isEqualTo("the-researcher");
    JsonNode listed = ask(Role.VIEWER, "GET", "/api/v1/operations", "").body();
    assertThat(listed.findValuesAsText("submitted_by")).contains("the-researcher");
    JsonNode events =
        api.ask(
                "GET",
                path + "/events",
                "",
                ApiToken.HEADER,
                tokens.of(Role.VIEWER),
                "Accept",
                "application/json")
            .body()
            .path("events");
    assertThat(events.findValuesAsText("type"))
        .containsExactly("operation.submitted", "operation.cancelled", "operation.retried");
    assertThat(events.findValuesAsText("actor")).containsExactly("the-operator", "the-researcher");

    assertThat(audited(id))
        .containsExactly(
            "the-researcher operation.retried {}",
            "the-operator operation.cancelled {\"reason\":\"typo\"}");
  }

  @Test
  void whatOperatorsDecideIsKeptWithTheirName() throws Exception {
    ask(Role.WORKER, "POST", "/api/v1/workers/register", WORKER);
    ask(Role.OPERATOR, "POST", "/api/v1/workers/w-audit/drain", "");
    ask(Role.OPERATOR, "POST", "/api/v1/admin/pause", "{\"type\": \"report\"}");
    ask(Role.OPERATOR, "POST", "/api/v1/admin/resume", "{\"type\": \"report\"}");
    ask(Role.OPERATOR, "POST", "/api/v1/admin/reconcile", "");
    assertThat(audited("w-audit")).hasSize(1).allMatch(e -> e.startsWith("the-operator worker.dr"));
    assertThat(audited("report"))
        .satisfiesExactly(
            e -> assertThat(e).startsWith("the-operator fleet.resumed"),
            e -> assertThat(e).startsWith("the-operator fleet.paused"));
    assertThat(audited("broker"))
        .isNotEmpty()
        .allMatch(e -> e.startsWith("the-operator reconcile"));
  }

  @Test
  void importsAreKeptWithTheirName() throws Exception {
    String path = "/api/v1/data?symbol=AUDITED&timeframe=1d";
    String csv = "date,open,high,low,close\n2024-01-02,1,1,1,1\n";
    ApiFixture.Answer imported = ask(Role.RESEARCHER, "POST", path, csv);
    assertThat(imported.status()).as("%s", imported.body()).isEqualTo(201);
    assertThat(ask(Role.RESEARCHER, "POST", path, csv).status()).isEqualTo(409);
    ask(Role.OPERATOR, "POST", path + "&replace=true", csv);

    String detail =
        "{\"rows\":1,\"sha256\":\"%s\",\"imported_layout\":\"generic\"}"
            .formatted(imported.body().at("/dataset/sha256").asText());
    assertThat(audited("AUDITED 1d"))
        .containsExactly(
            "the-operator data.replaced " + detail, "the-researcher data.imported " + detail);
  }

  /** The database refuses one word of the audit: its commit fails, before the file or after it. */
  @Test
  void noFileIsWithoutItsLineWhateverFails() throws Exception {
    Path file = folder.resolve("data/UNSURE_1d.csv");
    String path = "/api/v1/data?symbol=UNSURE&timeframe=1d&replace=true";
    String one = "date,open,high,low,close\n2024-01-02,1,1,1,1\n";

    refuse("data.importing");
    assertThat(ask(Role.RESEARCHER, "POST", path, one).status()).isEqualTo(500);
    assertThat(file).doesNotExist();
    assertThat(audited("UNSURE 1d")).isEmpty();

    refuse("data.imported");
    assertThat(ask(Role.RESEARCHER, "POST", path, one).status()).isEqualTo(201);
    assertThat(actions("UNSURE 1d")).containsExactly("data.importing");
    allow();
    assertThat(ask(Role.OPERATOR, "POST", path, one.replace("02", "03")).status()).isEqualTo(200);
    assertThat(actions("UNSURE 1d"))
        .as("the first is found out before the second takes its place")
        .containsExactly("data.replaced", "data.imported");

    refuse("data.replaced");
    ask(Role.OPERATOR, "POST", path, one.replace("02", "04"));
    allow();
    died("2 hours");
    died("1 minute");
    assertThat(actions("UNSURE 1d").getFirst()).isEqualTo("data.replacing");
    Path root = RepositoryRoot.find();
    start(
            new ApiFixture.Folders(
                folder.resolve("data"), root.resolve("strategies"), root.resolve("models")))
        .close();
    assertThat(actions("UNSURE 1d"))
        .as("one was in place; one never came; one may be another process's")
        .containsExactly(
            "data.replacing",
            "data.import_failed",
            "data.replaced",
            "data.replaced",
            "data.imported");
  }

  private static void refuse(String action) {
    allow();
    api.jdbi()
        .useHandle(handle ->
            handle.execute(
                "alter table audit add constraint refused check (action <> '%s') not valid"
                    .formatted(action)));
  }

  private static void allow() {
    api.jdbi()
        .useHandle(handle -> handle.execute("alter table audit drop constraint if exists refused"));
  }

  /** An import whose process died before its file was in place. */
  private static void died(String ago) {
    api.jdbi()
        .useHandle(handle ->
            handle.execute(
                """
                insert into audit (at, action, subject, detail)
                values (now() - interval '%s', 'data.replacing', 'UNSURE 1d',
                        jsonb_build_object('sha256', repeat('0', 64)))
                """
                    .formatted(ago)));
  }

  private static List<String> actions(String subject) throws IOException, InterruptedException {
    return audited(subject).stream().map(line -> line.split(" ", -1)[1]).toList();
  }

  @Test
  void theAuditIsReadPageByPage() throws Exception {
    for (String decision : List.of("pause", "resume", "pause", "resume", "pause", "resume")) {
      ask(Role.OPERATOR, "POST", "/api/v1/admin/" + decision, "{\"type\": \"backtesting\"}");
    }
    List<Long> all = ids(ask(Role.OPERATOR, "GET", AUDIT + "?limit=1000", "").body());
    assertThat(all).hasSizeGreaterThanOrEqualTo(6).isSortedAccordingTo((a, b) -> b.compareTo(a));

    List<Long> paged = new ArrayList<>();
    String before = "";
    do {
      JsonNode page = ask(Role.OPERATOR, "GET", AUDIT + "?limit=4" + before, "").body();
      assertThat(page.path("entries").size()).isBetween(1, 4);
      paged.addAll(ids(page));
      before =
          page.path("next_before").isNull() ? "" : "&before=" + page.path("next_before").asText();
    } while (!before.isEmpty());
    assertThat(paged).isEqualTo(all);

    for (String bad : List.of("limit=0", "limit=1001", "limit=x", "before=0", "before=y")) {
      assertThat(ask(Role.OPERATOR, "GET", AUDIT + "?" + bad, "").body().path("code").asText())
          .isEqualTo("PARAMETER_INVALID");
    }
  }

  private static List<Long> ids(JsonNode page) {
    List<Long> ids = new ArrayList<>();
    page.path("entries").forEach(entry -> ids.add(entry.path("id").asLong()));
    return ids;
  }

  /** Newest first. */
  private static List<String> audited(String subject) throws IOException, InterruptedException {
    List<String> found = new ArrayList<>();
    for (JsonNode entry :
        ask(Role.OPERATOR, "GET", AUDIT + "?limit=1000", "").body().path("entries")) {
      if (entry.path("subject").asText().equals(subject)) {
        found.add(
            "%s %s %s"
                .formatted(
                    entry.path("actor").asText(),
                    entry.path("action").asText(),
                    entry.path("detail")));
      }
    }
    return found;
  }

  private static String submit() throws IOException, InterruptedException {
    ApiFixture.Answer answer = ask(Role.RESEARCHER, "POST", "/api/v1/trainings/start", TRAINING);
    assertThat(answer.status()).as("%s", answer.body()).isEqualTo(202);
    return answer.body().path("operation_id").asText();
  }

  private static ApiFixture.Answer ask(Role role, String method, String path, String body)
      throws IOException, InterruptedException {
    return api.ask(method, path, body, ApiToken.HEADER, tokens.of(role));
  }
}
