package io.ktrdr.worker.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.MessageCodec;
import io.ktrdr.protocol.OperationCommand;
import io.ktrdr.protocol.OperationEvent;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.Progress;
import io.ktrdr.protocol.RunId;
import io.ktrdr.protocol.WorkerId;
import io.ktrdr.protocol.amqp.BrokerConnector;
import io.ktrdr.protocol.amqp.ConfirmedPublisher;
import io.ktrdr.protocol.amqp.ConsumerProfile;
import io.ktrdr.protocol.amqp.OutgoingMessage;
import io.ktrdr.protocol.amqp.QueueConsumer;
import io.ktrdr.protocol.amqp.Topology;
import io.ktrdr.protocol.telemetry.Telemetry;
import io.ktrdr.standalone.TcpPorts;
import io.ktrdr.testkit.TestBroker;
import io.ktrdr.testkit.TestVirtualHost;
import io.ktrdr.worker.OperationHandler;
import io.ktrdr.worker.OperationResult;
import io.ktrdr.worker.RunContext;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One worker, on a real broker and a real database, with handlers of every temper. */
final class WorkerRuntimeIT {

  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final String QUEUE = Topology.queueOf(OperationType.BACKTESTING);

  private final Operations operations = new Operations();
  private final TestVirtualHost broker = TestBroker.freshVirtualHost();
  private final StubApi api = new StubApi(operations, broker.amqpUrl());
  private final MessageCodec codec = new MessageCodec();
  private final BrokerConnector connector = new BrokerConnector(broker.amqpUrl(), "test");
  private final ConfirmedPublisher publisher = new ConfirmedPublisher(connector);
  private final List<OperationEvent> events = new CopyOnWriteArrayList<>();
  private final List<Integer> exits = new CopyOnWriteArrayList<>();
  private final QueueConsumer eventConsumer =
      new QueueConsumer(
          connector,
          () -> List.of(Topology.PROJECTION_QUEUE),
          ConsumerProfile.of("test", 100),
          () -> true,
          delivery -> {
            events.add(codec.decodeEvent(delivery.body()));
            delivery.ack();
          });

  @TempDir private Path cache;

  @BeforeEach
  void listen() {
    eventConsumer.start();
  }

  @AfterEach
  void close() {
    eventConsumer.close();
    publisher.close();
    api.close();
    broker.close();
  }

  /** A handler's work, without the ceremony. */
  private interface Work {
    OperationResult run(RunContext context) throws InterruptedException;
  }

  @Test
  void operationRunsToItsEndWhateverTheWorkersClockSays() throws Exception {
    OperationId id = operations.pending();
    try (WorkerRuntime worker =
        worker(
            context -> {
              context.report(Progress.of(50, "half"));
              return result();
            },
            Map.of("KTRDR_CLOCK_OFFSET_SECONDS", "3600"))) {
      submit(id);
      OperationEvent end = end(id);
      assertThat(end).isInstanceOf(OperationEvent.Completed.class);
      assertThat(end.header().at()).isAfter(Instant.now().plusSeconds(3_500));
      assertThat(operations.run(id, "outcome")).isEqualTo("completed");
      assertThat(operations.run(id, "ended_at < clock_timestamp()")).isEqualTo("true");
      await().atMost(LIMIT).until(() -> messages() == 0);
      assertThat(worker).isNotNull();
    }
  }

  @Test
  void cancelledOperationStopsAtItsNextStepAndKeepsItsPartialResult() throws Exception {
    OperationId id = operations.pending();
    AtomicInteger steps = new AtomicInteger();
    try (WorkerRuntime _ =
        worker(
            context -> {
              context.onStop(() ->
                  Optional.of(
                      new OperationResult(
                          Json.mapper().createObjectNode().put("steps", steps.get()), List.of())));
              return forEver(context, steps);
            },
            Map.of())) {
      submit(id);
      await().atMost(LIMIT).until(() -> steps.get() > 3);
      operations.set(id, "status = 'cancelling', cancel_reason = 'wrong dates'");
      long asked = System.nanoTime();
      OperationEvent end = end(id);
      assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(Duration.ofSeconds(5));
      assertThat(end)
          .isInstanceOfSatisfying(
              OperationEvent.Cancelled.class,
              cancelled -> {
                assertThat(cancelled.reason()).isEqualTo("wrong dates");
                assertThat(cancelled.partialResult()).isNotNull();
                assertThat(String.valueOf(cancelled.partialResult()))
                    .isEqualTo("{\"steps\":%d,\"partial\":true}".formatted(steps.get()));
              });
      assertThat(operations.run(id, "outcome")).isEqualTo("cancelled");
      assertThat(operations.run(id, "error_code")).isEqualTo("CANCELLED");
      assertThat(operations.run(id, "reason")).isEqualTo("wrong dates");
    }
  }

