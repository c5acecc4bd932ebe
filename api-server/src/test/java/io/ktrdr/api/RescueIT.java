package io.ktrdr.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.api.WorkerByHand.Run;
import io.ktrdr.protocol.OperationEvent;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.amqp.BrokerConnector;
import io.ktrdr.protocol.amqp.ConfirmedPublisher;
import io.ktrdr.protocol.amqp.ConsumerProfile;
import io.ktrdr.protocol.amqp.OutgoingMessage;
import io.ktrdr.protocol.amqp.QueueConsumer;
import io.ktrdr.protocol.amqp.Topology;
import io.ktrdr.standalone.DatabaseAccess;
import io.ktrdr.testkit.TestBroker;
import io.ktrdr.testkit.TestPostgres;
import io.ktrdr.testkit.TestVirtualHost;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What nothing would bring on by itself, and what operators do about what nobody can handle. */
@SuppressWarnings("NullAway.Init")
final class RescueIT {

  private static final Duration SOON = Duration.ofSeconds(20);

  /** Two sweeps, and what a slow machine adds. */
  private static final Duration SWEPT = Duration.ofSeconds(40);

  private static final String QUEUE = "operations.training";
  private static final String TRAINING =
      """
      {"strategy_name": "neuro_mean_reversion", "symbols": ["EURUSD"], "timeframes": ["1d"],
       "start_date": "2015-01-01", "end_date": "2022-12-31"}
      """;

  @TempDir private Path noModels;

  private DatabaseAccess database;
  private TestVirtualHost broker;
  private ApiFixture api;
  private WorkerByHand worker;

  @BeforeEach
  void start() {
    database = TestPostgres.emptyDatabase();
    broker = TestBroker.freshVirtualHost();
    api = new ApiFixture(database, broker.amqpUrl(), noModels);
    worker = new WorkerByHand(api.jdbi(), broker);
  }

  @AfterEach
  void stop() {
    worker.close();
    api.close();
    broker.close();
  }

  @Test
  void aDeletedQueueComesBackWithTheMessagesOfAllWaitingOperations()
      throws IOException, InterruptedException {
    List<OperationId> ids = List.of(submit(), submit(), submit());
    await().atMost(SOON).until(() -> ready(QUEUE) == ids.size());
    broker.deleteQueue(QUEUE);
    await().atMost(SWEPT).until(() -> ready(QUEUE) >= ids.size());
    assertThat(idsIn(QUEUE)).containsAll(ids.stream().map(OperationId::value).toList());
  }

  @Test
  void idleWorkersGetTheOneOperationOfADeletedQueue() throws IOException, InterruptedException {
    OperationId id = submit();
    await().atMost(SOON).until(() -> ready(QUEUE) == 1);
    broker.deleteQueue(QUEUE);
    List<String> taken = new CopyOnWriteArrayList<>();
    try (QueueConsumer idle =
        new QueueConsumer(
            new BrokerConnector(broker.amqpUrl(), "idle"),
            () -> List.of(QUEUE),
            ConsumerProfile.of("idle", 1),
            () -> true,
            delivery -> taken.add(new String(delivery.body(), StandardCharsets.UTF_8)))) {
      idle.start();
      await().atMost(SWEPT).until(() -> !taken.isEmpty());
    }
    assertThat(taken.getFirst()).contains(id.value());
  }

  @Test
  void aMessageThatFoundNoQueueComesHomeWithItsHeaders() throws IOException, InterruptedException {
    OperationId id = submit();
    await().atMost(SOON).until(() -> ready(QUEUE) == 1);
    byte[] body =
        broker.peek(QUEUE, 1).path(0).path("payload").asText().getBytes(StandardCharsets.UTF_8);
    String trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    try (ConfirmedPublisher publisher =
        new ConfirmedPublisher(new BrokerConnector(broker.amqpUrl(), "hand"))) {
      // It declares the queues when it connects, so it must be there before one is gone.
      assertThat(publisher.connect()).isTrue();
      broker.deleteQueue(QUEUE);
      publisher.publish(
          List.of(
              new OutgoingMessage(
                  Topology.OPERATIONS_EXCHANGE,
                  "training",
                  id.value(),
                  Map.of("traceparent", trace),
                  body)));
    }
    List<String> seen = new CopyOnWriteArrayList<>();
    try (QueueConsumer taking =
        new QueueConsumer(
            new BrokerConnector(broker.amqpUrl(), "taking"),
            () -> List.of(QUEUE),
            ConsumerProfile.of("taking", 10),
            () -> true,
            delivery -> seen.add(String.valueOf(delivery.headers().get("traceparent"))))) {
      taking.start();
      await().atMost(SWEPT).until(() -> seen.contains(trace));
    }
  }

