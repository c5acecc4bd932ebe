package io.ktrdr.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.MessageProperties;
import io.ktrdr.standalone.Layout;
import io.ktrdr.standalone.OwnedProcess;
import io.ktrdr.standalone.PostgresConfig;
import io.ktrdr.standalone.PostgresServer;
import io.ktrdr.standalone.RabbitConfig;
import io.ktrdr.standalone.RabbitServer;
import io.ktrdr.standalone.ServerRemains;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The two servers themselves: they keep what they were told and leave nothing behind. */
final class PrivateServersIT {

  private static final long CONFIRM_LIMIT_MS = 10_000;

  private final Layout layout = new Layout(RepositoryRoot.find());

  @TempDir Path folder;

  @Test
  void rowsSurviveAStopAndAKillOfPostgres() throws Exception {
    try (PostgresServer first = PostgresServer.start(postgres())) {
      execute(first, "CREATE TABLE kept (n int)");
      execute(first, "INSERT INTO kept VALUES (1)");
    }
    try (PostgresServer second = PostgresServer.start(postgres())) {
      execute(second, "INSERT INTO kept VALUES (2)");
      second.kill();
      second.restart();
      assertThat(count(second)).isEqualTo(2);
    }
    assertThat(processesMentioning(folder)).isEmpty();
  }

  @Test
  void aPostgresThatOutlivedItsStarterIsReplaced() throws Exception {
    PostgresServer abandoned = PostgresServer.start(postgres());
    execute(abandoned, "CREATE TABLE kept (n int)");
    try (PostgresServer next = PostgresServer.start(postgres())) {
      assertThat(abandoned.process().isAlive()).isFalse();
      assertThat(count(next)).isZero();
    }
    assertThat(processesMentioning(folder)).isEmpty();
  }

  @Test
  void confirmedMessagesSurviveARestartOfRabbitAndNothingIsLeftBehind() throws Exception {
    long before = portMappers();
    RabbitConfig config = rabbit();
    try (RabbitServer server = RabbitServer.start(config)) {
      publish(server, "kept");
      server.restart();
      assertThat(receive(server, "kept")).isEqualTo("payload");
    }
    assertThat(processesMentioning(folder)).isEmpty();
    awaitPortMappers(before);
  }

  @Test
  void aRabbitThatOutlivedItsStarterIsStopped() {
    long before = portMappers();
    RabbitServer abandoned = RabbitServer.start(rabbit());
    ServerRemains.stop(postgres(), rabbit());
    assertThat(abandoned.process().isAlive()).isFalse();
    awaitPortMappers(before);
  }

  private PostgresConfig postgres() {
    return new PostgresConfig(
        folder.resolve("postgres"),
        layout.runtime(),
        folder.resolve("postgres.log"),
        true,
        OwnedProcess::start);
  }

  private RabbitConfig rabbit() {
    return new RabbitConfig(
        folder.resolve("rabbitmq"),
        layout.runtime(),
        folder.resolve("rabbitmq.log"),
        Duration.ofSeconds(2),
        OwnedProcess::start,
        _ -> {});
  }

  private static void execute(PostgresServer server, String sql) throws Exception {
    try (var connection = server.access().connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static int count(PostgresServer server) throws Exception {
    try (var connection = server.access().connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT count(*) FROM kept")) {
      rows.next();
      return rows.getInt(1);
    }
  }

  private static void publish(RabbitServer server, String queue) throws Exception {
    try (Connection connection = connect(server);
        Channel channel = connection.createChannel()) {
      channel.queueDeclare(queue, true, false, false, Map.of("x-queue-type", "quorum"));
      channel.confirmSelect();
      channel.basicPublish(
          "",
          queue,
          MessageProperties.PERSISTENT_TEXT_PLAIN,
          "payload".getBytes(StandardCharsets.UTF_8));
      channel.waitForConfirmsOrDie(CONFIRM_LIMIT_MS);
    }
  }

  private static String receive(RabbitServer server, String queue) throws Exception {
    try (Connection connection = connect(server);
        Channel channel = connection.createChannel()) {
      var answer = channel.basicGet(queue, true);
      return answer == null ? "nothing" : new String(answer.getBody(), StandardCharsets.UTF_8);
    }
  }

  private static Connection connect(RabbitServer server) throws Exception {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setUri(server.access().amqpUrl());
    return factory.newConnection();
  }

  private static List<String> processesMentioning(Path path) {
    return ProcessHandle.allProcesses()
        .map(p -> p.info().commandLine().orElse(""))
        .filter(line -> line.contains(path.toString()))
        .toList();
  }

  /** A port mapper agrees to end, and then does. */
  private void awaitPortMappers(long count) {
    await().atMost(Duration.ofSeconds(10)).until(() -> portMappers() == count);
  }

  private long portMappers() {
    return ProcessHandle.allProcesses()
        .filter(p -> p.info().command().orElse("").startsWith(layout.runtime().toString()))
        .filter(p -> p.info().command().orElse("").endsWith("/epmd"))
        .count();
  }
}
