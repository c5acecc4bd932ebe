package io.ktrdr.api.metrics;

import io.ktrdr.protocol.OperationType;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** The gauges, in one read. Works in the caller's transaction. */
final class MetricsStore {

  private static final double MILLIS_PER_SECOND = 1000.0;

  /** As an operation shows it of itself. */
  private static final Duration STALLED_AFTER = Duration.ofMinutes(10);

  /**
   * A number by name.
   *
   * @param type of operation or worker; empty for all
   * @param status of operations; else empty
   */
  record Figure(String name, String type, String status, double value) {}

  static final String REGISTERED = "registered";
  static final String AVAILABLE = "available";
  static final String BUSY = "busy";
  static final String DRAINING = "draining";
  static final String UNAVAILABLE = "unavailable";
  static final String IN_STATE = "operations";
  static final String ACTIVE = "active";
  static final String STALLED = "stalled";
  static final String QUEUED_AGE = "queued_age";
  static final String PAUSED = "paused";
  static final String OUTBOX_AGE = "outbox_age";
  static final String OUTBOX_WAITING = "outbox_waiting";
  static final String PROJECTION_LAG = "projection_lag";
  static final String ACCEPTING = "accepting";

  /**
   * @param types all there are
   * @param silenceMax of a worker that counts as available
   */
  List<Figure> read(Handle handle, Collection<OperationType> types, Duration silenceMax) {
    return handle
        .createQuery(
            """
            with heard as (
              select w.worker_type, w.current_operation_id,
                     lease_silence(w.last_heartbeat_at) <= make_interval(secs => :silence) as fresh,
                     w.draining
                       or exists (
                         select 1 from worker_drains d
                         where d.worker_id = w.worker_id and d.instance_id = w.instance_id)
                       as leaving
              from workers w),
            active as (
              select id, type, status, settled_attempt,
                     coalesce(progress_at, started_at) as last_sign,
                     greatest(pending_since, next_attempt_at) as due
              from operations where status in ('pending', 'running', 'cancelling'))
            select 'registered' as name, '' as type, '' as status, count(*)::float8 as value
              from heard
            union all
            select 'available', worker_type, '',
                   count(*) filter (where fresh and not leaving and current_operation_id is null)
              from heard group by worker_type
            union all
            select 'busy', worker_type, '', count(*) filter (where current_operation_id is not null)
              from heard group by worker_type
            union all
            select 'draining', worker_type, '', count(*) filter (where leaving)
              from heard group by worker_type
            union all
            select 'unavailable', worker_type, '', count(*) filter (where not fresh)
              from heard group by worker_type
            union all
            select 'operations', type, status, count(*) from active group by type, status
            union all
            select 'active', type, '', count(*) from active group by type
            union all
            select 'stalled', type, '',
                   count(*) filter (where status <> 'pending'
                     and last_sign < now() - make_interval(secs => :stalled))
              from active group by type
            union all
            select 'queued_age', type, '', extract(epoch from now() - min(due))
              from active where status = 'pending' and due <= now() group by type
            union all
            select 'paused', type, '', 1 from unnest(:types) as known(type)
              where exists (select 1 from dispatch_controls
                            where scope in ('*', type) and not dispatching)
            union all
            select 'outbox_age', '', '',
                   coalesce(extract(epoch from now() - min(available_at)), 0)
              from outbox where published_at is null and available_at <= now()
            union all
            select 'outbox_waiting', '', '', count(*)
              from outbox where published_at is null and available_at <= now()
            union all
            select 'projection_lag', '', '',
                   coalesce(extract(epoch from now() - min(r.ended_at)), 0)
              from active a join runs r on r.operation_id = a.id
              where r.attempt > a.settled_attempt and r.end_event is not null
            union all
            select 'accepting', '', '',
                   case when exists (
                     select 1 from dispatch_controls where scope = '*' and not accepting)
                     then 0 else 1 end
            """)
        .bind("silence", silenceMax.toMillis() / MILLIS_PER_SECOND)
        .bind("stalled", STALLED_AFTER.toSeconds())
        .bindArray("types", String.class, types.stream().map(OperationType::wireName).toList())
        .map((rs, _) ->
            new Figure(
                rs.getString("name"),
                rs.getString("type"),
                rs.getString("status"),
                rs.getDouble("value")))
        .list();
  }
}
