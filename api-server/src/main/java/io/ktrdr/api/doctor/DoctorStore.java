package io.ktrdr.api.doctor;

import io.ktrdr.protocol.OperationType;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;

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

  /** Workers of a type that have given a sign of life within a lease and say they take work. */
  int liveWorkers(Handle handle, OperationType type, Duration lease) {
    return handle
        .createQuery(
            """
            select count(*) from workers
            where worker_type = :type and subscribed
              and lease_silence(last_heartbeat_at) <= make_interval(secs => :lease)
            """)
        .bind("type", type.wireName())
        .bind("lease", lease.toMillis() / MILLIS_PER_SECOND)
        .mapTo(Integer.class)
        .one();
  }

  int pending(Handle handle, OperationType type) {
    return handle
        .createQuery("select count(*) from operations where status = 'pending' and type = :type")
        .bind("type", type.wireName())
        .mapTo(Integer.class)
        .one();
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