  /**
   * On every RabbitMQ: what is rejected counts towards the limit, which is set and not the default.
   */
  @Test
  void aMessageHandedBackTooOftenIsParkedAndItsOperationAskedForAgain()
      throws IOException, InterruptedException {
    OperationId id = submit();
    AtomicInteger deliveries = new AtomicInteger();
    try (QueueConsumer refusing =
        new QueueConsumer(
            new BrokerConnector(broker.amqpUrl(), "refusing"),
            () -> List.of(QUEUE),
            ConsumerProfile.of("refusing", 1),
            () -> true,
            delivery -> {
              deliveries.incrementAndGet();
              delivery.requeue();
            })) {
      refusing.start();
      await().atMost(SOON).until(() -> ready(QUEUE + ".dead") == 1);
    }
    assertThat(deliveries).hasValue(Topology.DELIVERY_LIMIT + 1);
    assertThat(broker.peek(QUEUE + ".dead", 1).findValuesAsText("reason"))
        .contains("delivery_limit");
    await().atMost(SWEPT).until(() -> ready(QUEUE) >= 1);
    assertThat(idsIn(QUEUE)).contains(id.value());
  }

  @Test
  void anOperationWithoutAMessageGetsOne() throws IOException, InterruptedException {
    OperationId id = submit();
    await().atMost(SOON).until(() -> ready(QUEUE) == 1);
    broker.deleteQueue(QUEUE);
    execute("delete from outbox");
    execute(
        "update operations set queued_at = null, pending_since = now() - interval '1 minute'"
            + " where id = '%s'".formatted(id));
    await().atMost(SWEPT).until(() -> ready(QUEUE) >= 1);
    assertThat(idsIn(QUEUE)).contains(id.value());
  }

  @Test
  void anOperationThatNoWorkerCameForFailsWithItsOwnCode()
      throws IOException, InterruptedException {
    OperationId id = submit();
    execute(
        "update operations set queue_timeout_seconds = 5, pending_since = now() - interval '1 h'"
            + " where id = '%s'".formatted(id));
    await().atMost(SWEPT).until(() -> status(id).equals("failed"));
    assertThat(field(id, "error_code")).isEqualTo("QUEUE_TIMEOUT");
    assertThat(field(id, "error_message")).contains("no worker took it", "training");
  }

  @Test
  void anOutcomeThatCannotBeReadFailsItsOperationAndHoldsUpNoOther()
      throws IOException, InterruptedException {
    OperationId bad = submit();
    OperationId good = submit();
    Run unreadable = worker.claim(bad, 1);
    execute(
        """
        update runs set ended_at = now() - interval '1 h', outcome = 'completed',
                        end_event = '{"not": "an event"}' where run_id = '%s'
        """
            .formatted(unreadable.id()));
    Run lostEvent = worker.claim(good, 1);
    OperationEvent unused = worker.end(lostEvent, "completed", 2, WorkerByHand::completed);
    assertThat(unused).isInstanceOf(OperationEvent.Completed.class);
    await().atMost(SWEPT).until(() -> status(good).equals("completed"));
    await().atMost(SWEPT).until(() -> status(bad).equals("failed"));
    assertThat(field(bad, "error_code")).isEqualTo("OUTCOME_UNREADABLE");
  }

