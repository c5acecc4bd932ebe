package io.ktrdr.api.operation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.Failure;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.OperationStatus;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.Progress;
import io.ktrdr.protocol.RunId;
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

/** The table {@code operations}. Every method works in the caller's transaction. */
public final class OperationStore {

  private static final String COLUMNS =
      """
      id, type, status, worker_id, created_at, queued_at, started_at, completed_at,
      extract(epoch from coalesce(completed_at, now()) - started_at) as duration_seconds,
      progress, progress_at, metadata, attempt, max_attempts, error_code, error_message, warnings
      """;

  /** Which operations to list; an absent filter passes all. */
  public record Filter(
      Optional<OperationStatus> status,
      Optional<OperationType> type,
      Optional<String> workerId,
      boolean activeOnly) {}

  /** One page, newest first, and how many there are. */
  public record Page(List<Operation> operations, int totalCount, int activeCount) {}

  /** An operation locked for a change of state. */
  public record Locked(
      OperationId id,
      OperationType type,
      OperationSpec spec,
      OperationLifecycle.Standing standing,
      int settledAttempt,
      int maxAttempts,
      double percentage) {}

  public void insert(
      Handle handle,
      OperationId id,
      OperationSpec spec,
      JsonNode metadata,
      List<String> warnings,
      int maxAttempts) {
    handle
        .createUpdate(
            """
            insert into operations (id, type, status, spec, metadata, warnings, max_attempts, progress)
            values (:id, :type, 'pending', :spec::jsonb, :metadata::jsonb, :warnings::jsonb,
                    :max, :progress::jsonb)
            """)
        .bind("id", id.value())
        .bind("type", spec.operationType().wireName())
        .bind("spec", write(spec))
        .bind("metadata", metadata.toString())
        .bind("warnings", write(warnings))
        .bind("max", maxAttempts)
        .bind("progress", write(Progress.initializing()))
        .execute();
  }

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
          and (not :active or status in ('pending', 'running'))
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
            .createQuery("select count(*) from operations where status in ('pending', 'running')")
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

  /** Locks the row until the caller's transaction ends. */
  public Optional<Locked> lock(Handle handle, OperationId id) {
    return handle
        .createQuery(
            """
            select id, type, spec, status, attempt, run_id, run_seq, settled_attempt, max_attempts,
                   (progress ->> 'percentage')::float8 as percentage
            from operations where id = :id for update
            """)
        .bind("id", id.value())
        .map((rs, _) -> {
          String run = rs.getString("run_id");
          return new Locked(
              OperationId.parse(rs.getString("id")),
              OperationType.parse(rs.getString("type")),
              read(rs.getString("spec"), OperationSpec.class),
              new OperationLifecycle.Standing(
                  OperationStatus.parse(rs.getString("status")),
                  rs.getInt("attempt"),
                  run == null ? null : RunId.parse(run),
                  rs.getLong("run_seq")),
              rs.getInt("settled_attempt"),
              rs.getInt("max_attempts"),
              rs.getDouble("percentage"));
        })
        .findOne();
  }

  /** A run reported in for the first time: its events count from now on. */
  public void adoptRun(
      Handle handle, OperationId id, int attempt, RunId run, String workerId, Instant startedAt) {
    handle
        .createUpdate(
            """
            update operations
            set status = 'running', attempt = :attempt, run_id = :run, run_seq = 0,
                settled_attempt = :attempt - 1, worker_id = :worker,
                started_at = coalesce(started_at, greatest(created_at, :started)),
                progress = :progress::jsonb, progress_at = now()
            where id = :id
            """)
        .bind("id", id.value())
        .bind("attempt", attempt)
        .bind("run", run.value())
        .bind("worker", workerId)
        .bind("started", Timestamp.from(startedAt))
        .bind("progress", write(Progress.initializing()))
        .execute();
  }

  public void markApplied(Handle handle, OperationId id, long runSeq) {
    handle
        .createUpdate("update operations set run_seq = :seq where id = :id")
        .bind("id", id.value())
        .bind("seq", runSeq)
        .execute();
  }

