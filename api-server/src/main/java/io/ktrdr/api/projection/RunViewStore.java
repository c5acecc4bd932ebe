package io.ktrdr.api.projection;

import io.ktrdr.protocol.ArtifactRef;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.RunId;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The claim table as the API reads it, and the artifacts of operations. Every method works in the
 * caller's transaction.
 */
public final class RunViewStore {

  /** A run that ended without an event of its own. */
  public record EndedRun(
      RunId runId, int attempt, String workerId, String outcome, @Nullable String reason) {

    /** The same for the same end, so that it is recorded once. */
    UUID eventId() {
      return UUID.nameUUIDFromBytes((runId + ":" + outcome).getBytes(StandardCharsets.UTF_8));
    }
  }

  /**
   * The last run, when it is not in its operation yet.
   *
   * @param open true while it goes on
   * @param endEvent its last event, once it has ended by itself
   */
  public record UnsettledRun(boolean open, @Nullable String endEvent) {}

  /** The newest run after a settled attempt, if there is one. */
  public Optional<UnsettledRun> unsettled(Handle handle, OperationId id, int settledAttempt) {
    return handle
        .createQuery(
            """
            select ended_at is null as open, end_event
            from runs
            where operation_id = :id and attempt > :settled
            order by attempt desc
            limit 1
            """)
        .bind("id", id.value())
        .bind("settled", settledAttempt)
        .map((rs, _) -> new UnsettledRun(rs.getBoolean("open"), rs.getString("end_event")))
        .findOne();
  }

  /** Runs that failed or were lost, leaving out the attempts up to a forgiven one. */
  public int attemptsSpent(Handle handle, OperationId id, int attemptsForgiven) {
    return handle
        .createQuery(
            """
            select count(*) from runs
            where operation_id = :id and outcome in ('failed', 'lost') and attempt > :forgiven
            """)
        .bind("id", id.value())
        .bind("forgiven", attemptsForgiven)
        .mapTo(Integer.class)
        .one();
  }

  /** Number of the newest run; 0 for none. */
  public int highestAttempt(Handle handle, OperationId id) {
    return handle
        .createQuery("select coalesce(max(attempt), 0) from runs where operation_id = :id")
        .bind("id", id.value())
        .mapTo(Integer.class)
        .one();
  }

  /** True when there is a checkpoint that the next attempt may go on from. */
  public boolean hasCheckpoint(Handle handle, OperationId id) {
    return handle
        .createQuery(
            """
            select exists (
              select 1 from runs r join operations o on o.id = r.operation_id
              where o.id = :id and r.attempt > o.restarted_after_attempt
                and r.checkpoint_sha256 is not null)
            """)
        .bind("id", id.value())
        .mapTo(Boolean.class)
        .one();
  }

  /** True when somebody else ended this run. Locks its row, so that the answer stays true. */
  boolean takenAway(Handle handle, RunId run) {
    return handle
        .createQuery(
            "select coalesce(outcome, '') in ('lost', 'released') from runs where run_id = :run for"
                + " share")
        .bind("run", run.value())
        .mapTo(Boolean.class)
        .findOne()
        .orElse(true);
  }

  /** Runs taken away between two attempts, both exclusive, oldest first. */
  List<EndedRun> endedUnsettled(
      Handle handle, OperationId id, int afterAttempt, int beforeAttempt) {
    return handle
        .createQuery(
            """
            select run_id, attempt, worker_id, outcome, reason
            from runs
            where operation_id = :id and attempt > :after and attempt < :before
              and outcome in ('lost', 'released')
            order by attempt
            """)
        .bind("id", id.value())
        .bind("after", afterAttempt)
        .bind("before", beforeAttempt)
        .map((rs, _) ->
            new EndedRun(
                RunId.parse(rs.getString("run_id")),
                rs.getInt("attempt"),
                rs.getString("worker_id"),
                rs.getString("outcome"),
                rs.getString("reason")))
        .list();
  }

  void keepArtifact(Handle handle, OperationId id, ArtifactRef artifact) {
    handle
        .createUpdate(
            """
            insert into operation_artifacts (operation_id, name, sha256, size)
            values (:id, :name, :sha256, :size)
            on conflict (operation_id, name) do update
              set sha256 = excluded.sha256, size = excluded.size
            """)
        .bind("id", id.value())
        .bind("name", artifact.name())
        .bind("sha256", artifact.sha256().hex())
        .bind("size", artifact.bytes())
        .execute();
  }
}