  @Test
  void runOverItsTimeFailsWithItsOwnCode() throws Exception {
    OperationId slow = operations.pending();
    operations.set(slow, "run_timeout_seconds = 1");
    OperationId stuck = operations.pending();
    operations.set(stuck, "progress_timeout_seconds = 1");
    try (WorkerRuntime _ = worker(context -> forEver(context, new AtomicInteger()), Map.of())) {
      submit(slow);
      end(slow);
      submit(stuck);
      end(stuck);
    }
    assertThat(operations.run(slow, "outcome || ' ' || error_code"))
        .isEqualTo("failed RUN_TIMEOUT");
    assertThat(operations.run(stuck, "outcome || ' ' || error_code"))
        .isEqualTo("failed NO_PROGRESS");
  }

  @Test
  void stoppedWorkerHandsBackWithACheckpointAndLeavesTheRegistryAndTheNextGoesOn()
      throws Exception {
    OperationId id = operations.pending();
    AtomicInteger steps = new AtomicInteger();
    WorkerRuntime stopped =
        worker(context -> forEver(context, steps), Map.of("KTRDR_WORKER_STOP_GRACE_SECONDS", "0"));
    submit(id);
    await().atMost(LIMIT).until(() -> steps.get() > 3);
    await().atMost(LIMIT).until(() -> operations.count("select count(*) from workers") == 1);
    stopped.close();
    assertThat(operations.run(id, "outcome")).isEqualTo("released");
    assertThat(operations.run(id, "checkpoint_sha256")).hasSize(64);
    assertThat(operations.count("select count(*) from workers")).isZero();

    List<String> resumed = new CopyOnWriteArrayList<>();
    try (WorkerRuntime _ =
        worker(
            context -> {
              resumed.add(
                  new String(context.latestCheckpoint().orElseThrow(), StandardCharsets.UTF_8));
              return result();
            },
            Map.of())) {
      assertThat(end(id).header().attempt()).isEqualTo(2);
    }
    assertThat(resumed).containsExactly("step " + steps.get());
    assertThat(operations.count("select count(*) from runs where outcome in ('lost', 'failed')"))
        .isZero();
  }

  @Test
  void runThatWasTakenAwayStopsAndTellsSoForTheRecord() throws Exception {
    OperationId id = operations.pending();
    AtomicInteger steps = new AtomicInteger();
    try (WorkerRuntime _ = worker(context -> forEver(context, steps), Map.of())) {
      submit(id);
      await().atMost(LIMIT).until(() -> steps.get() > 3);
      ClaimStore other =
          new ClaimStore(
              operations.jdbi(),
              new WorkerId("w2"),
              UUID.randomUUID(),
              "http://127.0.0.1:1",
              Operations.SMALL);
      other.endAsLost(RunId.parse(operations.run(id, "run_id")), "it seemed so");
      assertThat(end(id))
          .isInstanceOfSatisfying(
              OperationEvent.Failed.class,
              failed -> {
                assertThat(failed.failure().code()).isEqualTo("RUN_TAKEN_AWAY");
                assertThat(failed.failure().retryable()).isTrue();
              });
      assertThat(operations.run(id, "outcome")).isEqualTo("lost");
      await().atMost(LIMIT).until(() -> messages() == 0);
    }
  }