  @Test
  void anOperationThatKillsItsWorkersIsParkedAndRequeuedByHand()
      throws IOException, InterruptedException {
    OperationId id = submit();
    for (int attempt = 1; attempt <= 3; attempt++) {
      Run run = worker.claim(id, attempt);
      execute(
          """
          update runs set ended_at = now() - interval '1 h', outcome = 'lost', reason = 'killed'
          where run_id = '%s'
          """
              .formatted(run.id()));
      int lost = attempt;
      await().atMost(SWEPT).until(() -> lostRunsIn(id) == lost);
    }
    assertThat(status(id)).isEqualTo("failed");
    assertThat(field(id, "error_code")).isEqualTo("WORKER_LOST");
    await().atMost(SOON).until(() -> ready(QUEUE + ".dead") == 1);

    JsonNode letter = get("/api/v1/dead-letters").path("dead_letters").get(0);
    assertThat(letter.path("operation_id").asText()).isEqualTo(id.value());
    assertThat(letter.path("operation_status").asText()).isEqualTo("failed");
    assertThat(letter.path("queue").asText()).isEqualTo(QUEUE);
    assertThat(letter.path("reason").asText()).startsWith("WORKER_LOST: 3 attempts");
    String path = "/api/v1/dead-letters/" + letter.path("id").asText();
    assertThat(get(path).path("body").path("operation_id").asText()).isEqualTo(id.value());

    JsonNode answer = api.post(path + "/requeue", "").body();
    assertThat(answer.path("outcome").asText()).isEqualTo("requeued");
    assertThat(status(id)).isEqualTo("pending");
    await().atMost(SOON).until(() -> ready(QUEUE + ".dead") == 0);
    assertThat(api.fetch(path).status()).isEqualTo(404);
    assertThat(history(id)).contains("dead_letter.requeued", "operation.retried");
    assertThat(audited()).containsExactly("dead_letter.requeued");
  }

  @Test
  void deadLettersAreSentBackTogetherOrThrownAway() throws IOException, InterruptedException {
    List<OperationId> ids = List.of(submit(), submit(), submit());
    await().atMost(SOON).until(() -> ready(QUEUE) == ids.size());
    for (OperationId id : ids) {
      execute(
          """
          insert into outbox (operation_id, exchange, routing_key, body, headers)
          select operation_id, 'operations.dead-letters', '%s', body, '{"reason": "planted"}'
          from outbox where operation_id = '%s' limit 1
          """
              .formatted(QUEUE, id));
    }
    await().atMost(SOON).until(() -> ready(QUEUE + ".dead") == ids.size());
    JsonNode letters = get("/api/v1/dead-letters?queue=" + QUEUE).path("dead_letters");
    assertThat(letters.findValuesAsText("reason")).containsOnly("planted");

    String first = letters.get(0).path("id").asText();
    assertThat(api.delete("/api/v1/dead-letters/" + first, "").body().path("outcome").asText())
        .isEqualTo("discarded");
    JsonNode many = api.post("/api/v1/dead-letters/requeue", "{}").body();
    assertThat(many.path("requeued").asInt()).isEqualTo(2);
    assertThat(get("/api/v1/dead-letters").path("count").asInt()).isZero();
    assertThat(audited())
        .containsExactlyInAnyOrder(
            "dead_letter.discarded", "dead_letter.requeued", "dead_letter.requeued");
    assertThat(api.fetch("/api/v1/dead-letters?queue=nonsense").status()).isEqualTo(400);
    assertThat(api.post("/api/v1/dead-letters/" + first + "/requeue", "").status()).isEqualTo(404);
  }

  @Test
  void reconcileFillsTheQueuesOfABrokerThatLostEverything()
      throws IOException, InterruptedException {
    List<OperationId> ids = List.of(submit(), submit());
    OperationId running = submit();
    await().atMost(SOON).until(() -> ready(QUEUE) == 3);
    worker.claim(running, 1);
    broker.deleteQueue(QUEUE);
    JsonNode line = api.post("/api/v1/admin/reconcile", "").body().path("types").path("training");
    assertThat(line.path("pending").asInt()).isEqualTo(3);
    assertThat(line.path("republished").asInt()).isEqualTo(2);
    await().atMost(SOON).until(() -> ready(QUEUE) >= 2);
    assertThat(idsIn(QUEUE))
        .containsAll(ids.stream().map(OperationId::value).toList())
        .doesNotContain(running.value());
    assertThat(audited()).contains("reconcile");
  }

