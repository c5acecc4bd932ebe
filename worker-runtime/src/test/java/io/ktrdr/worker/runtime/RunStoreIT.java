package io.ktrdr.worker.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.ktrdr.protocol.DatasetRef;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.OperationStatus;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.RunId;
import io.ktrdr.protocol.RunLease;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.protocol.WorkerId;
import io.ktrdr.standalone.DatabaseAccess;
import io.ktrdr.testkit.TestPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The claim is the fence: whatever the broker delivers, an operation has one open run. */
final class RunStoreIT {

  private static final byte[] END = "{\"type\":\"end\"}".getBytes(StandardCharsets.UTF_8);
  private static Jdbi jdbi = Jdbi.create("jdbc:postgresql:unset");

  private final RunStore first = store("worker-1");
  private final RunStore second = store("worker-2");

  @BeforeAll
  static void openDatabase() {
    DatabaseAccess database = TestPostgres.freshDatabase();
    jdbi = Jdbi.create(database.jdbcUrl(), database.user(), database.password());
  }

  @Test
  void freeOperationIsClaimedAsItsFirstAttemptWithItsSpec() throws IOException {
    OperationId id = operation();
    assertThat(first.claim(id))
        .isInstanceOfSatisfying(
            Claim.Claimed.class,
            claimed -> {
              assertThat(claimed.attempt()).isEqualTo(1);
              assertThat(claimed.spec()).isEqualTo(spec());
            });
  }

  @Test
  void secondWorkerIsToldWhoHoldsIt() throws IOException {
    OperationId id = operation();
    RunId run = claimed(first, id);
    assertThat(second.claim(id))
        .isInstanceOfSatisfying(
            Claim.HeldByAnother.class,
            held -> {
              assertThat(held.runId()).isEqualTo(run);
              assertThat(held.workerId()).isEqualTo("worker-1");
              assertThat(held.silentFor()).isLessThan(RunLease.DURATION);
            });
  }

  @Test
  void claimWhoseCommitWasNotHeardOfIsTheSameRunAgain() throws IOException {
    OperationId id = operation();
    RunId run = claimed(first, id);
    assertThat(claimed(first, id)).isEqualTo(run);
  }

  @Test
  void takenAwayRunCanNeitherHeartbeatNorEnd() throws IOException {
    OperationId id = operation();
    RunId lost = claimed(first, id);
    second.endAsLost(lost, "worker-1 is gone");
    RunId next = claimed(second, id);

    assertThat(first.heartbeat(lost)).isFalse();
    assertThat(first.end(lost, "completed", END)).isFalse();
    assertThat(second.heartbeat(next)).isTrue();
    assertThat(second.end(next, "completed", END)).isTrue();
    assertThat(second.end(next, "completed", END)).isFalse();
  }

  @Test
  void endThatTheApiHasNotSeenIsHandedOutForPublishing() throws IOException {
    OperationId id = operation();
    first.end(claimed(first, id), "completed", END);
    assertThat(second.claim(id))
        .isInstanceOfSatisfying(
            Claim.EndNotPublished.class,
            end ->
                assertThat(Json.mapper().valueToTree(end.endEvent()).asText()).contains("\"end\""));

    jdbi.useHandle(
        h -> h.execute("update operations set settled_attempt = 1 where id = ?", id.value()));
    assertThat(second.claim(id)).isInstanceOf(Claim.Claimed.class);
  }

  @Test
  void endedOperationIsNotRunAgain() throws IOException {
    OperationId id = operation();
    jdbi.useHandle(h ->
        h.execute(
            "update operations set status = 'cancelled', completed_at = now() where id = ?",
            id.value()));
    assertThat(first.claim(id)).isEqualTo(new Claim.AlreadyEnded(OperationStatus.CANCELLED));
  }

  @Test
  void lostRunsUseUpAttemptsAndReleasedOnesDoNot() throws IOException {
    OperationId id = operation();
    for (int i = 0; i < 5; i++) {
      first.release(claimed(first, id), "deploy");
    }
    for (int i = 0; i < 3; i++) {
      second.endAsLost(claimed(first, id), "killed");
    }
    assertThat(first.claim(id)).isEqualTo(new Claim.NoAttemptLeft(3));
  }

  @Test
  void unknownOperationIsSaidToBe() {
    assertThat(first.claim(OperationId.create(OperationType.BACKTESTING, Instant.EPOCH)))
        .isEqualTo(new Claim.Unknown());
  }

  @Test
  void fiftyClaimsAtOnceGiveOneRun() throws IOException, InterruptedException, ExecutionException {
    OperationId id = operation();
    int claimers = 50;
    CountDownLatch start = new CountDownLatch(1);
    List<Future<Claim>> claims = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(claimers)) {
      for (int i = 0; i < claimers; i++) {
        RunStore store = store("claimer-" + i);
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

  private static RunId claimed(RunStore store, OperationId id) {
    return ((Claim.Claimed) store.claim(id)).runId();
  }

  private static RunStore store(String worker) {
    return new RunStore(jdbi, new WorkerId(worker), UUID.randomUUID(), "http://127.0.0.1:1");
  }

  private static OperationSpec spec() {
    return new OperationSpec.Backtest(
        "s",
        "s/1d_v1",
        Sha256.of(new byte[0]),
        new DatasetRef("EURUSD", Timeframe.D1, Sha256.of(new byte[0])),
        LocalDate.of(2024, 1, 1),
        LocalDate.of(2024, 12, 31),
        100_000,
        0.001,
        0.0005,
        "test");
  }

  private static OperationId operation() throws IOException {
    OperationId id = OperationId.create(OperationType.BACKTESTING, Instant.now());
    String spec = Json.mapper().writeValueAsString(spec());
    jdbi.useHandle(handle ->
        handle.execute(
            """
            insert into operations (id, type, status, spec, metadata, max_attempts, progress)
            values (?, 'backtesting', 'pending', ?::jsonb, '{}', 3, '{}')
            """,
            id.value(),
            spec));
    return id;
  }
}