  @Test
  void resultIsKeptWhileTheDatabaseRefusesConnections() throws Exception {
    OperationId id = operations.pending();
    CountDownLatch away = new CountDownLatch(1);
    try (WorkerRuntime _ =
        worker(
            _ -> {
              away.await();
              return result();
            },
            Map.of())) {
      submit(id);
      await().atMost(LIMIT).until(() -> !operations.run(id, "run_id").equals("null"));
      operations.renameTable("runs", "runs_away");
      away.countDown();
      // Long enough for several tries to fail.
      LockSupport.parkNanos(Duration.ofSeconds(2).toNanos());
      assertThat(events).noneMatch(OperationEvent::endsRun);
      operations.renameTable("runs_away", "runs");
      assertThat(end(id)).isInstanceOf(OperationEvent.Completed.class);
    }
    assertThat(operations.run(id, "outcome")).isEqualTo("completed");
  }

  @Test
  void whatANewerBuildAcceptedIsNeitherRunNorFailedNorParked() throws Exception {
    OperationId id = operations.pending("{\"type\": \"sweeping\"}");
    try (WorkerRuntime _ = worker(context -> forEver(context, new AtomicInteger()), Map.of())) {
      submit(id);
      await()
          .atMost(LIMIT)
          .until(() -> broker.queue(QUEUE).path("messages_unacknowledged").asInt() == 1);
    }
    // Stopping, the worker did not wait for its turn to give the message back.
    await().atMost(LIMIT).until(() -> broker.queue(QUEUE).path("messages_ready").asInt() == 1);
    assertThat(operations.count("select count(*) from runs")).isZero();
    assertThat(events).isEmpty();
  }