  public void progress(Handle handle, OperationId id, long runSeq, Progress progress) {
    handle
        .createUpdate(
            """
            update operations
            set run_seq = :seq, progress = :progress::jsonb, progress_at = now()
            where id = :id
            """)
        .bind("id", id.value())
        .bind("seq", runSeq)
        .bind("progress", write(progress))
        .execute();
  }

  public void complete(Handle handle, OperationId id, long runSeq, JsonNode result) {
    handle
        .createUpdate(
            """
            update operations
            set status = 'completed', run_seq = :seq, settled_attempt = attempt,
                completed_at = now(), result = :result::jsonb, progress_at = now(),
                progress = progress
                  || jsonb_build_object('percentage', 100.0, 'current_step', :step::text)
            where id = :id and status not in ('completed', 'failed', 'cancelled')
            """)
        .bind("id", id.value())
        .bind("seq", runSeq)
        .bind("result", result.toString())
        .bind("step", Progress.STEP_COMPLETED)
        .execute();
  }

  public void fail(Handle handle, OperationId id, long runSeq, Failure failure) {
    end(handle, id, runSeq, OperationStatus.FAILED, failure.code(), failure.message());
  }

  public void cancel(Handle handle, OperationId id, long runSeq, String reason) {
    end(handle, id, runSeq, OperationStatus.CANCELLED, "CANCELLED", reason);
  }

  private static void end(
      Handle handle,
      OperationId id,
      long runSeq,
      OperationStatus status,
      String code,
      String message) {
    handle
        .createUpdate(
            """
            update operations
            set status = :status, run_seq = :seq, settled_attempt = attempt, completed_at = now(),
                error_code = :code, error_message = :message
            where id = :id and status not in ('completed', 'failed', 'cancelled')
            """)
        .bind("id", id.value())
        .bind("status", status.wireName())
        .bind("seq", runSeq)
        .bind("code", code)
        .bind("message", message)
        .execute();
  }

  /** The current run is no more; the operation waits for its next attempt. */
  public void backToPending(Handle handle, OperationId id, int settledAttempt) {
    handle
        .createUpdate(
            """
            update operations
            set status = 'pending', run_id = null, run_seq = 0, worker_id = null,
                attempt = greatest(attempt, :settled), settled_attempt = :settled,
                progress = :progress::jsonb, progress_at = now()
            where id = :id and status not in ('completed', 'failed', 'cancelled')
            """)
        .bind("id", id.value())
        .bind("settled", settledAttempt)
        .bind("progress", write(Progress.initializing()))
        .execute();
  }

  /** Adds to the operation's history; an event that is there already changes nothing. */
  public void appendEvent(
      Handle handle,
      OperationId id,
      UUID eventId,
      String type,
      @Nullable Integer attempt,
      @Nullable RunId run,
      @Nullable String workerId,
      JsonNode payload) {
    handle
        .createUpdate(
            """
            with next as (
              update operations set last_event_seq = last_event_seq + 1
              where id = :id
                and not exists (select 1 from operation_events where event_id = :event)
              returning last_event_seq
            )
            insert into operation_events
              (operation_id, seq, event_id, type, attempt, run_id, worker_id, payload)
            select :id, last_event_seq, :event, :type, :attempt::int, :run::uuid, :worker::text,
                   :payload::jsonb
            from next
            """)
        .bind("id", id.value())
        .bind("event", eventId)
        .bind("type", type)
        .bind("attempt", attempt)
        .bind("run", run == null ? null : run.value())
        .bind("worker", workerId)
        .bind("payload", payload.toString())
        .execute();
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
        result);
  }

  private static @Nullable Instant instant(ResultSet rs, String column) throws SQLException {
    Timestamp time = rs.getTimestamp(column);
    return time == null ? null : time.toInstant();
  }

  private static @Nullable JsonNode json(@Nullable String text) {
    return text == null ? null : read(text, JsonNode.class);
  }

  private static String write(Object value) {
    try {
      return Json.mapper().writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a column of ours cannot be written", e);
    }
  }

  private static <T> T read(String text, Class<T> type) {
    try {
      return Json.mapper().readValue(text, type);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a column of ours cannot be read", e);
    }
  }
}
