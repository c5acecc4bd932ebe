package io.ktrdr.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.EventHeader;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.MessageCodec;
import io.ktrdr.protocol.OperationCommand;
import io.ktrdr.protocol.OperationEvent;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.Progress;
import io.ktrdr.protocol.RunId;
import io.ktrdr.protocol.WorkerId;
import io.ktrdr.protocol.amqp.BrokerConnector;
import io.ktrdr.protocol.amqp.ConfirmedPublisher;
import io.ktrdr.protocol.amqp.ConsumerProfile;
import io.ktrdr.protocol.amqp.Delivery;
import io.ktrdr.protocol.amqp.OutgoingMessage;
import io.ktrdr.protocol.amqp.PublishOutcome;
import io.ktrdr.protocol.amqp.QueueConsumer;
import io.ktrdr.protocol.amqp.Topology;
import io.ktrdr.testkit.TestBroker;
import io.ktrdr.testkit.TestVirtualHost;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From submit to the queue, and from events to the operation, with a worker played by hand. */
final class DispatchIT {

  private static final Duration SOON = Duration.ofSeconds(20);
  private static final String TRAINING =
      """
      {"strategy_name": "neuro_mean_reversion", "symbols": ["EURUSD"], "timeframes": ["1d"],
       "start_date": "2015-01-01", "end_date": "2022-12-31"}
      """;

  @TempDir private Path noModels = Path.of("");

  private final MessageCodec codec = new MessageCodec();

  @Test
  void acceptedOperationIsDurableAndReachesItsQueueOnce() throws IOException, InterruptedException {
    try (TestVirtualHost broker = TestBroker.freshVirtualHost();
        ApiFixture api = new ApiFixture(broker.amqpUrl(), noModels);
        TakenCommands commands = new TakenCommands(broker)) {
      ApiFixture.Answer answer = api.post("/api/v1/trainings/start", TRAINING);
      assertThat(answer.status()).isEqualTo(202);
      String id = answer.body().path("operation_id").asText();
      assertThat(id).matches("op_training_\\d{8}_\\d{6}_[0-9a-f]{12}");
      assertThat(answer.response().headers().firstValue("location"))
          .hasValue("/api/v1/operations/" + id);

      assertThat(commands.next()).isEqualTo(id);
      await()
          .atMost(SOON)
          .untilAsserted(() ->
              assertThat(count(api, "select count(*) from outbox where published_at is not null"))
                  .isEqualTo(1));
      JsonNode operation = api.operation(id).body();
      assertThat(operation.path("status").asText()).isEqualTo("pending");
      assertThat(operation.path("progress").path("current_step").asText())
          .isEqualTo("Waiting for worker...");
      assertThat(operation.path("queued_at").isTextual()).isTrue();
      assertThat(commands.noneWithin(Duration.ofSeconds(2))).isTrue();
    }
  }

  @Test
  void withoutBrokerOperationsAreAcceptedAndWaitInTheOutbox()
      throws IOException, InterruptedException {
    try (ApiFixture api = new ApiFixture("amqp://guest:guest@127.0.0.1:1/", noModels)) {
      ApiFixture.Answer answer = api.post("/api/v1/trainings/start", TRAINING);
      assertThat(answer.status()).isEqualTo(202);
      await()
          .atMost(SOON)
          .untilAsserted(() ->
              assertThat(count(api, "select count(*) from outbox where last_error is not null"))
                  .isEqualTo(1));
      assertThat(count(api, "select count(*) from outbox where published_at is not null")).isZero();
      ApiFixture.Answer health = api.fetch("/health");
      assertThat(health.status()).isEqualTo(200);
      assertThat(health.body().path("status").asText()).isEqualTo("degraded");
    }
  }

  @Test
  void eventsApplyOnceAndLateOrForeignOnesChangeNothing() throws IOException, InterruptedException {
    try (TestVirtualHost broker = TestBroker.freshVirtualHost();
        ApiFixture api = new ApiFixture(broker.amqpUrl(), noModels);
        ConfirmedPublisher publisher = publisher(broker)) {
      OperationId id = submit(api);
      RunId run = claim(api, id, 1, "now()");
      OperationEvent half =
          new OperationEvent.Progressed(header(id, run, 1, 2), Progress.of(50, "Epoch 5/10"));
      send(publisher, new OperationEvent.Started(header(id, run, 1, 1)));
      send(publisher, half);
      send(publisher, half);
      await()
          .atMost(SOON)
          .until(() ->
              api.operation(id.value()).body().path("progress").path("percentage").asInt() == 50);
      assertThat(api.operation(id.value()).body().path("status").asText()).isEqualTo("running");

      send(publisher, completed(id, run, 1, 3, 7));
      await().atMost(SOON).until(() -> "completed".equals(status(api, id)));
      send(
          publisher, new OperationEvent.Progressed(header(id, run, 1, 4), Progress.of(60, "late")));
      send(publisher, completed(id, RunId.create(), 2, 1, 8));
      await()
          .atMost(SOON)
          .untilAsserted(() ->
              assertThat(
                      count(
                          api,
                          "select count(*) from operation_events where type = 'result.discarded'"))
                  .isEqualTo(1));
      JsonNode operation = api.operation(id.value()).body();
      assertThat(operation.path("result").path("answer").asInt()).isEqualTo(7);
      assertThat(operation.path("progress").path("percentage").asInt()).isEqualTo(100);
      assertThat(operation.path("progress").path("current_step").asText()).isEqualTo("Completed");
      assertThat(
              count(
                  api, "select count(*) from operation_events where type = 'operation.progressed'"))
          .isEqualTo(1);
      assertThat(count(api, "select count(*) - max(seq) from operation_events")).isZero();
    }
  }

