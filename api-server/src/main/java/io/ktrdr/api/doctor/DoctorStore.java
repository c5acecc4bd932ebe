package io.ktrdr.api.doctor;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/** What the doctor asks of the database. Every method works in the caller's transaction. */
final class DoctorStore {

  private static final int NAMED_MAX = 5;
  private static final double MILLIS_PER_SECOND = 1000.0;

  String serverVersion(Handle handle) {
    return handle.createQuery("select current_setting('server_version')").mapTo(String.class).one();
  }

  Instant clock(Handle handle) {
    return handle.createQuery("select clock_timestamp()").mapTo(Instant.class).one();
  }

  Duration pulseAge(Handle handle) {
    return duration(
        handle
            .createQuery(
                "select extract(epoch from clock_timestamp() - last_pulse_at) from lease_clock")
            .mapTo(Double.class)
            .one());
  }

  /** By queue, the workers that gave a sign of life within a lease and say they take from it. */
  Map<String, Integer> liveWorkers(Handle handle, Duration lease) {
    return counts(
        handle
            .createQuery(
                """
                select queue as name, count(*) as number
                from workers, jsonb_array_elements_text(queues) as queue
                where lease_silence(last_heartbeat_at) <= make_interval(secs => :lease)
                group by queue
                """)
            .bind("lease", lease.toMillis() / MILLIS_PER_SECOND));
  }

  /** By route, the operations that wait. */
  Map<String, Integer> pending(Handle handle) {
    return counts(
        handle.createQuery(
            """
            select queue as name, count(*) as number
            from operations
            where status = 'pending'
            group by queue
            """));
  }

  private static Map<String, Integer> counts(Query query) {
    Map<String, Integer> counts = new HashMap<>();
    query.map((rs, _) -> counts.put(rs.getString("name"), rs.getInt("number"))).list();
    return counts;
  }

  /** Some of the operations that run without a sign of progress for that long. */
  List<String> stalled(Handle handle, Duration silence) {
    return handle
        .createQuery(
            """
            select id from operations
            where status in ('running', 'cancelling')
              and coalesce(progress_at, started_at) < now() - make_interval(secs => :silence)
            order by progress_at
            limit :max
            """)
        .bind("silence", silence.toSeconds())
        .bind("max", NAMED_MAX)
        .mapTo(String.class)
        .list();
  }

  private static Duration duration(double seconds) {
    return Duration.ofMillis((long) (seconds * MILLIS_PER_SECOND));
  }
}
