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
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each operation runs once, capacity is workers, and a killed worker's operation is finished. */
final class ExactlyOnceIT {

  private static final Duration LIMIT = Duration.ofMinutes(2);

  @SuppressWarnings("NullAway.Init")
  private TestSystem system;

  @SuppressWarnings("NullAway.Init")
  private SystemClient client;

  @BeforeEach
  void start() {
    // A year of daily bars takes about five seconds: long enough to look at and to kill.
    system = TestSystem.start(3, 0, Map.of("KTRDR_BACKTEST_BAR_DELAY_MS", "20"));
    client = new SystemClient(system);
  }

  @AfterEach
  void stop() {
    system.close();
  }

  @Test
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
    assertThat(client.rows("select operation_id from runs group by 1 having count(*) <> 1"))
        .isEmpty();
    assertThat(client.rows("select distinct outcome from runs")).containsExactly("completed");
    assertThat(
            client.rows(
                """
                select max((select count(*) from runs b
                            where b.claimed_at <= a.claimed_at and b.ended_at > a.claimed_at))
                from runs a
                """))
        .containsExactly("3");
    assertThat(client.rows("select max(n) from (select count(*) n from runs group by worker_id) w"))
        .containsExactly("2");
  }

  @Test
  void killedWorkersOperationIsCompletedByAnother() {
    String id = backtest();
    await()
        .atMost(LIMIT)
        .until(() -> client.operation(id).path("progress").path("percentage").asDouble() > 10);
    String victim = client.operation(id).path("worker_id").asText();
    OwnedProcess process = system.worker(victim);
    process.kill();

    JsonNode ended = client.ended(id, LIMIT);
    assertThat(ended.path("status").asText()).isEqualTo("completed");
    assertThat(ended.path("attempt").asInt()).isEqualTo(2);
    assertThat(ended.path("worker_id").asText()).isNotEqualTo(victim);
    assertThat(
            client.rows(
                "select attempt, outcome from runs where operation_id = '%s' order by attempt"
                    .formatted(id)))
        .containsExactly("1|lost", "2|completed");
    assertThat(
            client.rows(
                """
                select type, payload ->> 'reason' from operation_events
                where operation_id = '%s' and type = 'run.lost'
                """
                    .formatted(id)))
        .hasSize(1)
        .first()
        .asString()
        .contains(victim);
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
    assertThat(system.workers(WorkerKind.BACKTEST)).allMatch(OwnedProcess::isAlive);
  }

  @Test
  void stoppedWorkerFinishesItsOperationAndLeavesTheRegistry() {
    String id = backtest();
    await().atMost(LIMIT).until(() -> client.status(id).equals("running"));
    String worker = client.operation(id).path("worker_id").asText();
    assertThat(system.worker(worker).stop(LIMIT)).isTrue();
    JsonNode ended = client.ended(id, LIMIT);
    assertThat(ended.path("attempt").asInt()).isEqualTo(1);
    assertThat(ended.path("worker_id").asText()).isEqualTo(worker);
    assertThat(client.fetch("/api/v1/workers").findValuesAsText("worker_id"))
        .hasSize(2)
        .doesNotContain(worker);
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
