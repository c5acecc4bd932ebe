package io.ktrdr.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.api.WorkerByHand.Run;
import io.ktrdr.api.fleet.WhenNoWorkers;
import io.ktrdr.protocol.Failure;
import io.ktrdr.protocol.OperationEvent;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.Progress;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.testkit.RepositoryRoot;
import io.ktrdr.testkit.TestBroker;
import io.ktrdr.testkit.TestPostgres;
import io.ktrdr.testkit.TestVirtualHost;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The API and its document say the same: every route is in it and every operation of it is served,
 * and a walk over all of them, on a filled database, gets nothing that is not documented.
 */
final class ApiDocumentIT {

  private static final Duration SOON = Duration.ofSeconds(20);
  private static final String NO_OPERATION = "op_training_20240101_000000_abcdefabcdef";
  private static final String TRAINING =
      "{\"strategy_name\": \"neuro_mean_reversion\", \"symbols\": [\"EURUSD\"]}";
  private static final String BACKTEST =
      """
      {"model_path": "neuro_mean_reversion/1d_v21", "symbol": "EURUSD",
       "start_date": "2024-01-01", "end_date": "2024-12-31"}
      """;

  /** What answers the same whatever it is asked and whatever is wrong. */
  private static final Set<String> WITHOUT_PROBLEM =
      Set.of(
          "GET /livez",
          "HEAD /livez",
          "GET /metrics",
          "GET /api/v1/openapi.json",
          "GET /api/v1/admin/doctor",
          "GET /api/v1/strategies",
          "GET /api/v1/indicators",
          "GET /api/v1/data");

  /** Can only fail when database or broker are away: {@code DatabaseOutageIT}, {@code SubmitIT}. */
  private static final Set<String> PROBLEM_IN_OUTAGES =
      Set.of(
          "GET /api/v1/admin/drain",
          "GET /api/v1/models",
          "GET /api/v1/workers/health",
          "GET /api/v1/workers/targets",
          "POST /api/v1/admin/reconcile",
          "GET /readyz",
          "HEAD /readyz",
          "GET /health",
          "HEAD /health",
          "GET /api/v1/health",
          "HEAD /api/v1/health");

  @SuppressWarnings("NullAway.Init")
  private static TestVirtualHost broker;

  @SuppressWarnings("NullAway.Init")
  private static ApiFixture api;

  @SuppressWarnings("NullAway.Init")
  private static WorkerByHand worker;

  @TempDir private static Path data = Path.of("");

  @BeforeAll
  static void start() throws IOException {
    Path root = RepositoryRoot.find();
    Files.copy(root.resolve("data/EURUSD_1d.csv"), data.resolve("EURUSD_1d.csv"));
    broker = TestBroker.freshVirtualHost();
    api =
        new ApiFixture(
            TestPostgres.emptyDatabase(),
            broker.amqpUrl(),
            new ApiFixture.Folders(data, root.resolve("strategies"), root.resolve("models")),
            WhenNoWorkers.QUEUE);
    worker = new WorkerByHand(api.jdbi(), broker);
  }

  @AfterAll
  static void stop() {
    worker.close();
    api.close();
    broker.close();
  }

  @Test
  void theSameRoutesAreServedAndDocumented() {
    Set<String> documented =
        Contract.all().stream()
            .map(Contract.Operation::name)
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> served = new TreeSet<>();
    api.routes().forEach(route -> served.add(route.method() + " " + route.path()));
    assertThat(served).isEqualTo(documented);
  }

  @Test
  void everyOperationGivesWhatItsDocumentSays() throws IOException, InterruptedException {
    submits();
    lifeOfOperations();
    fleet();
    deadLetters();
    catalogue();
    for (String path : List.of("/livez", "/readyz", "/health", "/api/v1/health")) {
      ok(api.fetch(path), 200);
      ok(api.send(request(path).HEAD().build()), 200);
    }
    ok(api.fetch("/metrics"), 200);
    ok(api.fetch("/api/v1/openapi.json"), 200);
    ok(api.post("/api/v1/models", "{}"), 405);
    ok(api.fetch("/api/v1/no/such/thing"), 404);

    Set<String> missing = new TreeSet<>();
    for (Contract.Operation operation : Contract.all()) {
      missing.add("success " + operation.name());
      if (!WITHOUT_PROBLEM.contains(operation.name())
          && !PROBLEM_IN_OUTAGES.contains(operation.name())) {
        missing.add("problem " + operation.name());
      }
    }
    missing.removeAll(api.contract().seen());
    assertThat(missing).as("not walked").isEmpty();
  }