  @Test
  void doctorFindsAWholeSystemWellAndSaysWhatToDoOtherwise()
      throws IOException, InterruptedException {
    await().atMost(SOON).until(() -> get("/api/v1/admin/doctor").path("checks").size() > 12);
    JsonNode well = get("/api/v1/admin/doctor");
    assertThat(well.path("checks").findValuesAsText("status")).doesNotContain("fail");
    assertThat(check("database.migrations").path("status").asText()).isEqualTo("ok");
    assertThat(check("broker.queues").path("status").asText()).isEqualTo("ok");
    assertThat(check("broker.consumer_timeout").path("found").isTextual()).isTrue();

    submit();
    assertThat(check("consumers.training").path("status").asText()).isEqualTo("warn");
    assertThat(check("consumers.training").path("advice").asText()).contains("Start workers");
    execute("update outbox set published_at = null, available_at = now() - interval '1 day'");
    // A sweep may declare it again before the doctor looks.
    await()
        .atMost(SOON)
        .until(() -> {
          broker.deleteQueue(QUEUE + ".dead");
          return check("broker.queues").path("found").asText().contains(QUEUE + ".dead");
        });
  }

  @Test
  void ofTwoProcessesOneSweepsAndTheOtherTakesOver() throws IOException, InterruptedException {
    await()
        .atMost(SOON)
        .until(() -> get("/readyz").at("/components/rescuer").asText().equals("leader"));
    ApiFixture second = new ApiFixture(database, broker.amqpUrl(), noModels);
    try {
      await()
          .atMost(SOON)
          .until(() ->
              second.fetch("/readyz").body().at("/components/rescuer").asText().equals("standby"));
      api.close();
      await()
          .atMost(SOON)
          .until(() ->
              second.fetch("/readyz").body().at("/components/rescuer").asText().equals("leader"));
    } finally {
      second.close();
    }
  }

  @Test
  void aMessageThatTheBrokerDoesNotTakeHoldsUpNoOther() throws IOException, InterruptedException {
    OperationId bad = submit();
    await().atMost(SOON).until(() -> ready(QUEUE) == 1);
    execute(
        """
        insert into outbox (operation_id, exchange, routing_key, body)
        select operation_id, 'no-such-exchange', 'x', body from outbox where operation_id = '%s'
        """
            .formatted(bad));
    await().atMost(SOON).until(() -> postponed() == 1);
    OperationId good = submit();
    await().atMost(SOON).until(() -> idsIn(QUEUE).contains(good.value()));
    assertThat(status(good)).isEqualTo("pending");
  }

  private OperationId submit() throws IOException, InterruptedException {
    return OperationId.parse(
        api.post("/api/v1/trainings/start", TRAINING).body().path("operation_id").asText());
  }

  private JsonNode get(String path) throws IOException, InterruptedException {
    return api.fetch(path).body();
  }

  private JsonNode check(String name) throws IOException, InterruptedException {
    for (JsonNode check : get("/api/v1/admin/doctor").path("checks")) {
      if (check.path("name").asText().equals(name)) {
        return check;
      }
    }
    throw new AssertionError("no check " + name);
  }

  private String status(OperationId id) {
    return field(id, "status");
  }

  private String field(OperationId id, String name) {
    return api.operation(id.value()).body().path(name).asText();
  }

  private long lostRunsIn(OperationId id) {
    return history(id).stream().filter("run.lost"::equals).count();
  }

  private int postponed() {
    return api.jdbi()
        .withHandle(handle ->
            handle
                .select(
                    "select count(*) from outbox where published_at is null and last_error is not"
                        + " null and available_at > now()")
                .mapTo(Integer.class)
                .one());
  }

  private List<String> history(OperationId id) {
    return texts(
        "select type from operation_events where operation_id = '%s' order by seq".formatted(id));
  }

  private List<String> audited() {
    return texts("select action from audit order by id");
  }

  private List<String> texts(String sql) {
    return api.jdbi().withHandle(handle -> handle.select(sql).mapTo(String.class).list());
  }

  private void execute(String sql) {
    api.jdbi().useHandle(handle -> handle.execute(sql));
  }

  /** As the broker says at once, not as its statistics say seconds later. */
  private int ready(String queue) {
    return worker.ready(queue);
  }

  private List<String> idsIn(String queue) {
    return broker.peek(queue, 100).findValuesAsText("message_id");
  }
}
