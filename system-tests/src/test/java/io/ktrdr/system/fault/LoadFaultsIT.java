package io.ktrdr.system.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.ktrdr.system.fault.Http.Answer;
import io.ktrdr.testkit.SystemPlan;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** Many operations at once. */
final class LoadFaultsIT {

  private static final int OPERATIONS = 10_000;
  private static final int CLIENTS = 16;
  private static final int WORKERS = 4;

  /** A client's patience with an API that is gone. */
  private static final int TRIES_MAX = 300;

  private static final Duration BETWEEN_TRIES = Duration.ofMillis(200);

  @SuppressWarnings("NullAway.Init")
  private static FaultSystem system;

  @BeforeAll
  static void start() {
    system = FaultSystem.start(SystemPlan.apiOnly(), 0);
    int started = system.startWorkers(WORKERS, Map.of(ScriptedWorker.STEP_MS, "0")).size();
    assertThat(started).isEqualTo(WORKERS);
  }

  @AfterAll
  static void stop() {
    system.close();
  }

  @AfterEach
  void everyInvariantHolds() {
    system.checkAtRest();
  }

  /**
   * Half of them are accepted when the API dies; its clients try again with their keys.
   *
   * <p>Seen failing with an API that remembers no key: there were never exactly 10,000 completed.
   */
  @Tag(Fault.SLOW)
  @Fault(
      row = 36,
      what = "10,000 operations submitted while the API is killed and started again",
      outcome = "10,000 completed, each once, the oldest first",
      within = 240)
  void tenThousandOperationsAreDoneOnceEach(Recovery recovery)
      throws InterruptedException, ExecutionException {
    AtomicInteger next = new AtomicInteger();
    AtomicInteger accepted = new AtomicInteger();
    recovery.start();
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all =
          IntStream.range(0, CLIENTS)
              .<Future<?>>mapToObj(_ ->
                  clients.submit(() -> {
                    while (next.getAndIncrement() < OPERATIONS) {
                      submitUntilAccepted();
                      accepted.incrementAndGet();
                    }
                  }))
              .toList();
      while (accepted.get() < OPERATIONS / 2 && !all.stream().allMatch(Future::isDone)) {
        LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
      }
      system.processes().api().kill();
      system.processes().restartApi();
      for (Future<?> one : all) {
        one.get();
      }
    }
    recovery.await("all ended", () -> counted("status = 'completed'") == OPERATIONS);
    assertThat(counted("true")).isEqualTo(OPERATIONS);
    assertThat(
            system.rows(
                "select count(*), count(distinct operation_id) from runs"
                    + " where outcome = 'completed' and attempt = 1"))
        .containsExactly("%d|%d".formatted(OPERATIONS, OPERATIONS));
  }

  private static void submitUntilAccepted() {
    String key = UUID.randomUUID().toString();
    for (int tries = 1; tries <= TRIES_MAX; tries++) {
      try {
        Answer answer =
            system
                .http()
                .post(
                    FaultSystem.SUBMIT, FaultSystem.body(Script.STEPS, 2), "Idempotency-Key", key);
        if (answer.status() == 202 || answer.status() == 200) {
          String _ = system.accept(answer);
          return;
        }
        assertThat(answer.status()).as("%s", answer.body()).isIn(409, 429, 503);
      } catch (IOException away) {
        LockSupport.parkNanos(BETWEEN_TRIES.toNanos());
      }
    }
    throw new AssertionError("not accepted");
  }

  private static int counted(String condition) {
    return Integer.parseInt(
        system.rows("select count(*) from operations where " + condition).getFirst());
  }
}
