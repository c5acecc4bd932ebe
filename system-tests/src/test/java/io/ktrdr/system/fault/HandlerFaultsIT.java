package io.ktrdr.system.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.standalone.OwnedProcess;
import io.ktrdr.testkit.SystemPlan;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;

/** Operations that fail, kill their worker or cannot be understood. */
final class HandlerFaultsIT {

  private static final int WORKERS = 2;

  /** Every attempt of an operation that kills its worker. */
  private static final int ATTEMPTS = 3;

  @SuppressWarnings("NullAway.Init")
  private static FaultSystem system;

  @BeforeAll
  static void start() {
    system =
        FaultSystem.start(
            SystemPlan.apiOnly().withApiVariable("KTRDR_BACKTESTING_RETRY_FIRST_WAIT_SECONDS", "1"),
            0);
  }

  @AfterAll
  static void stop() {
    system.close();
  }

  @BeforeEach
  void completeTheWorkers() {
    system.startWorkers(WORKERS - system.liveWorkers().size());
  }

  @AfterEach
  void everyInvariantHolds() {
    system.checkAtRest();
  }

  /** Seen failing with every failure retried: not failed within 20 s. */
  @Fault(
      row = 15,
      what = "operation fails for good (bad data)",
      outcome = "failed at once with its code and message, not tried again",
      within = 5)
  void permanentFailureIsNotTriedAgain(Recovery recovery) {
    recovery.start();
    String id = system.submit(Script.PERMANENT, 10);
    recovery.await("failed", () -> system.status(id).equals("failed"));
    JsonNode operation = system.operation(id);
    assertThat(operation.path("error_code").asText()).isEqualTo("SCRIPTED");
    assertThat(operation.path("error_message").asText()).isEqualTo("fails for good");
    assertThat(system.attempts(id)).containsExactly("1|failed");
  }

  /** Seen failing with no failure retried: failed by its first attempt. */
  @Fault(
      row = 16,
      what = "operation fails twice in a way that may pass (database timeout), then works",
      outcome = "each attempt visible, the next one's time shown while it waits, then completed",
      within = 10)
  void transientFailureIsTriedAgainLater(Recovery recovery) {
    system.mayUseUp(2);
    recovery.start();
    String id = system.submit(Script.TRANSIENT, 10);
    recovery.await(
        "waiting for the next attempt",
        () -> system.operation(id).path("next_attempt_at").isTextual());
    JsonNode waiting = system.operation(id);
    if (waiting.path("next_attempt_at").isTextual()) {
      assertThat(Instant.parse(waiting.path("next_attempt_at").asText()))
          .isAfter(Instant.parse(waiting.path("created_at").asText()));
    }
    recovery.await("completed", () -> system.status(id).equals("completed"));
    assertThat(system.attempts(id)).containsExactly("1|failed", "2|failed", "3|completed");
    assertThat(system.operation(id).path("attempts").findValuesAsText("error_code"))
        .startsWith("SCRIPTED_TRANSIENT", "SCRIPTED_TRANSIENT");
  }

  /**
   * Seen failing without the dead letter of a poisonous operation: the checker missed its message
   * in the parking queue (I4).
   */
  @Fault(
      row = 17,
      what = "operation that kills its worker's JVM in every attempt",
      outcome = "failed as WORKER_LOST after three workers, its message parked; others unaffected",
      within = 45)
  void poisonIsStoppedAfterThreeWorkers(Recovery recovery) {
    system.startWorkers(ATTEMPTS);
    system.mayUseUp(ATTEMPTS);
    recovery.start();
    String poison = system.submit(Script.CRASH, 10);
    List<String> others = system.submit(Script.STEPS, 20, 4);
    recovery.await("failed", () -> system.status(poison).equals("failed"));
    assertThat(system.operation(poison).path("error_code").asText()).isEqualTo("WORKER_LOST");
    assertThat(system.attempts(poison)).containsExactly("1|lost", "2|lost", "3|lost");
    others.forEach(system::awaitEnd);
    assertThat(others).allMatch(id -> system.status(id).equals("completed"));
    assertThat(others).allMatch(id -> system.attempts(id).equals(List.of("1|completed")));
  }

  /**
   * Seen failing with such messages returned instead of parked: they reached the dead letters, but
   * without a reason.
   */
  @Fault(
      row = 18,
      what = "messages nobody understands put into the queue by hand",
      outcome = "parked with the reason; workers live on and take the next operation",
      within = 3)
  void unreadableMessagesAreParked(Recovery recovery) {
    int before = system.parked();
    recovery.start();
    system.putIntoQueue("hello");
    system.putIntoQueue("{\"type\":\"operation.explode\",\"version\":1}");
    system.parksByHand(2);
    recovery.await("parked", () -> system.parked() == before + 2);
    assertThat(system.processes().broker().peek(FaultSystem.QUEUE + ".dead", 100))
        .allSatisfy(letter ->
            assertThat(letter.path("properties").path("headers").path("reason").asText())
                .isNotEmpty());
    String id = system.submit(Script.STEPS, 5);
    assertThat(system.awaitEnd(id).path("status").asText()).isEqualTo("completed");
    assertThat(system.liveWorkers()).hasSizeGreaterThanOrEqualTo(WORKERS);
    assertThat(system.liveWorkers()).allMatch(OwnedProcess::isAlive);
  }

  /** Seen failing with a worker that keeps no time limit: still running after 21 s. */
  @Fault(
      row = 20,
      what = "operation in an endless loop that reports nothing, but can be stopped",
      outcome = "failed as NO_PROGRESS when its limit of 3 s is over; its worker lives on",
      within = 6)
  void silentOperationIsEnded(Recovery recovery) {
    String id = system.submit(Script.SILENT, 10, "{\"progress_seconds\": 3}");
    OwnedProcess worker = system.awaitRunning(id);
    recovery.start();
    recovery.await("failed", () -> system.status(id).equals("failed"));
    assertThat(system.operation(id).path("error_code").asText()).isEqualTo("NO_PROGRESS");
    assertThat(system.attempts(id)).containsExactly("1|failed");
    assertThat(worker.isAlive()).isTrue();
  }

  /** Seen failing without the hard stop: not failed within 99 s. */
  @Tag(Fault.SLOW)
  @Fault(
      row = 20,
      what = "operation in an endless loop that ignores its stop",
      outcome = "failed as RUN_TIMEOUT when its limit of 3 s is over and its worker was ended",
      within = 36)
  void deafOperationIsEndedWithItsWorker(Recovery recovery) {
    String id = system.submit(Script.HANG, 10, "{\"run_seconds\": 3}");
    OwnedProcess worker = system.awaitRunning(id);
    recovery.start();
    recovery.await("failed", () -> system.status(id).equals("failed"));
    assertThat(system.operation(id).path("error_code").asText()).isEqualTo("RUN_TIMEOUT");
    assertThat(system.attempts(id)).containsExactly("1|failed");
    await().atMost(FaultSystem.PATIENCE).until(() -> !worker.isAlive());
    assertThat(worker.exitCode()).contains(3);
  }
}