  private static void submits() throws IOException, InterruptedException {
    ok(api.post("/api/v1/backtests/start", BACKTEST, "Idempotency-Key", "walk"), 202);
    ok(api.post("/api/v1/backtests/start", BACKTEST, "Idempotency-Key", "walk"), 202);
    ok(api.post("/api/v1/backtests/start", TRAINING, "Idempotency-Key", "walk"), 422);
    ok(api.post("/api/v1/backtests/start", "{"), 400);
    ok(api.post("/api/v1/backtests/start", BACKTEST.replace("1d_v21", "1d_v22")), 404);
    for (String path : List.of("/api/v1/trainings/start", "/api/v1/training/start")) {
      ok(api.post(path, TRAINING), 202);
      ok(api.post(path, "{\"start_date\": 1, \"surprise\": 1}"), 422);
    }
    ok(api.post("/api/v1/operations", "{\"operation_type\": \"report\", \"min_cores\": 4}"), 202);
    ok(api.post("/api/v1/operations", "{\"operation_type\": \"training\"}"), 422);
  }

  private static void lifeOfOperations() throws IOException, InterruptedException {
    OperationId done = training();
    ok(api.fetch("/api/v1/operations/%s/explain".formatted(done)), 200);
    Run run = worker.claim(done, 1);
    worker.send(new OperationEvent.Started(run.header(1)));
    worker.send(new OperationEvent.Progressed(run.header(2), Progress.of(40, "Epoch 4/10")));
    await().atMost(SOON).until(() -> field(done, "status").equals("running"));
    look(done);
    ok(api.post("/api/v1/operations/%s/retry".formatted(done), ""), 409);
    ok(api.delete("/api/v1/operations/" + done, "{\"reason\": \"walk\"}"), 202);
    worker.send(worker.end(run, "completed", 3, WorkerByHand::completed));
    await().atMost(SOON).until(() -> field(done, "status").equals("completed"));
    look(done);
    ok(stream(done, "5000"), 400);
    ok(stream(done, "0"), 200);
    ok(api.post("/api/v1/operations/%s/cancel".formatted(done), ""), 409);
    ok(api.post("/api/v1/operations/%s/resume".formatted(done), ""), 409);

    OperationId failed = training();
    Run bad = worker.claim(failed, 1);
    Failure failure = new Failure("LABELS_DEGENERATE", "too few", false);
    worker.send(worker.end(bad, "failed", 1, header -> new OperationEvent.Failed(header, failure)));
    await().atMost(SOON).until(() -> field(failed, "status").equals("failed"));
    look(failed);
    ok(api.post("/api/v1/operations/%s/resume".formatted(failed), ""), 404);
    byte[] state = "state".getBytes(StandardCharsets.UTF_8);
    String checkpoint = "/api/v1/artifacts/%s?checkpoint=".formatted(Sha256.of(state));
    ok(api.put(checkpoint + "perhaps", state), 400);
    ok(api.put(checkpoint + "true", state), 204);
    api.jdbi()
        .useHandle(handle ->
            handle.execute(
                "update runs set checkpoint_at = now(), checkpoint_sha256 = ? where operation_id ="
                    + " ?",
                Sha256.of(state).hex(),
                failed.value()));
    ok(api.post("/api/v1/operations/%s/resume".formatted(failed), ""), 202);
    ok(api.post("/api/v1/operations/%s/cancel".formatted(failed), ""), 200);
    ok(api.post("/api/v1/operations/%s/retry".formatted(failed), ""), 202);
    ok(api.delete("/api/v1/operations/" + failed, ""), 200);
    look(failed);

    ok(api.fetch("/api/v1/operations?limit=1000&operation_type=training"), 200);
    ok(api.fetch("/api/v1/operations?format=array&active_only=true"), 200);
    ok(api.fetch("/api/v1/operations?offset=-1"), 400);
    for (String way : List.of("", "/events", "/explain", "/trades", "/equity", "/report")) {
      ok(api.fetch("/api/v1/operations/" + NO_OPERATION + way), 404);
    }
    results(done);
    for (String way : List.of("cancel", "retry", "resume")) {
      ok(api.post("/api/v1/operations/%s/%s".formatted(NO_OPERATION, way), ""), 404);
    }
    ok(api.delete("/api/v1/operations/" + NO_OPERATION, ""), 404);
  }

