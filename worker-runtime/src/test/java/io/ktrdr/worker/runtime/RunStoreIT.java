package io.ktrdr.worker.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationStatus;
import io.ktrdr.protocol.RunId;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.protocol.WorkerId;
import io.ktrdr.worker.runtime.RunStore.Ending;
import io.ktrdr.worker.runtime.RunStore.Standing;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.jdbi.v3.core.JdbiException;
import org.junit.jupiter.api.Test;

/** A run that was taken away can do nothing; one that was not loses nothing. */
final class RunStoreIT {

  private static final byte[] END = "{\"type\":\"end\"}".getBytes(StandardCharsets.UTF_8);
  private static final Operations OPERATIONS = new Operations();

  private final RunStore runs = new RunStore(OPERATIONS.jdbi());
  private final ClaimStore claims =
      new ClaimStore(
          OPERATIONS.jdbi(),
          new WorkerId("w1"),
          UUID.randomUUID(),
          "http://127.0.0.1:1",
          Operations.SMALL);

  @Test
  void takenAwayRunCanNeitherHeartbeatNorEndNorKeepACheckpoint() {
    OperationId id = OPERATIONS.pending();
    RunId lost = claim(id);
    claims.endAsLost(lost, "w1 is gone");
    RunId next = claim(id);
    Sha256 checkpoint = artifact("state");

    assertThat(runs.heartbeat(lost)).isFalse();
    assertThat(runs.end(lost, Ending.COMPLETED, END)).isFalse();
    assertThat(runs.checkpoint(lost, checkpoint)).isFalse();
    assertThat(runs.heartbeat(next)).isTrue();
    assertThat(runs.checkpoint(next, checkpoint)).isTrue();
    assertThat(runs.end(next, Ending.COMPLETED, END)).isTrue();
  }

  @Test
  void endWhoseAnswerWasLostIsStoredWhenTriedAgain() {
    RunId run = claim(OPERATIONS.pending());
    assertThat(runs.end(run, Ending.COMPLETED, END)).isTrue();
    assertThat(runs.end(run, Ending.COMPLETED, END)).isTrue();
    assertThat(runs.end(run, new Ending("failed", "X", "other"), END)).isFalse();
  }

  @Test
  void endKeepsCodeAndReason() {
    OperationId id = OPERATIONS.pending();
    runs.end(claim(id), new Ending("failed", "RUN_TIMEOUT", "took too long"), END);
    assertThat(OPERATIONS.run(id, "outcome")).isEqualTo("failed");
    assertThat(OPERATIONS.run(id, "error_code")).isEqualTo("RUN_TIMEOUT");
    assertThat(OPERATIONS.run(id, "reason")).isEqualTo("took too long");
    assertThat(OPERATIONS.run(id, "end_event ->> 'type'")).isEqualTo("end");
  }

  @Test
  void standingTellsACancelAndALoss() {
    OperationId id = OPERATIONS.pending();
    RunId run = claim(id);
    assertThat(runs.standing(run)).contains(new Standing(true, OperationStatus.PENDING, null));
    OPERATIONS.set(id, "status = 'cancelling', cancel_reason = 'wrong dates'");
    assertThat(runs.standing(run))
        .contains(new Standing(true, OperationStatus.CANCELLING, "wrong dates"));
    claims.endAsLost(run, "gone");
    assertThat(runs.standing(run).orElseThrow().open()).isFalse();
    assertThat(runs.standing(RunId.create())).isEmpty();
  }

  @Test
  void newestCheckpointOfEarlierAttemptsIsFound() {
    OperationId id = OPERATIONS.pending();
    assertThat(runs.latestCheckpoint(id, 1)).isEmpty();
    Sha256 one = artifact("one");
    Sha256 two = artifact("two");
    RunId first = claim(id);
    runs.checkpoint(first, one);
    runs.checkpoint(first, two);
    runs.release(first, "deploy");
    runs.release(claim(id), "deploy again, before its first checkpoint");
    runs.checkpoint(claim(id), artifact("own"));
    assertThat(runs.latestCheckpoint(id, 3)).contains(two);
    OPERATIONS.set(id, "restarted_after_attempt = 1");
    assertThat(runs.latestCheckpoint(id, 3)).as("a retry by hand begins anew").isEmpty();
  }

  @Test
  void whatTheDatabaseWillNeverTakeIsNotTriedForEver() {
    RunId run = claim(OPERATIONS.pending());
    byte[] nul = "{\"message\":\"\\u0000\"}".getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(
            () -> DatabaseRetry.untilDone("outcome", () -> runs.end(run, Ending.COMPLETED, nul)))
        .isInstanceOf(JdbiException.class);
  }

  private RunId claim(OperationId id) {
    return ((Claim.Claimed) claims.claim(id)).runId();
  }

  private static Sha256 artifact(String content) {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    Sha256 sha256 = Sha256.of(bytes);
    OPERATIONS.execute(
        "insert into artifacts (sha256, bytes, size) values (?, ?, ?) on conflict do nothing",
        sha256.hex(),
        bytes,
        bytes.length);
    return sha256;
  }
}