  @Test
  void workerWhoseIdIsTakenForCertainGivesUpWithTheApisWords() {
    api.refuseNext(409, "WORKER_ID_IN_USE", "worker id w1 is in use by http://10.0.0.7:5003");
    assertThatThrownBy(() -> worker(_ -> result(), Map.of()).close())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "The API refuses this worker: HTTP 409: worker id w1 is in use by"
                + " http://10.0.0.7:5003");
    api.refuseNext(422, "VALIDATION_FAILED", "worker_type is 'backtest'");
    assertThatThrownBy(() -> worker(_ -> result(), Map.of()).close())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("worker_type is 'backtest'");
  }

  @Test
  void workerThatIsPutOffTriesAgainUntilItIsTaken() throws Exception {
    api.refuseNext(503, "DATABASE_UNAVAILABLE", "the database is away");
    api.refuseNext(409, "WORKER_ID_UNCERTAIN", "w1 may be alive");
    api.refuseNext(409, "WORKER_ID_UNCERTAIN", "w1 may be alive");
    try (WorkerRuntime worker = worker(_ -> result(), Map.of())) {
      assertThat(api.hasRefusedAll()).isTrue();
      OperationId id = operations.pending();
      submit(id);
      assertThat(end(id)).isInstanceOf(OperationEvent.Completed.class);
      await()
          .atMost(LIMIT)
          .untilAsserted(() ->
              assertThat(metrics(worker))
                  .contains(
                      "ktrdr_worker_runs_total{outcome=\"completed\"} 1.0",
                      "ktrdr_worker_subscribed 1.0")
                  .noneMatch("ktrdr_worker_heartbeats_total 0.0"::equals));
    }
  }

  private static List<String> metrics(WorkerRuntime worker) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      URI url = URI.create("http://127.0.0.1:%d/metrics".formatted(worker.port()));
      return http.send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofLines()).body().toList();
    }
  }

  @Test
  void drainedWorkerFinishesWhatItHasTakesNoMoreAndLeaves() throws Exception {
    OperationId first = operations.pending();
    OperationId second = operations.pending();
    CountDownLatch finish = new CountDownLatch(1);
    WorkerRuntime worker =
        worker(
            _ -> {
              finish.await();
              return result();
            },
            // Not what a drain waits for.
            Map.of("KTRDR_WORKER_STOP_GRACE_SECONDS", "0"));
    submit(first);
    await().atMost(LIMIT).until(() -> !operations.run(first, "run_id").equals("null"));
    operations.execute("insert into worker_drains select worker_id, instance_id from workers");
    await()
        .atMost(LIMIT)
        .until(() -> operations.count("select count(*) from workers where draining") == 1);
    submit(second);
    finish.countDown();
    assertThat(end(first)).isInstanceOf(OperationEvent.Completed.class);
    await().atMost(LIMIT).until(() -> operations.count("select count(*) from workers") == 0);
    worker.close();
    assertThat(worker.exitCode()).isZero();
    assertThat(operations.run(second, "run_id")).isEqualTo("null");
  }

  @Test
  void supersededWorkerLeavesTheRowToItsSuccessorAndEnds() throws Exception {
    WorkerRuntime worker = worker(_ -> result(), Map.of());
    await().atMost(LIMIT).until(() -> operations.count("select count(*) from workers") == 1);
    operations.execute("update workers set instance_id = gen_random_uuid()");
    await().atMost(LIMIT).until(() -> worker.exitCode() == WorkerRuntime.EXIT_SUPERSEDED);
    worker.close();
    assertThat(operations.count("select count(*) from workers")).isOne();
  }

  @Test
  void pausedWorkerIsSubscribedToNothingUntilItIsResumed() throws Exception {
    try (WorkerRuntime worker = worker(_ -> result(), Map.of())) {
      await().atMost(LIMIT).until(() -> subscribedQueues().equals("[\"%s\"]".formatted(QUEUE)));
      operations.execute("insert into dispatch_controls values ('*', true, false)");
      await().atMost(LIMIT).until(() -> subscribedQueues().equals("[]"));
      operations.execute("delete from dispatch_controls");
      await().atMost(LIMIT).until(() -> subscribedQueues().equals("[\"%s\"]".formatted(QUEUE)));
      assertThat(worker.exitCode()).isZero();
    }
  }

  private String subscribedQueues() {
    return operations
        .jdbi()
        .withHandle(handle ->
            handle
                .createQuery("select queues::text from workers")
                .mapTo(String.class)
                .findOne()
                .orElse(""));
  }

  private static OperationResult forEver(RunContext context, AtomicInteger steps) {
    while (true) {
      steps.incrementAndGet();
      context.checkpoint(() -> ("step " + steps.get()).getBytes(StandardCharsets.UTF_8));
      LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
    }
  }

  private static OperationResult result() {
    return new OperationResult(Json.mapper().createObjectNode().put("answer", 42), List.of());
  }

  private WorkerRuntime worker(Work work, Map<String, String> settings)
      throws IOException, InterruptedException {
    Map<String, String> all = new java.util.HashMap<>(settings);
    all.put("KTRDR_API_URL", api.url());
    all.put("WORKER_ID", "w1");
    all.put("WORKER_PORT", Integer.toString(TcpPorts.anyFree()));
    all.put("KTRDR_CACHE_DIR", cache.toString());
    WorkerRuntime worker =
        new WorkerRuntime(
            WorkerConfig.fromEnvironment(OperationType.BACKTESTING, all),
            Telemetry.off(),
            new OperationHandler<OperationSpec.Backtest>() {
              @Override
              public Class<OperationSpec.Backtest> specType() {
                return OperationSpec.Backtest.class;
              }

              @Override
              public OperationResult run(OperationSpec.Backtest spec, RunContext context)
                  throws InterruptedException {
                return work.run(context);
              }
            },
            new CountDownLatch(1),
            exits::add);
    worker.start();
    return worker;
  }

  private void submit(OperationId id) throws InterruptedException {
    publisher.publish(
        List.of(
            new OutgoingMessage(
                Topology.OPERATIONS_EXCHANGE,
                OperationType.BACKTESTING.wireName(),
                id.value(),
                Map.of(),
                codec.encode(
                    new OperationCommand.RunOperation(
                        id, OperationType.BACKTESTING, Instant.now())))));
  }

  private OperationEvent end(OperationId id) {
    await()
        .atMost(LIMIT)
        .until(() ->
            events.stream().anyMatch(e -> e.endsRun() && e.header().operationId().equals(id)));
    return events.stream()
        .filter(e -> e.endsRun() && e.header().operationId().equals(id))
        .findFirst()
        .orElseThrow();
  }

  private int messages() {
    return broker.queue(QUEUE).path("messages").asInt();
  }
}