  private static void results(OperationId id) throws IOException, InterruptedException {
    byte[] rows =
        """
        [{"trade_id": 1, "side": "LONG", "entry_time": "2024-01-02T00:00:00Z", "entry_price": 1.1,
          "exit_time": "2024-01-03T00:00:00Z", "exit_price": 1.2, "net_pnl": 1.5, "commission": 0,
          "slippage": 0, "max_favorable_excursion": 2, "max_adverse_excursion": 0,
          "exit_reason": "a, \\"b\\""}]
        """
            .getBytes(StandardCharsets.UTF_8);
    ok(api.put("/api/v1/artifacts/" + Sha256.of(rows), rows), 204);
    for (String name : List.of("trades", "equity")) {
      String path = "/api/v1/operations/%s/%s".formatted(id, name);
      ok(api.fetch(path), 404);
      api.jdbi()
          .useHandle(handle ->
              handle.execute(
                  "insert into operation_artifacts (operation_id, name, sha256, size) values (?, ?,"
                      + " ?, ?)",
                  id.value(),
                  name,
                  Sha256.of(rows).hex(),
                  rows.length));
      assertThat(ok(api.fetch(path), 200).path(name).path(0).path("side").asText())
          .isEqualTo("LONG");
      ApiFixture.Answer csv = api.fetch(path + "?format=csv");
      ok(csv, 200);
      assertThat(new String(csv.response().body(), StandardCharsets.UTF_8).lines())
          .containsExactly(
              "trade_id,side,entry_time,entry_price,exit_time,exit_price,net_pnl,commission,"
                  + "slippage,max_favorable_excursion,max_adverse_excursion,exit_reason",
              "1,LONG,2024-01-02T00:00:00Z,1.1,2024-01-03T00:00:00Z,1.2,1.5,0,0,2,0,"
                  + "\"a, \"\"b\"\"\"");
      ok(api.fetch(path + "?format=xml"), 400);
    }
    report(id);
  }

  private static void report(OperationId id) throws IOException, InterruptedException {
    byte[] curve =
        "[{\"timestamp\": \"2024-01-02T00:00:00Z\", \"price\": 1.1, \"portfolio_value\": 1000}]"
            .getBytes(StandardCharsets.UTF_8);
    ok(api.put("/api/v1/artifacts/" + Sha256.of(curve), curve), 204);
    api.jdbi()
        .useHandle(handle ->
            handle.execute(
                "update operation_artifacts set sha256 = ? where name = 'equity' and operation_id ="
                    + " ?",
                Sha256.of(curve).hex(),
                id.value()));
    ApiFixture.Answer page = api.fetch("/api/v1/operations/%s/report".formatted(id));
    ok(page, 200);
    assertThat(page.response().headers().firstValue("content-security-policy"))
        .hasValueSatisfying(policy -> assertThat(policy).startsWith("default-src 'none'"));
    assertThat(new String(page.response().body(), StandardCharsets.UTF_8))
        .startsWith("<!DOCTYPE html>")
        .doesNotContain("<script", "http://", "https://");
    compare("%s,%s".formatted(id, training()));
  }

