package io.ktrdr.api.rescue;

import io.ktrdr.api.projection.RunViewStore.EndedRun;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.RunId;
import java.time.Duration;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** What the rescuer reads and writes. Every method works in the caller's transaction. */
public final class RescueStore {

  private static final int BATCH_MAX = 100;

  /** How long a message that the broker took back may take to reach a worker. */
  private static final int REDELIVERY_SECONDS = 5;

  /** How long an event may be on its way. */
  private static final int EVENT_SECONDS = 30;

  /** Ends runs whose worker has been silent for longer than the lease. */
  int endSilentRuns(Handle handle, Duration lease) {
    return handle
        .createUpdate(
            """
            update runs
            set ended_at = now(), outcome = 'lost',
                reason = format('worker %s stopped heartbeating %s s ago', worker_id,
                                round(extract(epoch from now() - last_heartbeat_at)))
            where ended_at is null
              and last_heartbeat_at < now() - make_interval(secs => :lease)
            """)
        .bind("lease", lease.toMillis() / 1000.0)
        .execute();
  }

  /** Operations that are said to run, but whose last run was lost or handed back. */
  List<OperationId> stranded(Handle handle) {
    return handle
        .createQuery(
            """
            select o.id
            from operations o
            join lateral (
              select r.attempt, r.outcome, r.ended_at from runs r
              where r.operation_id = o.id order by r.attempt desc limit 1
            ) last on true
            where o.status in ('pending', 'running', 'cancelling')
              and last.outcome in ('lost', 'released')
              and last.attempt > o.settled_attempt
              and last.ended_at < now() - make_interval(secs => :wait)
            limit :max
            """)
        .bind("wait", REDELIVERY_SECONDS)
        .bind("max", BATCH_MAX)
        .map((rs, _) -> OperationId.parse(rs.getString("id")))
        .list();
  }

  /** The operation's last run, if it was lost or handed back. */
  @Nullable EndedRun lastRunTakenAway(Handle handle, OperationId id) {
    return handle
        .createQuery(
            """
            select run_id, attempt, worker_id, outcome, reason
            from runs
            where operation_id = :id
            order by attempt desc
            limit 1
            """)
        .bind("id", id.value())
        .map((rs, _) ->
            new EndedRun(
                RunId.parse(rs.getString("run_id")),
                rs.getInt("attempt"),
                rs.getString("worker_id"),
                String.valueOf(rs.getString("outcome")),
                rs.getString("reason")))
        .findOne()
        .filter(last -> last.outcome().equals("lost") || last.outcome().equals("released"))
        .orElse(null);
  }

  /** Last events of runs that ended a while ago and are still not in their operation. */
  List<String> unprojectedEnds(Handle handle) {
    return handle
        .createQuery(
            """
            select r.end_event
            from runs r join operations o on o.id = r.operation_id
            where o.status in ('pending', 'running', 'cancelling')
              and r.end_event is not null
              and r.attempt > o.settled_attempt
              and r.ended_at < now() - make_interval(secs => :wait)
            limit :max
            """)
        .bind("wait", EVENT_SECONDS)
        .bind("max", BATCH_MAX)
        .mapTo(String.class)
        .list();
  }

  /** Workers removed from the registry five minutes after their last sign of life. */
  void removeGoneWorkers(Handle handle) {
    handle.execute("delete from workers where last_heartbeat_at < now() - interval '5 minutes'");
  }
}
