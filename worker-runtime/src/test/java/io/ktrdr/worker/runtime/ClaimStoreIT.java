package io.ktrdr.worker.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationStatus;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.RunId;
import io.ktrdr.protocol.WorkerId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The claim is the fence: whatever the broker delivers, an operation has one open run. */
final class ClaimStoreIT {

  private static final byte[] END = "{\"type\":\"end\"}".getBytes(StandardCharsets.UTF_8);
  private static final Operations OPERATIONS = new Operations();

  private final RunStore runs = new RunStore(OPERATIONS.jdbi());
  private final ClaimStore first = store("worker-1");
  private final ClaimStore second = store("worker-2");

  @BeforeEach
  void databaseIsUp() {
    OPERATIONS.execute(
        """
        update lease_clock set running_since = clock_timestamp() - interval '1 hour',
                               last_pulse_at = clock_timestamp()
        """);
  }

  @Test
  void freeOperationIsClaimedAsItsFirstAttemptWithItsSpecAndItsLimits() {
    OperationId id = OPERATIONS.pending();
    OPERATIONS.set(id, "run_timeout_seconds = 60");
    assertThat(first.claim(id))
        .isInstanceOfSatisfying(
            Claim.Claimed.class,
            claimed -> {
              assertThat(claimed.attempt()).isEqualTo(1);
              assertThat(claimed.spec()).isEqualTo(Operations.spec());
              assertThat(claimed.limits())
                  .isEqualTo(
                      new Claim.Limits(Optional.of(Duration.ofMinutes(1)), Optional.empty()));
            });
  }

  @Test
  void secondWorkerIsToldWhoHoldsIt() {
    OperationId id = OPERATIONS.pending();
    RunId run = claimed(first, id);
    assertThat(second.claim(id))
        .isInstanceOfSatisfying(
            Claim.HeldByAnother.class,
            held -> {
              assertThat(held.runId()).isEqualTo(run);
              assertThat(held.workerId()).isEqualTo("worker-1");
            });
  }

  @Test
  void claimWhoseCommitWasNotHeardOfIsTheSameRunAgain() {
    OperationId id = OPERATIONS.pending();
    RunId run = claimed(first, id);
    assertThat(claimed(first, id)).isEqualTo(run);
  }

  @Test
  void endThatTheApiHasNotSeenIsHandedOutForPublishing() {
    OperationId id = OPERATIONS.pending();
    runs.end(claimed(first, id), RunStore.Ending.COMPLETED, END);
    assertThat(second.claim(id))
        .isInstanceOfSatisfying(
            Claim.EndNotPublished.class,
            end ->
                assertThat(Json.mapper().valueToTree(end.endEvent()).asText()).contains("\"end\""));

    OPERATIONS.set(id, "settled_attempt = 1");
    assertThat(second.claim(id)).isInstanceOf(Claim.Claimed.class);
  }

  @Test
  void endedOperationIsNotRunAgain() {
    OperationId id = OPERATIONS.pending();
    OPERATIONS.set(id, "status = 'cancelled', completed_at = now()");
    assertThat(first.claim(id)).isEqualTo(new Claim.AlreadyEnded(OperationStatus.CANCELLED));
    assertThat(OPERATIONS.run(id, "attempt")).isEqualTo("null");
  }

  @Test
  void operationThatIsToBeCancelledIsNotBegun() {
    OperationId id = OPERATIONS.pending();
    OPERATIONS.set(id, "status = 'cancelling'");
    assertThat(first.claim(id)).isEqualTo(new Claim.Cancelling());
    assertThat(OPERATIONS.run(id, "attempt")).isEqualTo("null");
  }

  @Test
  void operationThatWaitsForItsNextAttemptIsNotBegunBeforeItsTime() {
    OperationId id = OPERATIONS.pending();
    OPERATIONS.set(id, "next_attempt_at = clock_timestamp() + interval '1 minute'");
    assertThat(first.claim(id)).isEqualTo(new Claim.NotYet());
    OPERATIONS.set(id, "next_attempt_at = clock_timestamp() - interval '1 second'");
    assertThat(first.claim(id)).isInstanceOf(Claim.Claimed.class);
  }