  private static void compare(String ids) throws IOException, InterruptedException {
    String path = "/api/v1/backtests/compare?ids=";
    JsonNode both = ok(api.fetch(path + ids), 200).path("backtests");
    assertThat(both.path(0).path("curve")).hasSize(1);
    assertThat(both.path(1).path("result").isNull()).isTrue();
    ApiFixture.Answer page = api.fetch(path + ids + "&format=html");
    ok(page, 200);
    assertThat(new String(page.response().body(), StandardCharsets.UTF_8))
        .contains("Backtests side by side", "no result: pending");
    ok(api.fetch(path + ids + "&format=xml"), 400);
    ok(api.fetch(path + NO_OPERATION), 400);
    ok(api.fetch("/api/v1/backtests/compare"), 400);
    ok(api.fetch(path + NO_OPERATION + "," + NO_OPERATION), 404);
  }

  private static void look(OperationId id) throws IOException, InterruptedException {
    String path = "/api/v1/operations/" + id;
    ok(api.fetch(path), 200);
    ok(api.fetch(path + "/explain"), 200);
    ok(api.send(request(path + "/events").header("Accept", "application/json").build()), 200);
  }

  private static ApiFixture.Answer stream(OperationId id, String after)
      throws IOException, InterruptedException {
    return api.send(
        request("/api/v1/operations/%s/events".formatted(id))
            .header("Accept", "text/event-stream")
            .header("Last-Event-ID", after)
            .build());
  }

  private static void fleet() throws IOException, InterruptedException {
    ok(api.fetch("/api/v1/admin/audit?limit=1"), 200);
    ok(api.fetch("/api/v1/admin/audit?limit=0"), 400);
    String instance = UUID.randomUUID().toString();
    String worker =
        """
        {"worker_id": "walker", "worker_type": "training", "endpoint_url": "http://127.0.0.1:1",
         "instance_id": "%s", "capabilities": {"cores": 4, "memory_gb": 7.5}}
        """
            .formatted(instance);
    ok(api.post("/api/v1/workers/register", worker), 200);
    ok(api.post("/api/v1/workers/register", worker.replace("training", "cooking")), 422);
    ok(api.fetch("/api/v1/workers"), 200);
    ok(api.fetch("/api/v1/workers?format=wrapped&worker_type=training"), 200);
    ok(api.fetch("/api/v1/workers?status=flying"), 400);
    ok(api.fetch("/api/v1/workers/health"), 200);
    ok(api.fetch("/api/v1/workers/targets"), 200);
    ok(api.fetch("/api/v1/workers/scale?type=training"), 200);
    ok(api.fetch("/api/v1/workers/scale"), 400);
    ok(api.fetch("/api/v1/workers/walker"), 200);
    ok(api.fetch("/api/v1/workers/runner"), 404);
    ok(api.fetch("/api/v1/workers/walker/instances/" + instance), 200);
    ok(api.fetch("/api/v1/workers/walker/instances/7"), 400);
    ok(api.fetch("/api/v1/operations/%s/explain".formatted(training())), 200);
    ok(api.post("/api/v1/workers/walker/drain", ""), 202);
    ok(api.post("/api/v1/workers/runner/drain", ""), 404);
    ok(api.post("/api/v1/admin/drain", "{\"reason\": \"walk\", \"pending\": \"run\"}"), 200);
    ok(api.post("/api/v1/admin/drain", "{\"pending\": \"jump\"}"), 422);
    ok(api.fetch("/api/v1/admin/drain"), 200);
    ok(api.post("/api/v1/backtests/start", BACKTEST), 503);
    for (String decision : List.of("pause", "resume", "undrain")) {
      ok(api.post("/api/v1/admin/" + decision, ""), 200);
      ok(api.post("/api/v1/admin/" + decision, "{\"type\": \"cooking\"}"), 422);
    }
    ok(api.fetch("/api/v1/admin/doctor"), 200);
    ok(api.post("/api/v1/admin/reconcile", ""), 200);
  }

