package io.ktrdr.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.amqp.Topology;
import io.ktrdr.standalone.BrokerAccess;
import io.ktrdr.standalone.DatabaseAccess;
import io.ktrdr.testkit.GivenServers;
import io.ktrdr.testkit.RepositoryRoot;
import io.ktrdr.testkit.SystemPlan;
import io.ktrdr.testkit.TestBroker;
import io.ktrdr.testkit.TestPostgres;
import io.ktrdr.testkit.TestSystem;
import io.ktrdr.testkit.TestVirtualHost;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole system with the users of {@code ops/rabbitmq/make-definitions} and the roles of {@code
 * ops/postgres/roles.sql}: it works, nobody can do more than is theirs, and a person in the
 * broker's management UI sees what is what.
 */
@SuppressWarnings("NullAway.Init")
final class LeastPrivilegeIT {

  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final String QUEUE = "operations.backtesting";

  @TempDir private static Path passwords;

  private static TestVirtualHost broker;
  private static DatabaseAccess database;
  private static TestSystem system;
  private static SystemClient client;

  @BeforeAll
  static void start() throws IOException, InterruptedException, SQLException {
    broker = TestBroker.freshVirtualHost();
    String users = broker.request("POST", "/api/definitions", definitions());
    assertThat(users).isEmpty();
    database = TestPostgres.emptyDatabase();
    makeRoles();
    system =
        TestSystem.start(
            SystemPlan.apiOnly()
                .withWorkers(2, 0)
                .withWorkerVariable("KTRDR_BACKTEST_BAR_DELAY_MS", "10"),
            new GivenServers(
                database,
                broker,
                Map.of(
                    "DATABASE_URL", as("ktrdr_api").url(),
                    "KTRDR_ADVERTISED_DATABASE_URL", as("ktrdr_worker").url(),
                    "RABBITMQ_URL", user("api").amqpUrl(),
                    "KTRDR_ADVERTISED_RABBITMQ_URL", user("worker").amqpUrl())));
    client = new SystemClient(system);
  }

  @AfterAll
  static void stop() {
    system.close();
    for (String name : List.of("api", "worker", "monitor")) {
      broker.request("DELETE", "/api/users/" + prefix() + name, "");
    }
    broker.close();
  }

  @Test
  void operationsComplete() {
    List<String> ids = List.of(backtest(), backtest(), backtest());
    ids.forEach(LeastPrivilegeIT::completes);
    assertThat(
            client.rows(
                "select distinct usename from pg_stat_activity where datname = current_database()"
                    + " and application_name like '%backtest-worker%'"))
        .containsExactly("ktrdr_worker");
  }

  @Test
  void aQueueDeletedByAnOperatorComesBackAlthoughWorkersMayNotDeclareIt() {
    broker.deleteQueue(QUEUE);
    completes(backtest());
    completes(backtest());
  }

  @Test
  void aPersonInTheManagementUiSeesWhatIsWhat() {
    String vhost = broker.access().virtualHost();
    broker.request("PUT", "/api/queues/" + vhost + "/spy", "{\"durable\":true}");
    broker.request(
        "POST",
        "/api/bindings/" + vhost + "/e/" + Topology.EVENTS_EXCHANGE + "/q/spy",
        "{\"routing_key\":\"#\"}");
    // They are over sooner than the broker counts its queues.
    client.post("/api/v1/admin/pause", "{\"type\": \"backtesting\"}");
    List<String> ids = Stream.generate(LeastPrivilegeIT::backtest).limit(8).toList();
    await().atMost(LIMIT).until(() -> broker.queue(QUEUE).path("messages_ready").asInt() > 0);

    JsonNode waiting = broker.peek(QUEUE, 1).path(0);
    String id = waiting.at("/properties/message_id").asText();
    assertThat(ids).contains(id);
    assertThat(waiting.at("/properties/content_type").asText()).isEqualTo("application/json");
    assertThat(waiting.at("/properties/headers/operation").asText()).isEqualTo(id);
    assertThat(waiting.at("/properties/headers/type").asText()).isEqualTo("operation.run");
    client.post("/api/v1/admin/resume", "{\"type\": \"backtesting\"}");

    await()
        .atMost(LIMIT)
        .untilAsserted(() -> {
          assertThat(
                  texts(broker.get("/api/vhosts/" + vhost + "/connections"), "/user_provided_name"))
              .anyMatch(name -> name.matches("backtest-worker-1 \\(backtesting\\) @\\S+ consume"))
              .anyMatch(name -> name.matches("backtest-worker-2 \\(backtesting\\) @\\S+ publish"))
              .anyMatch(name -> name.matches("api @\\S+ publish"));
          assertThat(texts(broker.get("/api/consumers/" + vhost), "/consumer_tag"))
              .contains("backtest-worker-1", "backtest-worker-2", "projection");
        });

    ids.forEach(LeastPrivilegeIT::completes);
    JsonNode event = broker.peek("spy", 1).path(0);
    assertThat(event.at("/properties/message_id").asText()).startsWith("op_backtest_");
    assertThat(event.at("/properties/headers/type").asText())
        .isEqualTo(event.path("routing_key").asText());
    assertThat(event.at("/properties/headers/attempt").asInt()).isEqualTo(1);
    assertThat(event.at("/properties/headers/worker_id").asText()).startsWith("backtest-worker-");
    broker.deleteQueue("spy");
  }