  @Test
  void lostRunsUseUpAttemptsAndReleasedOnesDoNot() {
    OperationId id = OPERATIONS.pending();
    for (int i = 0; i < 5; i++) {
      runs.release(claimed(first, id), "deploy");
    }
    for (int i = 0; i < 3; i++) {
      second.endAsLost(claimed(first, id), "killed");
    }
    assertThat(first.claim(id)).isEqualTo(new Claim.NoAttemptLeft(3));
  }

  @Test
  void forgivenAttemptsCountNoMore() {
    OperationId id = OPERATIONS.pending();
    for (int i = 0; i < 3; i++) {
      second.endAsLost(claimed(first, id), "killed");
    }
    OPERATIONS.set(id, "attempts_forgiven = 2");
    RunId fourth = claimed(first, id);
    assertThat(OPERATIONS.run(id, "attempt")).isEqualTo("4");
    second.endAsLost(fourth, "killed");
    second.endAsLost(claimed(first, id), "killed");
    assertThat(first.claim(id)).isEqualTo(new Claim.NoAttemptLeft(3));
  }

  @Test
  void unknownOperationIsSaidToBe() {
    OperationId id = OperationId.create(OperationType.BACKTESTING, Instant.EPOCH);
    assertThat(first.claim(id)).isEqualTo(new Claim.Unknown());
    assertThat(first.exists(id)).isFalse();
  }

  @Test
  void specOfANewerBuildIsLeftUnclaimed() {
    OperationId id = OPERATIONS.pending("{\"type\": \"backtesting\", \"grid\": [1, 2]}");
    assertThat(first.claim(id))
        .isInstanceOfSatisfying(
            Claim.Unreadable.class, claim -> assertThat(claim.reason()).contains("null"));
    assertThat(OPERATIONS.run(id, "attempt")).isEqualTo("null");
  }

  @Test
  void operationThatAsksForMoreThanThisWorkerHasIsNotClaimed() {
    OperationId id = OPERATIONS.pending();
    for (String demand :
        List.of(
            "{\"requires_gpu\": true, \"min_cores\": 0, \"min_memory_gb\": 0}",
            "{\"requires_gpu\": false, \"min_cores\": 3, \"min_memory_gb\": 0}",
            "{\"requires_gpu\": false, \"min_cores\": 0, \"min_memory_gb\": 5}")) {
      OPERATIONS.set(id, "demand = '" + demand + "'");
      assertThat(first.claim(id)).as(demand).isInstanceOf(Claim.TooDemanding.class);
    }
    OPERATIONS.set(id, "demand = '{\"min_cores\": 2, \"min_memory_gb\": 4}'");
    assertThat(first.claim(id)).isInstanceOf(Claim.Claimed.class);
  }

  @Test
  void operationOfAPausedTypeIsNotClaimed() {
    OperationId id = OPERATIONS.pending();
    for (String scope : List.of("*", "backtesting")) {
      OPERATIONS.execute(
          "insert into dispatch_controls (scope, dispatching) values (?, false)", scope);
      assertThat(first.claim(id)).as(scope).isEqualTo(new Claim.Held());
      OPERATIONS.execute("delete from dispatch_controls");
    }
    OPERATIONS.execute(
        "insert into dispatch_controls (scope, dispatching) values ('training', false)");
    assertThat(first.claim(id)).isInstanceOf(Claim.Claimed.class);
    OPERATIONS.execute("delete from dispatch_controls");
  }

