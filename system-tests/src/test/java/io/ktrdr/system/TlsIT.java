package io.ktrdr.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.cli.KtrdrCli;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.amqp.BrokerAwayException;
import io.ktrdr.protocol.amqp.BrokerConnector;
import io.ktrdr.protocol.amqp.BrokerSession;
import io.ktrdr.protocol.amqp.Topology;
import io.ktrdr.protocol.tls.Trust;
import io.ktrdr.standalone.OwnedProcess;
import io.ktrdr.standalone.PostgresServer;
import io.ktrdr.standalone.RabbitServer;
import io.ktrdr.standalone.ServerTls;
import io.ktrdr.standalone.TcpPorts;
import io.ktrdr.standalone.WorkerKind;
import io.ktrdr.testkit.RepositoryRoot;
import io.ktrdr.testkit.TestBroker;
import io.ktrdr.testkit.TestPostgres;
import io.ktrdr.testkit.TestProcesses;
import io.ktrdr.testkit.TestVirtualHost;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The system with TLS on every way, its certificates made as an operator makes them: Postgres,
 * RabbitMQ (which listens with TLS only), the API, a worker that trusts the authority alone, and
 * the client.
 */
@SuppressWarnings("NullAway.Init")
final class TlsIT {

  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final String HOST = "127.0.0.1";

  @TempDir private static Path folder;