  @Test
  void unreadableEventIsParkedWithTheReasonAndTheNextIsApplied()
      throws IOException, InterruptedException {
    try (TestVirtualHost broker = TestBroker.freshVirtualHost();
        ApiFixture api = new ApiFixture(broker.amqpUrl(), noModels);
        ConfirmedPublisher publisher = publisher(broker)) {
      OperationId id = submit(api);
      RunId run = claim(api, id, 1, "now()");
      publish(publisher, "operation.exploded", "{\"type\":\"operation.exploded\",\"version\":9}");
      send(publisher, new OperationEvent.Started(header(id, run, 1, 1)));
      await().atMost(SOON).until(() -> "running".equals(status(api, id)));
      await()
          .atMost(SOON)
          .until(
              () -> broker.queue("operation-events.projection.dead").path("messages").asInt() == 1);
    }
  }

  @Test
  void runOfASilentWorkerIsEndedAndTheOperationQueuedAgain()
      throws IOException, InterruptedException {
    try (TestVirtualHost broker = TestBroker.freshVirtualHost();
        ApiFixture api = new ApiFixture(broker.amqpUrl(), noModels);
        ConfirmedPublisher publisher = publisher(broker);
        TakenCommands commands = new TakenCommands(broker)) {
      OperationId id = submit(api);
      assertThat(commands.next()).isEqualTo(id.value());
      RunId run = claim(api, id, 1, "now() - interval '1 hour'");
      send(publisher, new OperationEvent.Started(header(id, run, 1, 1)));
      await().atMost(SOON).until(() -> "running".equals(status(api, id)));

      assertThat(commands.next()).isEqualTo(id.value());
      assertThat(status(api, id)).isEqualTo("pending");
      send(publisher, completed(id, run, 1, 2, 7));
      await()
          .atMost(SOON)
          .untilAsserted(() ->
              assertThat(
                      count(
                          api,
                          "select count(*) from operation_events where type in ('run.lost',"
                              + " 'result.discarded')"))
                  .isEqualTo(2));
      assertThat(status(api, id)).isEqualTo("pending");
    }
  }

  private static OperationId submit(ApiFixture api) throws IOException, InterruptedException {
    return OperationId.parse(
        api.post("/api/v1/trainings/start", TRAINING).body().path("operation_id").asText());
  }

  private static String status(ApiFixture api, OperationId id) {
    return api.operation(id.value()).body().path("status").asText();
  }

  /** What a worker's claim writes. */
  private static RunId claim(ApiFixture api, OperationId id, int attempt, String heartbeat) {
    RunId run = RunId.create();
    api.jdbi()
        .useHandle(handle ->
            handle.execute(
                """
                insert into runs (run_id, operation_id, attempt, worker_id, worker_instance,
                                  endpoint_url, last_heartbeat_at)
                values (?, ?, ?, 'hand', gen_random_uuid(), 'http://127.0.0.1:1', %s)
                """
                    .formatted(heartbeat),
                run.value(),
                id.value(),
                attempt));
    return run;
  }

  private static EventHeader header(OperationId id, RunId run, int attempt, long seq) {
    return new EventHeader(
        UUID.randomUUID(),
        id,
        OperationType.TRAINING,
        attempt,
        run,
        seq,
        new WorkerId("hand"),
        Instant.now());
  }

  private static OperationEvent completed(
      OperationId id, RunId run, int attempt, long seq, int answer) {
    ObjectNode result = Json.mapper().createObjectNode().put("answer", answer);
    return new OperationEvent.Completed(header(id, run, attempt, seq), result, List.of());
  }

  private static ConfirmedPublisher publisher(TestVirtualHost broker) {
    return new ConfirmedPublisher(new BrokerConnector(broker.amqpUrl(), "hand"));
  }

  private void send(ConfirmedPublisher publisher, OperationEvent event)
      throws InterruptedException {
    publish(
        publisher,
        MessageCodec.typeOf(event),
        new String(codec.encode(event), StandardCharsets.UTF_8));
  }

  private static void publish(ConfirmedPublisher publisher, String type, String body)
      throws InterruptedException {
    List<PublishOutcome> outcomes =
        publisher.publish(
            List.of(
                new OutgoingMessage(
                    Topology.EVENTS_EXCHANGE,
                    type,
                    "test",
                    Map.of(),
                    body.getBytes(StandardCharsets.UTF_8))));
    assertThat(outcomes).containsExactly(new PublishOutcome.Confirmed());
  }

  private static int count(ApiFixture api, String sql) {
    return api.jdbi().withHandle(handle -> handle.createQuery(sql).mapTo(Integer.class).one());
  }

  /** Takes the training commands there are, acknowledging each. */
  private final class TakenCommands implements AutoCloseable {
    private final BlockingQueue<String> taken = new LinkedBlockingQueue<>();
    private final QueueConsumer consumer;

    TakenCommands(TestVirtualHost broker) {
      consumer =
          new QueueConsumer(
              new BrokerConnector(broker.amqpUrl(), "hand"),
              () -> List.of(Topology.queueOf(OperationType.TRAINING)),
              ConsumerProfile.of("hand", 10),
              () -> true,
              this::take);
      consumer.start();
    }

    private void take(Delivery delivery) {
      switch (codec.decodeCommand(delivery.body())) {
        case OperationCommand.RunOperation run -> taken.add(run.operationId().value());
      }
      delivery.ack();
    }

    String next() throws InterruptedException {
      String id = taken.poll(60, TimeUnit.SECONDS);
      return id == null ? "nothing within 60 s" : id;
    }

    boolean noneWithin(Duration wait) throws InterruptedException {
      return taken.poll(wait.toMillis(), TimeUnit.MILLISECONDS) == null;
    }

    @Override
    public void close() {
      consumer.close();
    }
  }
}