  @Test
  void silentRunIsEndedOnlyWhenTheDatabaseIsKnownToHaveBeenThere() {
    OperationId id = OPERATIONS.pending();
    RunId run = claimed(first, id);
    assertThat(second.endIfSilent(run)).isEmpty();

    OPERATIONS.execute("update runs set last_heartbeat_at = now() - interval '30 s'");
    OPERATIONS.execute("update lease_clock set running_since = now() - interval '5 s'");
    assertThat(second.endIfSilent(run)).isEmpty();

    OPERATIONS.execute(
        """
        update lease_clock set running_since = now() - interval '1 hour',
                               last_pulse_at = now() - interval '13 s'
        """);
    assertThat(second.endIfSilent(run)).isEmpty();

    OPERATIONS.execute("update lease_clock set last_pulse_at = now()");
    assertThat(second.endIfSilent(run).orElseThrow())
        .matches("worker worker-1 stopped heartbeating 3\\d s ago");
    assertThat(OPERATIONS.run(id, "outcome")).isEqualTo("lost");
  }

  @Test
  void fiftyClaimsAtOnceGiveOneRun() throws InterruptedException, ExecutionException {
    OperationId id = OPERATIONS.pending();
    int claimers = 50;
    CountDownLatch start = new CountDownLatch(1);
    List<Future<Claim>> claims = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(claimers)) {
      for (int i = 0; i < claimers; i++) {
        ClaimStore store = store("claimer-" + i);
        claims.add(
            threads.submit(() -> {
              start.await();
              return store.claim(id);
            }));
      }
      start.countDown();
      int won = 0;
      for (Future<Claim> claim : claims) {
        switch (claim.get()) {
          case Claim.Claimed _ -> won++;
          case Claim.HeldByAnother _ -> {}
          case Claim other -> throw new AssertionError("unexpected " + other);
        }
      }
      assertThat(won).isEqualTo(1);
    }
  }

  /**
   * The API locks the operation, sees no open run, and cancels: the claim must not slip through.
   */
  @Test
  void claimWaitsForACancelInProgressAndObeysIt() throws InterruptedException, ExecutionException {
    OperationId id = OPERATIONS.pending();
    try (ExecutorService threads = Executors.newSingleThreadExecutor();
        Handle cancel = OPERATIONS.jdbi().open()) {
      cancel.begin();
      cancel.execute("select from operations where id = ? for update", id.value());
      Future<Claim> claim = threads.submit(() -> first.claim(id));
      awaitBlockedClaim();
      cancel.execute(
          "update operations set status = 'cancelled', completed_at = now() where id = ?",
          id.value());
      cancel.commit();
      assertThat(claim.get()).isEqualTo(new Claim.AlreadyEnded(OperationStatus.CANCELLED));
    }
    assertThat(OPERATIONS.run(id, "attempt")).isEqualTo("null");
  }

  /** A claim whose snapshot is old by the time it gets the lock is decided anew. */
  @Test
  void claimThatWaitedSeesARunThatBeganMeanwhile() throws InterruptedException, ExecutionException {
    OperationId id = OPERATIONS.pending();
    try (ExecutorService threads = Executors.newSingleThreadExecutor();
        Handle lock = OPERATIONS.jdbi().open()) {
      lock.begin();
      lock.execute("select from operations where id = ? for update", id.value());
      Future<Claim> claim = threads.submit(() -> first.claim(id));
      awaitBlockedClaim();
      lock.execute(
          """
          insert into runs (run_id, operation_id, attempt, worker_id, worker_instance, endpoint_url)
          values (gen_random_uuid(), ?, 1, 'worker-9', gen_random_uuid(), 'http://127.0.0.1:1')
          """,
          id.value());
      lock.commit();
      assertThat(claim.get())
          .isInstanceOfSatisfying(
              Claim.HeldByAnother.class, held -> assertThat(held.workerId()).isEqualTo("worker-9"));
    }
  }

  private static void awaitBlockedClaim() {
    await()
        .until(() ->
            OPERATIONS.count(
                    """
                    select count(*) from pg_stat_activity
                    where datname = current_database() and wait_event_type = 'Lock'
                    """)
                == 1);
  }

  private static RunId claimed(ClaimStore store, OperationId id) {
    return ((Claim.Claimed) store.claim(id)).runId();
  }

  private static ClaimStore store(String worker) {
    return new ClaimStore(
        OPERATIONS.jdbi(),
        new WorkerId(worker),
        UUID.randomUUID(),
        "http://127.0.0.1:1",
        Operations.SMALL);
  }
}
