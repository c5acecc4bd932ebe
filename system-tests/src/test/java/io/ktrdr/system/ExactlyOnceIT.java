package io.ktrdr.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.amqp.BrokerConnector;
import io.ktrdr.protocol.amqp.ConfirmedPublisher;
import io.ktrdr.protocol.amqp.OutgoingMessage;
import io.ktrdr.protocol.amqp.Topology;
import io.ktrdr.standalone.OwnedProcess;
import io.ktrdr.standalone.WorkerKind;
import io.ktrdr.testkit.TestSystem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Each operation runs once, capacity is workers, and a killed worker's operation is finished. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class ExactlyOnceIT {

  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int WORKERS = 3;

  @SuppressWarnings("NullAway.Init")
  private static TestSystem system;

  @SuppressWarnings("NullAway.Init")
  private static SystemClient client;

  @BeforeAll
  static void start() {
    // A year of daily bars takes about five seconds: long enough to look at and to kill.
    system =
        TestSystem.start(
            WORKERS,
            0,
            Map.of("KTRDR_BACKTEST_BAR_DELAY_MS", "20", "KTRDR_WORKER_CHECKPOINT_SECONDS", "1"));
    client = new SystemClient(system);
  }

  @AfterAll
  static void stop() {
    system.close();
  }

  @BeforeEach
  void completeTheWorkers() {
    long alive = system.workers(WorkerKind.BACKTEST).stream().filter(OwnedProcess::isAlive).count();
    system.startWorkers(WorkerKind.BACKTEST, WORKERS - (int) alive);
  }

  /** First, while all workers are as new as each other: only then each has the time for two. */
  @Test
  @Order(1)
  void sixOperationsRunThreeAtATimeAndEachExactlyOnce() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      ids.add(backtest());
    }
    await()
        .atMost(LIMIT)
        .until(() ->
            system.broker().queue("operations.backtesting").path("messages_unacknowledged").asInt()
                == 3);
    for (String id : ids) {
      assertThat(client.ended(id, LIMIT).path("status").asText()).isEqualTo("completed");
    }
    String theirs = "operation_id in ('%s')".formatted(String.join("','", ids));
    assertThat(
            client.rows(
                "select operation_id, count(*) from runs where %s group by 1".formatted(theirs)))
        .containsExactlyInAnyOrderElementsOf(ids.stream().map(id -> id + "|1").toList());
    assertThat(client.rows("select distinct outcome from runs where " + theirs))
        .containsExactly("completed");
    assertThat(
            client.rows(
                """
                select max((select count(*) from runs b
                            where b.claimed_at <= a.claimed_at and b.ended_at > a.claimed_at))
                from runs a where %s
                """
                    .formatted(theirs)))
        .containsExactly("3");
    assertThat(
            client.rows(
                "select max(n) from (select count(*) n from runs where %s group by worker_id) w"
                    .formatted(theirs)))
        .containsExactly("2");
  }

  /**
   * Three equal backtests: one is left alone, one's worker is killed after a checkpoint, one is
   * cancelled and resumed.
   */
  @Test
  void killedAndCancelledBacktestsGoOnToTheBytesOfOneLeftAlone() throws IOException {
    String alone = backtest();
    String killed = backtest();
    String cancelled = backtest();
    await()
        .atMost(LIMIT)
        .until(
            () ->
                client.rows(
                    "select 1 from runs where checkpoint_at is not null and operation_id = '%s'"
                        .formatted(killed)),
            rows -> !rows.isEmpty());
    String victim = client.operation(killed).path("worker_id").asText();
    OwnedProcess process = system.worker(victim);
    process.kill();
    await()
        .atMost(LIMIT)
        .until(
            () -> client.operation(cancelled).path("progress").path("percentage").asDouble() > 10);
    client.post("/api/v1/operations/%s/cancel".formatted(cancelled), "");
    JsonNode stopped = client.ended(cancelled, LIMIT);
    assertThat(stopped.path("status").asText()).isEqualTo("cancelled");
    assertThat(stopped.path("result").path("bars_processed").asInt()).isPositive();
    client.post("/api/v1/operations/%s/resume".formatted(cancelled), "");

    JsonNode undisturbed = client.ended(alone, LIMIT);
    JsonNode ended = client.ended(killed, LIMIT);
    assertThat(ended.path("status").asText()).isEqualTo("completed");
    assertThat(ended.path("attempt").asInt()).isEqualTo(2);
    assertThat(ended.path("worker_id").asText()).isNotEqualTo(victim);
    assertThat(
            client.rows(
                "select attempt, outcome from runs where operation_id = '%s' order by attempt"
                    .formatted(killed)))
        .containsExactly("1|lost", "2|completed");
    assertThat(
            client.rows(
                """
                select type, payload ->> 'reason' from operation_events
                where operation_id = '%s' and type = 'run.lost'
                """
                    .formatted(killed)))
        .hasSize(1)
        .first()
        .asString()
        .contains(victim);
    for (String id : List.of(killed, cancelled)) {
      await().atMost(LIMIT).until(() -> client.status(id).equals("completed"));
      JsonNode resumed = client.operation(id);
      assertThat(Files.readString(system.worker(resumed.path("worker_id").asText()).log()))
          .containsPattern("Backtest %s goes on at bar [1-9]".formatted(id));
      assertThat(resumed.path("result").toString())
          .isEqualTo(undisturbed.path("result").toString());
      assertThat(artifacts(id)).hasSize(2).isEqualTo(artifacts(alone));
    }
    checkpointsGo();
  }

  /** Of operations that are all completed; it does not wait until they are old enough. */
  private void checkpointsGo() {
    String count = "select count(*) from artifacts where checkpoint_stored_at is not null";
    assertThat(client.rows(count)).doesNotContain("0");
    client.rows(
        """
        update artifacts set checkpoint_stored_at = checkpoint_stored_at - interval '1 hour'
        where checkpoint_stored_at is not null returning sha256
        """);
    await().atMost(LIMIT).until(() -> client.rows(count).contains("0"));
    assertThat(client.rows("select 1 from runs where checkpoint_sha256 is not null")).isEmpty();
  }

  @Test
  void messageNobodyUnderstandsIsParkedAndTheWorkerLivesOn() throws InterruptedException {
    try (ConfirmedPublisher publisher =
        new ConfirmedPublisher(new BrokerConnector(system.broker().amqpUrl(), "by hand"))) {
      for (String body : List.of("hello", "{\"type\":\"operation.run\",\"version\":99}")) {
        publisher.publish(
            List.of(
                new OutgoingMessage(
                    Topology.OPERATIONS_EXCHANGE,
                    OperationType.BACKTESTING.wireName(),
                    "by hand",
                    Map.of(),
                    body.getBytes(StandardCharsets.UTF_8))));
      }
    }
    await()
        .atMost(LIMIT)
        .until(() ->
            system.broker().queue("operations.backtesting.dead").path("messages").asInt() == 2);
    assertThat(client.ended(backtest(), LIMIT).path("status").asText()).isEqualTo("completed");
    assertThat(system.workers(WorkerKind.BACKTEST))
        .filteredOn(OwnedProcess::isAlive)
        .hasSize(WORKERS);
  }

  @Test
  void stoppedWorkerFinishesItsOperationAndLeavesTheRegistry() {
    List<String> before = client.fetch("/api/v1/workers").findValuesAsText("worker_id");
    String id = backtest();
    await().atMost(LIMIT).until(() -> client.status(id).equals("running"));
    String worker = client.operation(id).path("worker_id").asText();
    assertThat(system.worker(worker).stop(LIMIT)).isTrue();
    JsonNode ended = client.ended(id, LIMIT);
    assertThat(ended.path("attempt").asInt()).isEqualTo(1);
    assertThat(ended.path("worker_id").asText()).isEqualTo(worker);
    assertThat(client.fetch("/api/v1/workers").findValuesAsText("worker_id"))
        .hasSize(before.size() - 1)
        .doesNotContain(worker)
        .isSubsetOf(before);
  }

  /** Digests, which are those of equal bytes only. */
  private List<String> artifacts(String id) {
    return client.rows(
        "select name, sha256 from operation_artifacts where operation_id = '%s' order by name"
            .formatted(id));
  }

  private String backtest() {
    return client.submit(
        "/api/v1/backtests/start",
        """
        {"model_path": "/app/models/neuro_mean_reversion/1d_v21",
         "strategy_name": "neuro_mean_reversion", "symbol": "EURUSD", "timeframe": "1d",
         "start_date": "2024-01-01", "end_date": "2024-12-31"}
        """);
  }
}
