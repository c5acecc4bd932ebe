package io.ktrdr.api.fleet;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The table {@code dispatch_controls}, and what is left to do. Every method works in the caller's
 * transaction.
 */
final class FleetStore {

  private static final double MILLIS_PER_SECOND = 1000.0;

  /** More than this are not shown. */
  private static final int RUNNING_SHOWN_MAX = 1_000;

  /** Operations of a type that have not ended. */
  record Left(int pending, int running) {}

  /** An operation that a worker is at. */
  record Running(
      String operationId, String type, String workerId, double percentage, double seconds) {}

  Map<String, Control> controls(Handle handle) {
    return handle
        .createQuery(
            "select scope, accepting, dispatching, reason, changed_at from dispatch_controls")
        .map((rs, _) -> Map.entry(rs.getString("scope"), control(rs)))
        .list()
        .stream()
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  /** Locks it until the caller's transaction ends, if it is there. */
  Optional<Control> lock(Handle handle, String scope) {
    return handle
        .createQuery(
            """
            select accepting, dispatching, reason, changed_at from dispatch_controls
            where scope = :scope for update
            """)
        .bind("scope", scope)
        .map((rs, _) -> control(rs))
        .findOne();
  }

  /** Keeps the time of the change when nothing but the reason changes. */
  void write(
      Handle handle,
      String scope,
      boolean accepting,
      boolean dispatching,
      @Nullable String reason) {
    handle
        .createUpdate(
            """
            insert into dispatch_controls as c (scope, accepting, dispatching, reason)
            values (:scope, :accepting, :dispatching, :reason)
            on conflict (scope) do update set
              accepting = excluded.accepting,
              dispatching = excluded.dispatching,
              reason = excluded.reason,
              changed_at =
                case when (c.accepting, c.dispatching) = (excluded.accepting, excluded.dispatching)
                  then c.changed_at else now() end
            """)
        .bind("scope", scope)
        .bind("accepting", accepting)
        .bind("dispatching", dispatching)
        .bind("reason", reason)
        .execute();
  }

  /**
   * Workers that take operations.
   *
   * @param silenceMax since the last heartbeat
   */
  List<FleetSnapshot.Offer> offers(Handle handle, Duration silenceMax) {
    return handle
        .createQuery(
            """
            select w.worker_type, w.capabilities from workers w
            where lease_silence(w.last_heartbeat_at) <= make_interval(secs => :silence)
              and not w.draining
              and not exists (
                select 1 from worker_drains d
                where d.worker_id = w.worker_id and d.instance_id = w.instance_id)
            """)
        .bind("silence", silenceMax.toMillis() / MILLIS_PER_SECOND)
        .map((rs, _) ->
            new FleetSnapshot.Offer(
                rs.getString("worker_type"), read(rs.getString("capabilities"))))
        .list();
  }

  /** By type; types of which nothing is left are missing. */
  Map<String, Left> left(Handle handle) {
    return handle
        .createQuery(
            """
            select type, count(*) filter (where status = 'pending') as pending,
                   count(*) filter (where status <> 'pending') as running
            from operations where status in ('pending', 'running', 'cancelling') group by type
            """)
        .map((rs, _) ->
            Map.entry(rs.getString("type"), new Left(rs.getInt("pending"), rs.getInt("running"))))
        .list()
        .stream()
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  /** Longest first. */
  List<Running> running(Handle handle) {
    return handle
        .createQuery(
            """
            select o.id, o.type, r.worker_id, (o.progress ->> 'percentage')::float8 as percentage,
                   extract(epoch from now() - r.claimed_at) as seconds
            from runs r join operations o on o.id = r.operation_id
            where r.ended_at is null
            order by r.claimed_at limit :max
            """)
        .bind("max", RUNNING_SHOWN_MAX)
        .map((rs, _) ->
            new Running(
                rs.getString("id"),
                rs.getString("type"),
                rs.getString("worker_id"),
                rs.getDouble("percentage"),
                rs.getDouble("seconds")))
        .list();
  }

  private static Control control(ResultSet rs) throws SQLException {
    return new Control(
        rs.getBoolean("accepting"),
        rs.getBoolean("dispatching"),
        rs.getString("reason"),
        rs.getTimestamp("changed_at").toInstant());
  }

  private static JsonNode read(String json) {
    try {
      return Json.mapper().readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a column of ours cannot be read", e);
    }
  }
}
