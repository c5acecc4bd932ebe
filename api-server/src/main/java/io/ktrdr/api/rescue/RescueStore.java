package io.ktrdr.api.rescue;

import io.ktrdr.api.projection.RunViewStore.EndedRun;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.RunId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** What the rescuer reads and writes. Every method works in the caller's transaction. */
public final class RescueStore {

  private static final int BATCH_MAX = 100;
  private static final double MILLIS_PER_SECOND = 1000.0;

  /** Any number, as long as nothing else in this database locks the same. */
  private static final long LEADER_LOCK = 0x6b74_7264_7201L;

  /** A gap between two pulses longer than this means that the database was away. */
  private static final int PULSE_GAP_SECONDS = 12;

  /** How long a message that the broker took back may take to reach a worker. */
  private static final int REDELIVERY_SECONDS = 5;

  /** How long an event may be on its way. */
  private static final int EVENT_SECONDS = 10;

  /** An operation whose last run was taken away. */
  record Stranded(OperationId id, OperationType type, EndedRun run) {}

  /** An outcome whose event has not been applied. */
  record UnprojectedEnd(OperationId id, RunId run, String event) {}

  /** An operation that has waited in its queue for longer than it may. */
  record Overdue(OperationId id, long waitedSeconds) {}

  /** True when this transaction is the leader's; it stays so until the transaction ends. */
  boolean tryLead(Handle handle) {
    return handle
        .createQuery("select pg_try_advisory_xact_lock(:lock)")
        .bind("lock", LEADER_LOCK)
        .mapTo(Boolean.class)
        .one();
  }

  /** How long ago a leader last said that the database is up. */
  Duration pulseAge(Handle handle) {
    return handle
        .createQuery(
            "select extract(epoch from clock_timestamp() - last_pulse_at) from lease_clock")
        .mapTo(Double.class)
        .map(seconds -> Duration.ofMillis((long) (seconds * MILLIS_PER_SECOND)))
        .one();
  }

  /** Says that the database is up; after a gap, all leases start anew. */
  void pulse(Handle handle) {
    handle
        .createUpdate(
            """
            update lease_clock
            set running_since =
                  case when clock_timestamp() - last_pulse_at > make_interval(secs => :gap)
                    then clock_timestamp() else running_since end,
                last_pulse_at = clock_timestamp()
            """)
        .bind("gap", PULSE_GAP_SECONDS)
        .execute();
  }

  /** Open runs whose worker has been silent for longer than the lease. */
  List<RunId> silentRuns(Handle handle, Duration lease) {
    return handle
        .createQuery(
            """
            select run_id from runs
            where ended_at is null
              and lease_silence(last_heartbeat_at) > make_interval(secs => :lease)
            order by last_heartbeat_at
            limit :max
            """)
        .bind("lease", lease.toMillis() / MILLIS_PER_SECOND)
        .bind("max", BATCH_MAX)
        .map((rs, _) -> RunId.parse(rs.getString("run_id")))
        .list();
  }

  /**
   * Ends a run whose worker is silent, unless it has spoken meanwhile.
   *
   * @return the run, when this ended it
   */
  Optional<Stranded> endSilent(Handle handle, RunId run, Duration lease) {
    return handle
        .createQuery(
            """
            with ended as (
              update runs
              set ended_at = clock_timestamp(), outcome = 'lost',
                  reason = format('worker %s stopped heartbeating %s s ago', worker_id,
                                  round(extract(epoch from clock_timestamp() - last_heartbeat_at)))
              where run_id = :run and ended_at is null
                and lease_silence(last_heartbeat_at) > make_interval(secs => :lease)
              returning operation_id, run_id, attempt, worker_id, outcome, reason
            )
            select ended.*, o.type from ended join operations o on o.id = ended.operation_id
            """)
        .bind("run", run.value())
        .bind("lease", lease.toMillis() / MILLIS_PER_SECOND)
        .map((rs, _) -> stranded(rs))
        .findOne();
  }

  /** Operations that have not ended, but whose last run was lost or handed back a while ago. */
  List<Stranded> stranded(Handle handle) {
    return handle
        .createQuery(
            """
            select o.id as operation_id, o.type, last.*
            from operations o
            join lateral (
              select r.run_id, r.attempt, r.worker_id, r.outcome, r.reason, r.ended_at from runs r
              where r.operation_id = o.id order by r.attempt desc limit 1
            ) last on true
            where o.status in ('pending', 'running', 'cancelling')
              and last.outcome in ('lost', 'released')
              and last.attempt > o.settled_attempt
              and last.ended_at < now() - make_interval(secs => :wait)
            order by last.ended_at
            limit :max
            """)
        .bind("wait", REDELIVERY_SECONDS)
        .bind("max", BATCH_MAX)
        .map((rs, _) -> stranded(rs))
        .list();
  }

  private static Stranded stranded(ResultSet rs) throws SQLException {
    return new Stranded(
        OperationId.parse(rs.getString("operation_id")),
        OperationType.parse(rs.getString("type")),
        new EndedRun(
            RunId.parse(rs.getString("run_id")),
            rs.getInt("attempt"),
            rs.getString("worker_id"),
            rs.getString("outcome"),
            rs.getString("reason")));
  }

  /** Last events of runs that ended a while ago and are still not in their operation. */
  List<UnprojectedEnd> unprojectedEnds(Handle handle) {
    return handle
        .createQuery(
            """
            select r.operation_id, r.run_id, r.end_event
            from runs r join operations o on o.id = r.operation_id
            where o.status in ('pending', 'running', 'cancelling')
              and r.end_event is not null
              and r.attempt > o.settled_attempt
              and r.ended_at < now() - make_interval(secs => :wait)
            order by r.ended_at
            limit :max
            """)
        .bind("wait", EVENT_SECONDS)
        .bind("max", BATCH_MAX)
        .map((rs, _) ->
            new UnprojectedEnd(
                OperationId.parse(rs.getString("operation_id")),
                RunId.parse(rs.getString("run_id")),
                rs.getString("end_event")))
        .list();
  }

  List<Overdue> overdue(Handle handle) {
    return handle
        .createQuery(
            """
            select id, floor(extract(epoch from now() - since)) as waited
            from (
              select id, queue_timeout_seconds, greatest(pending_since, next_attempt_at) as since
              from operations
              where status = 'pending' and queue_timeout_seconds is not null
            ) waiting
            where since < now() - make_interval(secs => queue_timeout_seconds)
            limit :max
            """)
        .bind("max", BATCH_MAX)
        .map((rs, _) -> new Overdue(OperationId.parse(rs.getString("id")), rs.getLong("waited")))
        .list();
  }
}
