package io.ktrdr.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.standalone.TcpPorts;
import io.ktrdr.testkit.RepositoryRoot;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Workers registering, being looked at, and being told to go. */
final class RegistryIT {

  private static final String REGISTER = "/api/v1/workers/register";
  private static final String BACKTEST =
      """
      {"model_path": "neuro_mean_reversion/1d_v21", "symbol": "EURUSD",
       "start_date": "2024-01-01", "end_date": "2024-12-31"}
      """;

  @SuppressWarnings("NullAway.Init")
  private static ApiFixture api;

  @BeforeAll
  static void start() {
    api =
        new ApiFixture("amqp://guest:guest@127.0.0.1:1/", RepositoryRoot.find().resolve("models"));
    // Old enough for any silence a test asks for.
    execute("update lease_clock set running_since = now() - interval '1 day'");
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  @BeforeEach
  void nobody() {
    execute("delete from workers");
    execute("delete from runs");
    execute("delete from outbox");
    execute("delete from operation_events");
    execute("delete from operations");
  }

  /** A process that answers on a port of its own. */
  private record Living(UUID instance, HttpServer health) implements AutoCloseable {

    static Living answering(UUID instance, String body) throws IOException {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext(
          "/health",
          exchange -> {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
          });
      server.start();
      return new Living(instance, server);
    }

    static Living alive() throws IOException {
      UUID instance = UUID.randomUUID();
      return answering(instance, "{\"instance_id\":\"%s\"}".formatted(instance));
    }

    String url() {
      return "http://127.0.0.1:" + health.getAddress().getPort();
    }

    @Override
    public void close() {
      health.stop(0);
    }
  }

  @Test
  void registrationWritesTheRowOnceForEachProcess() throws Exception {
    UUID instance = UUID.randomUUID();
    ApiFixture.Answer answer = register("w-1", "backtesting", instance, deadUrl());
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body().path("success").asBoolean()).isTrue();
    assertThat(answer.body().path("worker_id").asText()).isEqualTo("w-1");
    assertThat(answer.body().path("rabbitmq_url").asText()).startsWith("amqp://");
    assertThat(answer.body().path("database_url").asText()).startsWith("postgresql://");
    execute("update workers set current_operation_id = 'op_x'");
    String before = one("w-1").path("registered_at").asText();

    assertThat(register("w-1", "backtesting", instance, deadUrl()).status()).isEqualTo(200);

    JsonNode worker = one("w-1");
    assertThat(worker.path("registered_at").asText()).isEqualTo(before);
    assertThat(worker.path("current_operation_id").asText()).isEqualTo("op_x");
    assertThat(api.fetch("/api/v1/workers").body()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'worker_type':'backtest'             | WORKER_TYPE_UNKNOWN  | backtesting, training",
        "'worker_id':'two words'              | WORKER_ID_INVALID    | 1 to 100",
        "'endpoint_url':'ftp://here'          | ENDPOINT_URL_INVALID | http://host:port",
        "'instance_id':'7'                    | FIELD_TYPE           | UUID",
        "'capabilities':[1]                   | FIELD_TYPE           | object",
        "'instance_id':null                   | FIELD_REQUIRED       | instance_id",
        "'surprise':1                         | FIELD_UNKNOWN        | surprise",
      })
  void unfitRegistrationIsRefused(String field, String code, String detail) throws Exception {
    ObjectNode body = object(registration("w-1", "backtesting", UUID.randomUUID(), deadUrl()));
    body.setAll(object("{" + field.replace('\'', '"') + "}"));
    ApiFixture.Answer answer = api.post(REGISTER, body.toString());
    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.body().path("code").asText()).isEqualTo(code);
    assertThat(answer.body().path("detail").asText()).contains(detail);
    assertThat(api.fetch("/api/v1/workers").body()).isEmpty();
  }

  @Test
  void idOfALivingProcessIsRefused() throws Exception {
    try (Living first = Living.alive()) {
      assertThat(register("w-1", "training", first.instance(), first.url()).status())
          .isEqualTo(200);
      ApiFixture.Answer second = register("w-1", "training", UUID.randomUUID(), deadUrl());
      assertThat(second.status()).isEqualTo(409);
      assertThat(second.body().path("code").asText()).isEqualTo("WORKER_ID_IN_USE");
      assertThat(second.body().path("detail").asText()).contains(first.url(), "WORKER_ID");
      assertThat(one("w-1").path("endpoint_url").asText()).isEqualTo(first.url());
    }
  }

  @Test
  void idOfADeadProcessIsTakenOverAtOnce() throws Exception {
    try (Living first = Living.alive()) {
      register("w-1", "training", first.instance(), first.url());
      assertThat(state("w-1", first.instance())).isEqualTo("alive");
      execute("update workers set current_operation_id = 'op_x', subscribed = true");
    }
    assertThat(register("w-1", "training", UUID.randomUUID(), "http://10.1.2.3:5004").status())
        .isEqualTo(200);
    assertThat(one("w-1").path("endpoint_url").asText()).isEqualTo("http://10.1.2.3:5004");
    assertThat(one("w-1").path("current_operation_id").isNull()).isTrue();

    try (Living first = Living.alive();
        Living successor = Living.alive()) {
      register("w-2", "training", first.instance(), first.url());
      execute("update workers set endpoint_url = '%s'".formatted(successor.url()));
      // Another process answers where the registered one was.
      assertThat(state("w-2", first.instance())).isEqualTo("dead");
      assertThat(register("w-2", "training", successor.instance(), successor.url()).status())
          .isEqualTo(200);
      assertThat(state("w-2", first.instance())).as("its id was taken over").isEqualTo("dead");
      assertThat(state("w-2", successor.instance())).isEqualTo("alive");
    }
  }

  @Test
  void addressAtWhichAProcessWasNeverSeenProvesNoDeath() throws Exception {
    UUID behindNat = UUID.randomUUID();
    register("w-1", "training", behindNat, deadUrl());
    assertThat(state("w-1", behindNat)).isEqualTo("unknown");
    try (Living stranger = Living.alive()) {
      execute("update workers set endpoint_url = '%s'".formatted(stranger.url()));
      assertThat(state("w-1", behindNat)).isEqualTo("unknown");
      ApiFixture.Answer second = register("w-1", "training", UUID.randomUUID(), deadUrl());
      assertThat(second.body().path("code").asText()).isEqualTo("WORKER_ID_UNCERTAIN");
    }
    assertThat(state("w-9", behindNat)).isEqualTo("unknown");
    assertThat(api.fetch("/api/v1/workers/w-1/instances/none").status()).isEqualTo(400);
  }

  private static String state(String id, UUID instance) throws IOException, InterruptedException {
    return api.fetch("/api/v1/workers/%s/instances/%s".formatted(id, instance))
        .body()
        .path("state")
        .asText();
  }

  @Test
  void idOfAProcessInDoubtIsFreeWhenItsLeaseIsOver() throws Exception {
    try (Living silent = Living.answering(UUID.randomUUID(), "{}")) {
      register("w-1", "training", silent.instance(), silent.url());
      ApiFixture.Answer early = register("w-1", "training", UUID.randomUUID(), deadUrl());
      assertThat(early.status()).isEqualTo(409);
      assertThat(early.body().path("code").asText()).isEqualTo("WORKER_ID_UNCERTAIN");
      assertThat(
              Integer.parseInt(early.response().headers().firstValue("Retry-After").orElseThrow()))
          .isBetween(1, 21);

      execute("update workers set last_heartbeat_at = now() - interval '21 s'");
      assertThat(register("w-1", "training", UUID.randomUUID(), deadUrl()).status()).isEqualTo(200);
    }
  }

  @Test
  void listIsFilteredInAnyCaseAndWrappedOnDemand() throws Exception {
    register("t-1", "training", UUID.randomUUID(), deadUrl());
    register("b-1", "backtesting", UUID.randomUUID(), deadUrl());
    register("b-2", "backtesting", UUID.randomUUID(), deadUrl());
    execute("update workers set current_operation_id = 'op_x' where worker_id = 'b-2'");
    assertThat(ids("/api/v1/workers")).containsExactly("b-1", "b-2", "t-1");
    assertThat(ids("/api/v1/workers?worker_type=Training")).containsExactly("t-1");
    assertThat(ids("/api/v1/workers?status=busy")).containsExactly("b-2");
    assertThat(ids("/api/v1/workers?status=AVAILABLE&worker_type=backtesting"))
        .containsExactly("b-1");
    assertThat(api.fetch("/api/v1/workers?format=wrapped").body().path("workers")).hasSize(3);
    assertThat(api.fetch("/api/v1/workers?status=flying").body().path("detail").asText())
        .contains("DRAINING");

    assertThat(api.fetch("/api/v1/workers/health").body().toString())
        .isEqualTo(
            "{\"total_workers\":3,\"available\":2,\"busy\":1,\"temporarily_unavailable\":0,"
                + "\"draining\":0,\"by_type\":{\"backtesting\":{\"available\":1,\"busy\":1},"
                + "\"report\":{\"available\":0,\"busy\":0},"
                + "\"training\":{\"available\":1,\"busy\":0}}}");
    ApiFixture.Answer unknown = api.fetch("/api/v1/workers/w-9");
    assertThat(unknown.status()).isEqualTo(404);
    assertThat(unknown.body().path("code").asText()).isEqualTo("WORKER_UNKNOWN");
    assertThat(unknown.body().path("detail").asText()).isEqualTo("Worker not found: w-9");
  }

  @Test
  void threeSignalsTellHowAWorkerIs() throws Exception {
    register("w-1", "training", UUID.randomUUID(), deadUrl());
    JsonNode idle = one("w-1").path("metadata");
    assertThat(idle.path("worker_status").asText()).isEqualTo("idle");
    assertThat(idle.path("alive").asBoolean()).isTrue();
    assertThat(idle.path("subscribed").asBoolean()).isFalse();
    assertThat(idle.path("advancing").isNull()).isTrue();

    execute(
        """
        update workers set current_operation_id = 'op_x', subscribed = true,
          queues = '["operations.training"]', progress_age_seconds = 601,
          resident_bytes = 104857600
        """);
    JsonNode stuck = one("w-1").path("metadata");
    assertThat(stuck.path("worker_status").asText()).isEqualTo("busy");
    assertThat(stuck.path("advancing").booleanValue()).isFalse();
    assertThat(stuck.path("progress_age_seconds").asDouble()).isEqualTo(601);
    assertThat(stuck.path("resident_mb").asInt()).isEqualTo(100);
    assertThat(stuck.path("queues").path(0).asText()).isEqualTo("operations.training");

    execute(
        """
        update workers
        set progress_age_seconds = 3, last_heartbeat_at = now() - interval '40 s'
        """);
    JsonNode silent = one("w-1");
    assertThat(silent.path("status").asText()).isEqualTo("TEMPORARILY_UNAVAILABLE");
    assertThat(silent.path("health_check_failures").asInt()).isEqualTo(3);
    assertThat(silent.at("/metadata/alive").booleanValue()).isFalse();
    assertThat(silent.at("/metadata/advancing").asBoolean()).isTrue();
    assertThat(silent.at("/metadata/unavailable_since").isTextual()).isTrue();
    assertThat(silent.at("/metadata/removal_at").isTextual()).isTrue();

    execute("update workers set last_heartbeat_at = now()");
    assertThat(one("w-1").path("status").asText()).isEqualTo("BUSY");
    assertThat(one("w-1").at("/metadata/removal_at").isNull()).isTrue();
  }

  @Test
  void drainOfAWorkerIsForItsProcessOnly() throws Exception {
    try (Living first = Living.alive()) {
      register("w-1", "training", first.instance(), first.url());
    }
    ApiFixture.Answer drained = api.post("/api/v1/workers/w-1/drain", "");
    assertThat(drained.status()).isEqualTo(202);
    assertThat(drained.body().path("status").asText()).isEqualTo("DRAINING");
    assertThat(drained.body().at("/metadata/draining").asBoolean()).isTrue();
    assertThat(api.post("/api/v1/workers/w-1/drain", "").status()).isEqualTo(202);
    assertThat(count("select count(*) from audit where action = 'worker.drained'")).isOne();
    assertThat(api.fetch("/api/v1/workers/health").body().path("draining").asInt()).isOne();
    assertThat(api.post("/api/v1/workers/w-9/drain", "").status()).isEqualTo(404);

    // The next process with this id is not meant.
    register("w-1", "training", UUID.randomUUID(), deadUrl());
    assertThat(one("w-1").path("status").asText()).isEqualTo("AVAILABLE");
  }

  @Test
  void scaleCountsWhatWaitsAndWhatRunsAndNeverLessThanThat() throws Exception {
    register("b-1", "backtesting", UUID.randomUUID(), deadUrl());
    register("b-2", "backtesting", UUID.randomUUID(), deadUrl());
    OperationId running = submit();
    submit();
    submit();
    execute("update workers set current_operation_id = 'x' where worker_id = 'b-1'");
    execute(
        """
        insert into runs
          (run_id, operation_id, attempt, worker_id, worker_instance, endpoint_url)
        values (gen_random_uuid(), '%s', 1, 'b-1', gen_random_uuid(), 'http://127.0.0.1:1')
        """
            .formatted(running));
    assertThat(scale())
        .isEqualTo(
            "{\"type\":\"backtesting\",\"queued\":2,\"running\":1,\"value\":3,\"workers\":2,"
                + "\"busy\":1,\"drainable\":1}");
    api.post("/api/v1/admin/pause", "{\"type\":\"backtesting\"}");
    assertThat(scale()).contains("\"queued\":0,\"running\":1,\"value\":1");
    api.post("/api/v1/admin/resume", "{\"type\":\"backtesting\"}");
    assertThat(api.fetch("/api/v1/workers/scale").status()).isEqualTo(400);
    assertThat(api.fetch("/api/v1/workers/scale?type=x").body().path("detail").asText())
        .contains("backtesting, training");
  }

  private static String scale() throws IOException, InterruptedException {
    return api.fetch("/api/v1/workers/scale?type=backtesting").body().toString();
  }

  private static OperationId submit() throws IOException, InterruptedException {
    return OperationId.parse(
        api.post("/api/v1/backtests/start", BACKTEST).body().path("operation_id").asText());
  }

  private static ApiFixture.Answer register(
      String id, String type, UUID instance, String endpointUrl)
      throws IOException, InterruptedException {
    return api.post(REGISTER, registration(id, type, instance, endpointUrl));
  }

  private static String registration(String id, String type, UUID instance, String endpointUrl) {
    return """
    {"worker_id":"%s","worker_type":"%s","instance_id":"%s","endpoint_url":"%s","version":"1",\
    "capabilities":{"cores":4,"memory_gb":8,"gpu":false}}\
    """
        .formatted(id, type, instance, endpointUrl);
  }

  /** Where nobody listens. */
  private static ObjectNode object(String json) throws JsonProcessingException {
    return (ObjectNode) Json.mapper().readTree(json);
  }

  private static String deadUrl() {
    return "http://127.0.0.1:" + TcpPorts.anyFree();
  }

  private static JsonNode one(String id) throws IOException, InterruptedException {
    return api.fetch("/api/v1/workers/" + id).body();
  }

  private static List<String> ids(String path) throws IOException, InterruptedException {
    return api.fetch(path).body().findValuesAsText("worker_id");
  }

  private static int count(String sql) {
    return api.jdbi().withHandle(handle -> handle.createQuery(sql).mapTo(Integer.class).one());
  }

  private static void execute(String sql) {
    api.jdbi().useHandle(handle -> handle.execute(sql));
  }
}