  private static final int PORT = TcpPorts.anyFree();
  private static PostgresServer database;
  private static RabbitServer broker;
  private static OwnedProcess api;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    makeCertificates(
        "ours", "api=" + HOST, "rabbitmq=" + HOST, "postgres=" + HOST, "elsewhere=elsewhere.lan");
    makeCertificates("others", "api=" + HOST);
    database = TestPostgres.ownServer(tls("postgres"));
    broker = TestBroker.ownServer(tls("rabbitmq"));
    api = api(PORT, "api");
    await().atMost(LIMIT).ignoreExceptions().until(() -> fetch("/health").has("status"));
  }

  @AfterAll
  static void stop() {
    api.stop(Duration.ofSeconds(20));
    broker.close();
    database.close();
  }

  @Test
  void anOperationRunsToItsEndWithTlsOnEveryWay()
      throws IOException, InterruptedException, SQLException {
    try (OwnedProcess worker = worker("https://" + HOST + ":" + PORT, authority("ours"))) {
      String id = submit();
      await()
          .atMost(LIMIT)
          .until(
              () -> "completed".equals(fetch("/api/v1/operations/" + id).path("status").asText()));
      assertThat(worker.isAlive()).isTrue();
      for (JsonNode connection : new TestVirtualHost(broker.access()).get("/api/connections")) {
        assertThat(connection.path("ssl").asBoolean()).as("%s", connection).isTrue();
      }
      assertThat(
              rows(
                  """
                  select distinct application_name, ssl from pg_stat_ssl
                  join pg_stat_activity using (pid)
                  where application_name in ('ktrdr-api', 'backtest-worker-1') order by 1
                  """))
          .containsExactly("backtest-worker-1|t", "ktrdr-api|t");
      assertThat(client("doctor", "--ca-file", authority("ours").toString()))
          .contains("OK    database");
      assertThat(client("doctor")).contains("No safe connection", "KTRDR_CA_FILE");
    }
  }

  @Test
  void aWorkerThatDoesNotTrustTheAuthorityRefusesTheApiAndSaysWhatToDo() {
    try (OwnedProcess worker = worker("https://" + HOST + ":" + PORT, authority("others"))) {
      assertThat(said(worker)).contains("not trusted here: set KTRDR_CA_FILE");
    }
  }

  @Test
  void aWorkerRefusesAnApiWithACertificateForAnotherHost() {
    int port = TcpPorts.anyFree();
    try (OwnedProcess other = api(port, "elsewhere")) {
      await().atMost(LIMIT).until(() -> other.logTail(50).contains("Backend started"));
      try (OwnedProcess worker = worker("https://" + HOST + ":" + port, authority("ours"))) {
        assertThat(said(worker)).contains("certificate is for another host");
      }
    }
  }

  @Test
  void aBrokerIsRefusedForItsAuthorityAndForItsName() {
    String url = broker.access().amqpUrl();
    assertThat(url).startsWith("amqps://");
    ask(url, authority("ours"));
    assertThatThrownBy(() -> ask(url, authority("others")))
        .isInstanceOf(BrokerAwayException.class)
        .hasMessageContaining("not trusted here");
    assertThatThrownBy(() -> ask(url.replace(HOST, "localhost"), authority("ours")))
        .isInstanceOf(BrokerAwayException.class)
        .hasMessageContaining("for another host");
  }

  @Test
  void aDatabaseIsRefusedForItsAuthorityAndForItsName() throws SQLException {
    assertThat(logIn(HOST, authority("ours"))).isTrue();
    assertThatThrownBy(() -> logIn(HOST, authority("others"))).hasMessageContaining("PKIX path");
    assertThatThrownBy(() -> logIn("localhost", authority("ours")))
        .hasMessageContaining("localhost");
  }

  private static OwnedProcess api(int port, String certificate) {
    Map<String, String> environment = new HashMap<>();
    environment.put("DATABASE_URL", database.access().url() + "?sslmode=verify-full");
    environment.put("KTRDR_CA_FILE", authority("ours").toString());
    environment.put("KTRDR_API_TLS_CERT_FILE", file("ours", certificate + ".crt").toString());
    environment.put("KTRDR_API_TLS_KEY_FILE", file("ours", certificate + ".key").toString());
    return TestProcesses.start(
        TestProcesses.applications()
            .api(database.access(), broker.access(), port)
            .with(environment));
  }

  private static OwnedProcess worker(String apiUrl, Path authority) {
    return TestProcesses.start(
        TestProcesses.applications()
            .worker(WorkerKind.BACKTEST, 1, apiUrl, TcpPorts.anyFree())
            .with(Map.of("KTRDR_CA_FILE", authority.toString())));
  }

  /** What a worker says that is not registered. */
  private static String said(OwnedProcess worker) {
    await().atMost(LIMIT).until(() -> worker.logTail(50).contains("Registration attempt 1 failed"));
    assertThat(worker.logTail(50)).doesNotContain("registered successfully");
    return worker.logTail(50);
  }

  private static void ask(String url, Path authority) {
    BrokerConnector connector =
        new BrokerConnector(
            url, "test", new Topology(OperationType.BUILT_IN), Trust.ofFile(authority));
    try (BrokerSession session = BrokerSession.open(connector, "ask")) {
      assertThat(session.brokerVersion()).isNotEmpty();
    }
  }

  private static boolean logIn(String host, Path authority) throws SQLException {
    String url =
        "jdbc:postgresql://%s:%d/%s?sslmode=verify-full&sslrootcert=%s"
            .formatted(host, database.port(), database.access().database(), authority);
    try (Connection connection =
        DriverManager.getConnection(url, database.access().user(), database.access().password())) {
      return connection.isValid(1);
    }
  }

  private static List<String> rows(String sql) throws SQLException {
    try (Connection connection = database.access().connect();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      List<String> rows = new ArrayList<>();
      while (result.next()) {
        rows.add(result.getString(1) + "|" + result.getString(2));
      }
      return rows;
    }
  }

  private static String submit() {
    return send(HttpRequest.newBuilder(url("/api/v1/backtests/start"))
            .POST(
                BodyPublishers.ofString(
                    """
                    {"model_path": "/app/models/neuro_mean_reversion/1d_v21",
                     "strategy_name": "neuro_mean_reversion", "symbol": "EURUSD",
                     "timeframe": "1d", "start_date": "2024-01-01", "end_date": "2024-06-30"}
                    """))
            .build())
        .path("operation_id")
        .asText();
  }

  private static JsonNode fetch(String path) {
    return send(HttpRequest.newBuilder(url(path)).build());
  }

  private static URI url(String path) {
    return URI.create("https://" + HOST + ":" + PORT + path);
  }

  private static JsonNode send(HttpRequest request) {
    try (HttpClient http =
        HttpClient.newBuilder().sslContext(Trust.ofFile(authority("ours")).sslContext()).build()) {
      return Json.mapper().readTree(http.send(request, BodyHandlers.ofByteArray()).body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** What the command line client prints. */
  private static String client(String... arguments) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                KtrdrCli.class.getName()));
    command.addAll(List.of(arguments));
    return run(command, Map.of("KTRDR_API_URL", "https://" + HOST + ":" + PORT));
  }

  private static void makeCertificates(String authority, String... servers)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                RepositoryRoot.find().resolve("ops/tls/make-certificates").toString(),
                folder.resolve(authority).toString()));
    command.addAll(List.of(servers));
    String said = run(command, Map.of());
    assertThat(authority(authority)).as(said).exists();
  }

  private static String run(List<String> command, Map<String, String> environment)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile(folder, "said", ".txt");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().putAll(environment);
    assertThat(builder.start().waitFor(LIMIT)).as("%s", command).isTrue();
    return Files.readString(output, StandardCharsets.UTF_8);
  }

  private static Path authority(String name) {
    return file(name, "ca.crt");
  }

  private static ServerTls tls(String name) {
    return new ServerTls(
        file("ours", name + ".crt"), file("ours", name + ".key"), authority("ours"));
  }

  private static Path file(String authority, String name) {
    return folder.resolve(authority).resolve(name);
  }
}
