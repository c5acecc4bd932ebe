package io.ktrdr.worker.runtime;

import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationStatus;
import io.ktrdr.protocol.RunId;
import io.ktrdr.protocol.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * What a worker says and asks about a run it has claimed. Every write succeeds only while the run
 * is open. All times are the database's. Thread-safe.
 */
final class RunStore {

  private final Jdbi jdbi;

  RunStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /**
   * How a run stands.
   *
   * @param open false when it was taken away
   * @param status of its operation
   * @param cancelReason why it is to be cancelled, if somebody said so
   */
  record Standing(boolean open, OperationStatus status, @Nullable String cancelReason) {}

  /** How a run ended; code and reason are for those that have no result. */
  record Ending(String outcome, @Nullable String errorCode, @Nullable String reason) {
    static final Ending COMPLETED = new Ending("completed", null, null);
  }

  /** Asked twice a second while a run goes on. Empty when there is no such run. */
  Optional<Standing> standing(RunId runId) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select r.ended_at is null as open, o.status, o.cancel_reason
                from runs r join operations o on o.id = r.operation_id
                where r.run_id = :run
                """)
            .bind("run", runId.value())
            .map((rs, _) ->
                new Standing(
                    rs.getBoolean("open"),
                    OperationStatus.parse(rs.getString("status")),
                    rs.getString("cancel_reason")))
            .findOne());
  }

  /**
   * Says this run is alive.
   *
   * @return false when the run is no longer open: it was taken away and must stop
   */
  boolean heartbeat(RunId runId) {
    return jdbi.withHandle(handle ->
        handle
            .createUpdate(
                """
                update runs set last_heartbeat_at = now()
                where run_id = :run and ended_at is null
                """)
            .bind("run", runId.value())
            .execute())
        == 1;
  }

  /**
   * Ends this run with its last event, which is thereby safe whatever becomes of this process.
   *
   * @return false when the run had been taken away; true also when an earlier try had ended it and
   *     its answer was lost
   */
  boolean end(RunId runId, Ending ending, byte[] endEvent) {
    return jdbi.withHandle(handle -> {
      int updated =
          handle
              .createUpdate(
                  """
                  update runs
                  set ended_at = now(), outcome = :outcome, error_code = :code, reason = :reason,
                      end_event = :event::jsonb
                  where run_id = :run and ended_at is null
                  """)
              .bind("run", runId.value())
              .bind("outcome", ending.outcome())
              .bind("code", ending.errorCode())
              .bind("reason", ending.reason())
              .bind("event", new String(endEvent, StandardCharsets.UTF_8))
              .execute();
      return updated == 1
          || handle
              .createQuery("select outcome from runs where run_id = :run")
              .bind("run", runId.value())
              .mapTo(String.class)
              .findOne()
              .equals(Optional.of(ending.outcome()));
    });
  }

  /** Gives this run back unfinished, without blame. */
  void release(RunId runId, String reason) {
    jdbi.useHandle(handle ->
        handle
            .createUpdate(
                """
                update runs set ended_at = now(), outcome = 'released', reason = :reason
                where run_id = :run and ended_at is null
                """)
            .bind("run", runId.value())
            .bind("reason", reason)
            .execute());
  }

  /**
   * Notes where the newest checkpoint of this run is.
   *
   * @return false when the run had been taken away
   */
  boolean checkpoint(RunId runId, Sha256 sha256) {
    return jdbi.withHandle(handle ->
        handle
            .createUpdate(
                """
                update runs set checkpoint_sha256 = :sha256, checkpoint_at = now()
                where run_id = :run and ended_at is null
                """)
            .bind("run", runId.value())
            .bind("sha256", sha256.hex())
            .execute())
        == 1;
  }

  /** The newest checkpoint of the attempts before this one, since the operation last began anew. */
  Optional<Sha256> latestCheckpoint(OperationId id, int beforeAttempt) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select r.checkpoint_sha256
                from runs r join operations o on o.id = r.operation_id
                where r.operation_id = :id and r.checkpoint_sha256 is not null
                  and r.attempt < :attempt and r.attempt > o.restarted_after_attempt
                order by r.attempt desc
                limit 1
                """)
            .bind("id", id.value())
            .bind("attempt", beforeAttempt)
            .mapTo(String.class)
            .findOne()
            .map(Sha256::parse));
  }
}
