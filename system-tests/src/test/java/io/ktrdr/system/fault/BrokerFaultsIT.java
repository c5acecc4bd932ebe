package io.ktrdr.system.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.standalone.OwnedProcess;
import io.ktrdr.system.fault.Http.Answer;
import io.ktrdr.testkit.SystemPlan;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** A broker that is away, restarts, blocks publishers, loses a queue or loses patience. */
final class BrokerFaultsIT {

  private static final int WORKERS = 4;

  @SuppressWarnings("NullAway.Init")
  private static FaultSystem system;

  @BeforeAll
  static void start() {
    system = FaultSystem.start(SystemPlan.apiOnly().withOwnBroker(), WORKERS);
  }

  @AfterAll
  static void stop() {
    system.close();
  }

  @AfterEach
  void everyInvariantHolds() {
    system.checkAtRest();
  }

  /** Seen failing with the newest message published first: the first operation was claimed last. */
  @Fault(
      row = 5,
      what = "broker down while operations are submitted",
      outcome = "each answered 202 within 2 s, readiness says degraded; all run when it is back",
      within = 20)
  void operationsAreAcceptedWithoutABroker(Recovery recovery) throws IOException {
    system.processes().ownBroker().kill();
    List<String> ids = new ArrayList<>();
    Duration slowest = Duration.ZERO;
    for (int i = 0; i < 10; i++) {
      Answer answer =
          system.http().post(FaultSystem.SUBMIT, FaultSystem.body(Script.STEPS, 20 + i));
      assertThat(answer.status()).isEqualTo(202);
      slowest = answer.took().compareTo(slowest) > 0 ? answer.took() : slowest;
      ids.add(system.accept(answer));
    }
    assertThat(slowest).isLessThan(Duration.ofSeconds(2));
    await()
        .atMost(Duration.ofSeconds(15))
        .until(() ->
            system.http().get("/api/v1/health").body().path("status").asText().equals("degraded"));
    assertThat(system.operation(ids.getFirst()).path("dispatch").asText())
        .isEqualTo("waiting for broker");
    system.processes().ownBroker().restart();
    recovery.start();
    recovery.await("all completed", () -> ids.stream().allMatch(system::ended));
    List<String> claimed =
        system.rows(
            "select operation_id from runs where operation_id in ('%s') order by claimed_at"
                .formatted(String.join("','", ids)));
    // With four workers an operation can overtake its neighbours, not the queue.
    for (String id : ids) {
      assertThat(Math.abs(claimed.indexOf(id) - ids.indexOf(id))).isLessThan(WORKERS);
    }
  }

  /**
   * Seen failing with every owner of a redelivered operation taken for dead: operations ran twice.
   */
  @Fault(
      row = 6,
      what = "broker restarted while every worker runs an operation",
      outcome = "workers go on computing, reconnect and consume again; nothing runs twice",
      within = 20)
  void operationsOutliveTheBroker(Recovery recovery) {
    List<String> ids = system.submit(Script.STEPS, 600, WORKERS);
    ids.forEach(system::awaitRunning);
    system.processes().ownBroker().restart();
    recovery.start();
    recovery.await("all subscribed again", () -> subscribed() == WORKERS);
    ids.forEach(system::awaitEnd);
    assertThat(ids).allMatch(id -> system.attempts(id).equals(List.of("1|completed")));
    assertThat(system.liveWorkers()).hasSize(WORKERS);
  }

  /**
   * Seen failing with a publisher that does not notice that it is blocked: not said within 70 s.
   */
  @Fault(
      row = 7,
      what = "broker's memory alarm blocks publishers",
      outcome = "operations are accepted, health says why they wait; what runs is acknowledged",
      within = 10)
  void blockedPublishersAreSaid(Recovery recovery) {
    system.processes().ownBroker().control("set_vm_memory_high_watermark", "absolute", "1MB");
    recovery.start();
    String id;
    try {
      id = system.submit(Script.STEPS, 30);
      recovery.await(
          "said so",
          () -> {
            JsonNode health = system.http().get("/readyz").body();
            return health.path("components").path("broker").asText().equals("blocked")
                && health.path("reasons").toString().contains("blocks publishers");
          });
      assertThat(system.status(id)).isEqualTo("pending");
    } finally {
      system.processes().ownBroker().control("set_vm_memory_high_watermark", "absolute", "512MB");
    }
    assertThat(system.awaitEnd(id).path("status").asText()).isEqualTo("completed");
  }

  /**
   * Seen failing with a queue that is declared again but not refilled: its operations waited for
   * ever.
   */
  @Fault(
      row = 8,
      what = "queue with waiting operations deleted by an operator",
      outcome = "declared again and filled again from Postgres; nothing is lost",
      within = 30)
  void deletedQueueComesBackFilled(Recovery recovery) {
    List<String> busy = system.submit(Script.STEPS, 200, WORKERS);
    busy.forEach(system::awaitRunning);
    List<String> waiting = system.submit(Script.STEPS, 10, 5);
    await()
        .atMost(FaultSystem.PATIENCE)
        .until(() -> system.rows("select id from outbox where published_at is null").isEmpty());
    recovery.start();
    system.processes().broker().deleteQueue(FaultSystem.QUEUE);
    recovery.await("all completed", () -> waiting.stream().allMatch(system::ended));
    busy.forEach(system::awaitEnd);
    assertThat(busy).allMatch(id -> system.attempts(id).equals(List.of("1|completed")));
  }

  /**
   * The broker's timer closes the channel of an operation that is simply long.
   *
   * <p>Seen failing with every owner of a redelivered operation taken for dead: three attempts
   * lost.
   */
  @Tag(Fault.SLOW)
  @Fault(
      row = 19,
      what = "operation longer than the broker's consumer_timeout",
      outcome = "it runs once; its worker subscribes again",
      within = 5)
  void longOperationOutlivesTheBrokersPatience(Recovery recovery) {
    evaluate("application:set_env(rabbit, channel_tick_interval, 1000)");
    evaluate("application:set_env(rabbit, consumer_timeout, 4000)");
    replaceWorkers();
    try {
      String id = system.submit(Script.STEPS, 480);
      OwnedProcess worker = system.awaitRunning(id);
      await()
          .atMost(FaultSystem.PATIENCE)
          .until(() -> worker.logTail(200).contains("Subscription to " + FaultSystem.QUEUE));
      recovery.start();
      system.awaitEnd(id);
      recovery.start();
      recovery.await("all subscribed again", () -> subscribed() == WORKERS);
      assertThat(system.attempts(id)).containsExactly("1|completed");
    } finally {
      evaluate("application:set_env(rabbit, consumer_timeout, 604800000)");
      replaceWorkers();
    }
  }

  /** The broker's settings are read when a channel opens. */
  private static void replaceWorkers() {
    system.liveWorkers().parallelStream().forEach(worker -> worker.stop(Duration.ofSeconds(20)));
    system.startWorkers(WORKERS);
  }

  private static void evaluate(String erlang) {
    system.processes().ownBroker().control("eval", erlang + ".");
  }

  private static int subscribed() {
    return system.rows("select worker_id from workers where subscribed").size();
  }
}
