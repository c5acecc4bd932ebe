package io.ktrdr.api.metrics;

import java.time.Duration;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** The gauges, in one read. Works in the caller's transaction. */
final class MetricsStore {

  private static final double MILLIS_PER_SECOND = 1000.0;

  /**
   * A number by name.
   *
   * @param type of operation or worker; empty for all
   * @param status of operations; else empty
   */
  record Figure(String name, String type, String status, double value) {}

  static final String WORKERS_REGISTERED = "registered";
  static final String WORKERS_AVAILABLE = "available";
  static final String WORKERS_BUSY = "busy";
  static final String OPERATIONS = "operations";
  static final String OUTBOX_AGE = "outbox_age";
  static final String ACCEPTING = "accepting";

  /**
   * @param silenceMax of a worker that counts as available or busy
   */
  List<Figure> read(Handle handle, Duration silenceMax) {
    return handle
        .createQuery(
            """
            with heard as (
              select w.*,
                     lease_silence(w.last_heartbeat_at) <= make_interval(secs => :silence)
                       and not w.draining
                       and not exists (
                         select 1 from worker_drains d
                         where d.worker_id = w.worker_id and d.instance_id = w.instance_id)
                       as usable
              from workers w)
            select 'registered' as name, '' as type, '' as status, count(*)::float8 as value
              from heard
            union all
            select 'available', worker_type, '',
                   count(*) filter (where usable and current_operation_id is null)
              from heard group by worker_type
            union all
            select 'busy', worker_type, '', count(*) filter (where current_operation_id is not null)
              from heard group by worker_type
            union all
            select 'operations', type, status, count(*) from operations
              where status in ('pending', 'running', 'cancelling') group by type, status
            union all
            select 'outbox_age', '', '',
                   coalesce(extract(epoch from now() - min(available_at)), 0)
              from outbox where published_at is null and available_at <= now()
            union all
            select 'accepting', '', '',
                   case when exists (
                     select 1 from dispatch_controls where scope = '*' and not accepting)
                     then 0 else 1 end
            """)
        .bind("silence", silenceMax.toMillis() / MILLIS_PER_SECOND)
        .map((rs, _) ->
            new Figure(
                rs.getString("name"),
                rs.getString("type"),
                rs.getString("status"),
                rs.getDouble("value")))
        .list();
  }
}