  @Test
  void aWorkersUserTakesOperationsAndNothingElse() throws Exception {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setUri(user("worker").amqpUrl());
    try (Connection connection = factory.newConnection("offender")) {
      for (String queue :
          List.of(
              Topology.PROJECTION_QUEUE,
              Topology.UNROUTABLE,
              QUEUE + ".dead",
              Topology.PROJECTION_QUEUE + ".dead")) {
        refused(connection, channel -> channel.basicGet(queue, true));
      }
      refused(connection, channel -> channel.queueDelete("operations.training"));
      refused(
          connection,
          channel -> channel.queueDeclare("operations.mine", true, false, false, Map.of()));
      refused(connection, channel -> channel.exchangeDelete(Topology.EVENTS_EXCHANGE));
      refused(
          connection,
          channel -> {
            channel.basicPublish(Topology.OPERATIONS_EXCHANGE, "backtesting", null, new byte[0]);
            return true;
          });
    }
  }

  @Test
  void aMonitorsUserSeesEverythingAndChangesNothing() {
    TestVirtualHost seen = new TestVirtualHost(user("monitor"));
    assertThat(texts(seen.queues(), "/name")).contains(QUEUE, Topology.PROJECTION_QUEUE);
    assertThat(seen.get("/api/overview").path("queue_totals").isObject()).isTrue();
    for (Runnable change :
        List.<Runnable>of(
            () -> seen.deleteQueue(QUEUE),
            () -> seen.peek(QUEUE, 1),
            () -> seen.request("DELETE", "/api/users/" + prefix() + "api", ""),
            () ->
                seen.request(
                    "POST",
                    "/api/exchanges/%s/%s/publish"
                        .formatted(broker.access().virtualHost(), Topology.OPERATIONS_EXCHANGE),
                    """
                    {"properties": {}, "routing_key": "backtesting", "payload": "x",
                     "payload_encoding": "string"}
                    """))) {
      assertThatThrownBy(change::run).isInstanceOf(IllegalStateException.class);
    }
    assertThat(texts(seen.queues(), "/name")).contains(QUEUE);
  }

  @Test
  void aWorkersRoleClaimsAndChangesNoOperation() throws SQLException {
    completes(backtest());
    try (java.sql.Connection worker = as("ktrdr_worker").connect();
        Statement statement = worker.createStatement()) {
      for (String forbidden :
          List.of(
              "update operations set status = 'failed'",
              "delete from operations",
              "select result from operations",
              "insert into operation_events (operation_id, seq, event_id, type) select id, 99,"
                  + " gen_random_uuid(), 'x' from operations",
              "select from idempotency_keys",
              "select from outbox",
              "select from artifacts",
              "select from audit",
              "update workers set endpoint_verified = true",
              "update lease_clock set last_pulse_at = now()",
              "insert into dispatch_controls (scope) values ('*')",
              "create table mine ()",
              "drop table runs")) {
        assertThatThrownBy(() -> statement.execute(forbidden))
            .as(forbidden)
            .isInstanceOf(SQLException.class)
            .hasMessageMatching("(?s).*(permission denied|must be owner).*");
      }
      assertThatThrownBy(() -> statement.execute("update operations set claim_lock = true"))
          .hasMessageContaining("operations_claim_lock_unused");
      assertThat(statement.executeUpdate("delete from runs where ended_at is not null")).isZero();
      assertThat(
              statement.executeUpdate("update runs set reason = 'mine' where outcome is not null"))
          .isZero();
    }
  }