  private static void deadLetters() throws IOException, InterruptedException {
    List<OperationId> ids = List.of(training(), training(), training());
    for (OperationId id : ids) {
      api.jdbi()
          .useHandle(handle ->
              handle.execute(
                  """
                  insert into outbox (operation_id, exchange, routing_key, body, headers)
                  select operation_id, 'operations.dead-letters', 'operations.training', body,
                         '{"reason": "planted"}'
                  from outbox where operation_id = ? limit 1
                  """,
                  id.value()));
    }
    String base = "/api/v1/dead-letters";
    await().atMost(SOON).until(() -> worker.ready("operations.training.dead") == ids.size());
    JsonNode letters = ok(api.fetch(base), 200).path("dead_letters");
    String first = base + "/" + letters.get(0).path("id").asText();
    String second = base + "/" + letters.get(1).path("id").asText();
    ok(api.fetch(base + "?limit=0"), 400);
    ok(api.fetch(first), 200);
    ok(api.delete(first, ""), 200);
    ok(api.fetch(first), 404);
    ok(api.delete(first, ""), 404);
    ok(api.post(second + "/requeue", ""), 200);
    ok(api.post(second + "/requeue", ""), 404);
    ok(api.post(base + "/requeue", "{}"), 200);
    ok(api.post(base + "/requeue", "{\"queue\": \"nonsense\"}"), 400);
  }

  private static void catalogue() throws IOException, InterruptedException {
    byte[] bytes = "some bytes".getBytes(StandardCharsets.UTF_8);
    String path = "/api/v1/artifacts/" + Sha256.of(bytes);
    ok(api.fetch(path), 404);
    ok(api.put(path, bytes), 204);
    ok(api.fetch(path), 200);
    ok(api.put(path, new byte[0]), 422);
    ok(api.fetch("/api/v1/artifacts/x"), 400);
    ok(api.fetch("/api/v1/models"), 200);
    ok(api.fetch("/api/v1/data"), 200);
    ok(api.fetch("/api/v1/data/EURUSD/1d"), 200);
    ok(api.fetch("/api/v1/data/EURUSD/2d"), 404);
    String bars = "date,open,high,low,close\n2024-01-02,1,1,1,1\n";
    ok(api.post("/api/v1/data", bars), 422);
    ok(api.post("/api/v1/data?symbol=ONEBAR&timeframe=1d", bars), 201);
    ok(api.post("/api/v1/data?symbol=ONEBAR&timeframe=1d&replace=true", bars), 200);
    ok(api.fetch("/api/v1/strategies"), 200);
    for (String way : List.of("", "/features")) {
      ok(api.fetch("/api/v1/strategies/neuro_mean_reversion" + way), 200);
      ok(api.fetch("/api/v1/strategies/sma_cross" + way), 200);
      ok(api.fetch("/api/v1/strategies/nobody" + way), 404);
    }
    ok(api.post("/api/v1/strategies/validate", "{\"strategy_yaml\": \"name: x\"}"), 200);
    ok(api.post("/api/v1/strategies/validate", "{}"), 422);
    String lookahead = "/api/v1/strategies/check-lookahead";
    for (String name : List.of("sma_cross", "neuro_mean_reversion")) {
      String body = "{\"strategy_name\": \"%s\", \"symbol\": \"EURUSD\"}".formatted(name);
      assertThat(ok(api.post(lookahead, body), 200).path("clean").asBoolean()).isTrue();
    }
    ok(api.post(lookahead, "{\"strategy_name\": \"nobody\", \"symbol\": \"EURUSD\"}"), 404);
    ok(api.post(lookahead, "{\"cuts\": 1001, \"timeframe\": \"2d\"}"), 422);
    ok(api.fetch("/api/v1/indicators"), 200);
  }

  private static OperationId training() throws IOException, InterruptedException {
    return OperationId.parse(
        ok(api.post("/api/v1/trainings/start", TRAINING), 202).path("operation_id").asText());
  }

  private static String field(OperationId id, String name) {
    return api.operation(id.value()).body().path(name).asText();
  }

  private static HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(api.url(path)).method("GET", BodyPublishers.noBody());
  }

  private static JsonNode ok(ApiFixture.Answer answer, int status) {
    assertThat(answer.status()).as(answer.body().toString()).isEqualTo(status);
    return answer.body();
  }
}
