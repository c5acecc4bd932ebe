package io.ktrdr.api.projection;

import io.ktrdr.protocol.ArtifactRef;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.RunId;
import java.nio.charset.StandardCharsets;
import java.util.List;
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
