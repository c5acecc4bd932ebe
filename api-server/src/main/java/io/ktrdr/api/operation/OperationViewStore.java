package io.ktrdr.api.operation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationStatus;
import io.ktrdr.protocol.OperationType;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Reads operations as users see them. Every method works in the caller's transaction. */
public final class OperationViewStore {

  private static final String COLUMNS =
      """
      id, type, status, worker_id, created_at, queued_at, started_at, completed_at,
      extract(epoch from coalesce(completed_at, now()) - started_at) as duration_seconds,
      progress, progress_at, metadata, attempt, max_attempts, error_code, error_message, warnings,
      next_attempt_at, cancel_requested_at, cancel_reason,
      queue_timeout_seconds, run_timeout_seconds, progress_timeout_seconds, queue, submitted_by, demand,
      case when status in ('running', 'cancelling')
        then extract(epoch from now() - coalesce(progress_at, started_at)) end
        as no_progress_seconds,
      case
        when status <> 'pending' then null
        when next_attempt_at > now() then 'scheduled'
        when queued_at is null then 'waiting for broker'
        else 'queued'
      end as dispatch
      """;

  /** More than this are not shown. */
  private static final int ATTEMPTS_SHOWN_MAX = 100;

  /** Which operations to list; an absent filter passes all. */
  public record Filter(
      Optional<OperationStatus> status,
      Optional<OperationType> type,
      Optional<String> workerId,
      boolean activeOnly) {}

  /** One page, newest first, and how many there are. */
  public record Page(List<Operation> operations, int totalCount, int activeCount) {}

  public Optional<Operation> find(Handle handle, OperationId id) {
    return handle
        .createQuery("select %s, result from operations where id = :id".formatted(COLUMNS))
        .bind("id", id.value())
        .map((rs, _) -> operation(rs, json(rs.getString("result"))))
        .findOne();
  }

  public Page list(Handle handle, Filter filter, int limit, int offset) {
    String where =
        """
        where (:status::text is null or status = :status)
          and (:type::text is null or type = :type)
          and (:worker::text is null or worker_id = :worker)
          and (not :active or status in ('pending', 'running', 'cancelling'))
        """;
    List<Operation> operations =
        bound(
                handle.createQuery(
                    "select %s from operations %s order by created_at desc, id desc limit :limit offset :offset"
                        .formatted(COLUMNS, where)),
                filter)
            .bind("limit", limit)
            .bind("offset", offset)
            .map((rs, _) -> operation(rs, null))
            .list();
    int total =
        bound(handle.createQuery("select count(*) from operations " + where), filter)
            .mapTo(Integer.class)
            .one();
    int active =
        handle
            .createQuery(
                "select count(*) from operations where status in ('pending', 'running',"
                    + " 'cancelling')")
            .mapTo(Integer.class)
            .one();
    return new Page(operations, total, active);
  }

  private static org.jdbi.v3.core.statement.Query bound(
      org.jdbi.v3.core.statement.Query query, Filter filter) {
    return query
        .bind("status", filter.status().map(OperationStatus::wireName).orElse(null))
        .bind("type", filter.type().map(OperationType::wireName).orElse(null))
        .bind("worker", filter.workerId().orElse(null))
        .bind("active", filter.activeOnly());
  }

  /** Every run of the operation, first to last. */
  List<Attempt> attempts(Handle handle, OperationId id) {
    return handle
        .createQuery(
            """
            select attempt, run_id, worker_id, claimed_at, ended_at, coalesce(outcome, 'running') as outcome,
                   error_code, reason, checkpoint_at
            from runs where operation_id = :id order by attempt limit :max
            """)
        .bind("id", id.value())
        .bind("max", ATTEMPTS_SHOWN_MAX)
        .map((rs, _) ->
            new Attempt(
                rs.getInt("attempt"),
                rs.getString("run_id"),
                rs.getString("worker_id"),
                rs.getTimestamp("claimed_at").toInstant(),
                instant(rs, "ended_at"),
                rs.getString("outcome"),
                rs.getString("error_code"),
                rs.getString("reason"),
                instant(rs, "checkpoint_at")))
        .list();
  }

  private static Operation operation(ResultSet rs, @Nullable JsonNode result) throws SQLException {
    double seconds = rs.getDouble("duration_seconds");
    Duration duration = rs.wasNull() ? null : Duration.ofMillis((long) (seconds * 1000));
    return new Operation(
        OperationId.parse(rs.getString("id")),
        OperationType.parse(rs.getString("type")),
        OperationStatus.parse(rs.getString("status")),
        rs.getString("worker_id"),
        rs.getTimestamp("created_at").toInstant(),
        instant(rs, "queued_at"),
        instant(rs, "started_at"),
        instant(rs, "completed_at"),
        duration,
        read(rs.getString("progress"), JsonNode.class),
        instant(rs, "progress_at"),
        read(rs.getString("metadata"), JsonNode.class),
        rs.getInt("attempt"),
        rs.getInt("max_attempts"),
        rs.getString("error_code"),
        rs.getString("error_message"),
        read(rs.getString("warnings"), JsonNode.class),
        rs.getString("dispatch"),
        instant(rs, "next_attempt_at"),
        instant(rs, "cancel_requested_at"),
        rs.getString("cancel_reason"),
        new Operation.Timeouts(
            rs.getObject("queue_timeout_seconds", Integer.class),
            rs.getObject("run_timeout_seconds", Integer.class),
            rs.getObject("progress_timeout_seconds", Integer.class)),
        rs.getString("queue"),
        rs.getString("submitted_by"),
        json(rs.getString("demand")),
        rs.getObject("no_progress_seconds") == null ? null : rs.getLong("no_progress_seconds"),
        result);
  }

  private static @Nullable Instant instant(ResultSet rs, String column) throws SQLException {
    Timestamp time = rs.getTimestamp(column);
    return time == null ? null : time.toInstant();
  }

  private static @Nullable JsonNode json(@Nullable String text) {
    return text == null ? null : read(text, JsonNode.class);
  }

  private static <T> T read(String text, Class<T> type) {
    try {
      return Json.mapper().readValue(text, type);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a column of ours cannot be read", e);
    }
  }
}