  @Test
  void aReadersRoleReadsTheViewsAndNothingElse() throws SQLException {
    String id = backtest();
    completes(id);
    try (java.sql.Connection reader = as("ktrdr_readonly").connect();
        Statement statement = reader.createStatement()) {
      try (ResultSet rows =
          statement.executeQuery(
              """
              select o.status, count(distinct a.attempt), count(distinct e.seq) > 1
              from v_operations o join v_attempts a on a.operation_id = o.id
              join v_events e on e.operation_id = o.id where o.id = '%s' group by 1
              """
                  .formatted(id))) {
        assertThat(rows.next()).isTrue();
        assertThat(rows.getString(1) + rows.getInt(2) + rows.getString(3)).isEqualTo("completed1t");
      }
      for (String forbidden :
          List.of(
              "select from operations", "select from idempotency_keys", "delete from workers")) {
        assertThatThrownBy(() -> statement.execute(forbidden))
            .hasMessageMatching("(?s).*(permission denied|read-only).*");
      }
    }
  }

  @Test
  void rolesMayBeMadeAgainAndAgain() throws SQLException {
    makeRoles();
    completes(backtest());
  }

  private interface Deed {
    Object on(Channel channel) throws IOException;
  }

  private static void refused(Connection connection, Deed deed) throws IOException {
    Channel channel = connection.createChannel();
    assertThatThrownBy(
            () -> {
              deed.on(channel);
              // What is published is refused a moment later: the next answer tells.
              channel.queueDeclarePassive(QUEUE);
            })
        .hasStackTraceContaining("ACCESS_REFUSED");
  }

  private static String backtest() {
    return client.submit(
        "/api/v1/backtests/start",
        """
        {"model_path": "/app/models/neuro_mean_reversion/1d_v21",
         "strategy_name": "neuro_mean_reversion", "symbol": "EURUSD", "timeframe": "1d",
         "start_date": "2024-01-01", "end_date": "2024-06-30"}
        """);
  }

  private static void completes(String id) {
    assertThat(client.ended(id, LIMIT).path("status").asText()).as(id).isEqualTo("completed");
  }

  private static Set<String> texts(JsonNode array, String pointer) {
    return StreamSupport.stream(array.spliterator(), false)
        .map(item -> item.at(pointer).asText())
        .collect(Collectors.toSet());
  }

  private static String prefix() {
    return broker.access().virtualHost() + "-";
  }

  private static BrokerAccess user(String name) {
    try {
      String password =
          Files.readString(passwords.resolve(name + ".password"), StandardCharsets.UTF_8).strip();
      BrokerAccess owner = broker.access();
      String url =
          owner
              .amqpUrl()
              .replaceFirst("://[^@]*@", "://%s%s:%s@".formatted(prefix(), name, password));
      return new BrokerAccess(
          url, owner.managementUrl(), prefix() + name, password, owner.virtualHost());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String definitions() throws IOException, InterruptedException {
    Path output = passwords.resolve("definitions.json");
    Process process =
        new ProcessBuilder(
                RepositoryRoot.find().resolve("ops/rabbitmq/make-definitions").toString(),
                "--vhost",
                broker.access().virtualHost(),
                "--prefix",
                prefix(),
                passwords.toString())
            .redirectOutput(output.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertThat(process.waitFor(LIMIT)).isTrue();
    String text = Files.readString(output);
    List<String> users = new ArrayList<>();
    Json.mapper()
        .readTree(text)
        .path("users")
        .forEach(user -> users.add(user.path("name").asText()));
    assertThat(users).containsExactly(prefix() + "api", prefix() + "worker", prefix() + "monitor");
    return text;
  }

  private static void makeRoles() throws SQLException {
    try (java.sql.Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(Files.readString(RepositoryRoot.find().resolve("ops/postgres/roles.sql")));
      for (String role : List.of("ktrdr_api", "ktrdr_worker", "ktrdr_readonly")) {
        statement.execute("alter role %s password 'only-%s'".formatted(role, role));
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static DatabaseAccess as(String role) {
    return new DatabaseAccess(
        database.host(), database.port(), database.database(), role, "only-" + role);
  }
}
