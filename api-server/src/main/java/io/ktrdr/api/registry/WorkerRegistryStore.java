package io.ktrdr.api.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationType;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The registry as the API sees it. Every method works in the caller's transaction. */
final class WorkerRegistryStore {

  private static final double MILLIS_PER_SECOND = 1000.0;

  /** Pulses of the lease clock that are missing for so long: leases stand still. */
  private static final int PULSE_GAP_SECONDS = 12;

  private static final String SELECT =
      """
      select w.*,
             extract(epoch from lease_silence(w.last_heartbeat_at)) as silent_seconds,
             greatest(w.last_heartbeat_at, (select running_since from lease_clock)) as seen_at,
             w.draining or exists (
               select 1 from worker_drains d
               where d.worker_id = w.worker_id and d.instance_id = w.instance_id) as leaving,
             (select r.claimed_at from runs r
              where r.operation_id = w.current_operation_id and r.ended_at is null) as since
      from workers w
      """;

  /**
   * What there is to do for workers of a type.
   *
   * @param queued may begin now and has not
   */
  record Load(int queued, int running) {}

  List<RegisteredWorker> list(Handle handle, Optional<String> workerType) {
    return handle
        .createQuery(
            SELECT
                + """
                where :type::text is null or w.worker_type = :type
                order by w.worker_type, length(w.worker_id), w.worker_id
                """)
        .bind("type", workerType.orElse(null))
        .map((rs, _) -> worker(rs))
        .list();
  }

  Optional<RegisteredWorker> find(Handle handle, String workerId) {
    return handle
        .createQuery(SELECT + "where w.worker_id = :id")
        .bind("id", workerId)
        .map((rs, _) -> worker(rs))
        .findOne();
  }

  /**
   * Writes the worker's row.
   *
   * @param verified the process answers at its endpoint
   * @param predecessor the process whose row it takes over, if there is one
   * @return false when the row is neither that process's nor this one's any more
   */
  boolean register(
      Handle handle, Registration worker, boolean verified, Optional<UUID> predecessor) {
    predecessor.ifPresent(instance ->
        handle
            .createUpdate("delete from workers where worker_id = :id and instance_id = :instance")
            .bind("id", worker.workerId().value())
            .bind("instance", instance)
            .execute());
    return handle
            .createUpdate(
                """
                insert into workers
                  (worker_id, worker_type, instance_id, endpoint_url, endpoint_verified,
                   capabilities, version)
                values (:id, :type, :instance, :endpoint, :verified, :capabilities::jsonb,
                        :version)
                on conflict (worker_id) do update set
                  worker_type = excluded.worker_type,
                  endpoint_url = excluded.endpoint_url,
                  endpoint_verified = excluded.endpoint_verified,
                  capabilities = excluded.capabilities,
                  version = excluded.version,
                  last_heartbeat_at = now()
                where workers.instance_id = excluded.instance_id
                """)
            .bind("id", worker.workerId().value())
            .bind("type", worker.type().wireName())
            .bind("instance", worker.instanceId())
            .bind("endpoint", worker.endpointUrl())
            .bind("verified", verified)
            .bind("capabilities", worker.capabilities().toString())
            .bind("version", worker.version())
            .execute()
        == 1;
  }

  /**
   * Tells a process to go.
   *
   * @return false when it had been told before
   */
  boolean askDrain(Handle handle, String workerId, UUID instance) {
    return handle
            .createUpdate(
                """
                insert into worker_drains (worker_id, instance_id) values (:id, :instance)
                on conflict do nothing
                """)
            .bind("id", workerId)
            .bind("instance", instance)
            .execute()
        == 1;
  }

  /** False just after the database was away: silence is not to be counted yet. */
  boolean leasesRun(Handle handle) {
    return handle
        .createQuery(
            """
            select clock_timestamp() - last_pulse_at < make_interval(secs => :gap) from lease_clock
            """)
        .bind("gap", PULSE_GAP_SECONDS)
        .mapTo(Boolean.class)
        .one();
  }

  /** Removes workers that have been silent for this long. */
  List<String> removeSilent(Handle handle, Duration silence) {
    return handle
        .createQuery(
            """
            delete from workers
            where lease_silence(last_heartbeat_at) > make_interval(secs => :silence)
            returning worker_id
            """)
        .bind("silence", silence.toMillis() / MILLIS_PER_SECOND)
        .mapTo(String.class)
        .list();
  }

  /**
   * Forgets what processes were told that are gone.
   *
   * @param age of the order; a living process whose row somebody deleted is back by then
   */
  void forgetDrains(Handle handle, Duration age) {
    handle
        .createUpdate(
            """
            delete from worker_drains d
            where requested_at < now() - make_interval(secs => :age)
              and not exists (
                select 1 from workers w
                where w.worker_id = d.worker_id and w.instance_id = d.instance_id)
            """)
        .bind("age", age.toMillis() / MILLIS_PER_SECOND)
        .execute();
  }

  /** Counted from the truth, not from the broker: what a worker holds is not lost from view. */
  Load load(Handle handle, OperationType type) {
    return handle
        .createQuery(
            """
            select count(*) filter (where claimed) as running,
                   count(*) filter (where not claimed and due and not exists (
                     select 1 from dispatch_controls
                     where scope in ('*', :type) and not dispatching)) as queued
            from (
              select o.status <> 'pending' or r.run_id is not null as claimed,
                     o.next_attempt_at is null or o.next_attempt_at <= now() as due
              from operations o
              left join runs r on r.operation_id = o.id and r.ended_at is null
              where o.status in ('pending', 'running', 'cancelling') and o.type = :type) active
            """)
        .bind("type", type.wireName())
        .map((rs, _) -> new Load(rs.getInt("queued"), rs.getInt("running")))
        .one();
  }

  private static RegisteredWorker worker(ResultSet rs) throws SQLException {
    return new RegisteredWorker(
        rs.getString("worker_id"),
        rs.getString("worker_type"),
        rs.getObject("instance_id", UUID.class),
        rs.getString("endpoint_url"),
        rs.getBoolean("endpoint_verified"),
        read(rs.getString("capabilities")),
        rs.getString("version"),
        rs.getString("current_operation_id"),
        instant(rs, "since"),
        rs.getBoolean("subscribed"),
        read(rs.getString("queues")),
        rs.getObject("progress_age_seconds", Double.class),
        rs.getObject("resident_bytes", Long.class),
        rs.getBoolean("leaving"),
        rs.getTimestamp("registered_at").toInstant(),
        rs.getTimestamp("last_heartbeat_at").toInstant(),
        rs.getTimestamp("seen_at").toInstant(),
        Duration.ofMillis((long) (rs.getDouble("silent_seconds") * MILLIS_PER_SECOND)));
  }

  private static @Nullable Instant instant(ResultSet rs, String column) throws SQLException {
    Timestamp time = rs.getTimestamp(column);
    return time == null ? null : time.toInstant();
  }

  private static JsonNode read(String json) {
    try {
      return Json.mapper().readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a column of ours cannot be read", e);
    }
  }
}
