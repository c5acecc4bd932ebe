package io.ktrdr.api.operation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.api.access.Actor;
import io.ktrdr.api.operation.OperationObserver.Happening;
import io.ktrdr.protocol.Demand;
import io.ktrdr.protocol.Failure;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.OperationStatus;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.Progress;
import io.ktrdr.protocol.RunId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/**
 * Writes the table {@code operations} and its history. Every method works in the caller's
 * transaction.
 */
public final class OperationStore {

  private static final double MILLIS_PER_SECOND = 1000.0;

  private final HistoryStore history = new HistoryStore();
  private final OperationObserver observer;

  /** Tells nobody what happens. */
  public OperationStore() {
    this(_ -> {});
  }

  public OperationStore(OperationObserver observer) {
    this.observer = observer;
  }

  /** To be called by whoever else changes operations: passes it on once that is committed. */
  public void happened(Handle handle, List<? extends Happening> all) {
    if (!all.isEmpty()) {
      handle.afterCommit(() -> all.forEach(observer::happened));
    }
  }

  private void ended(Handle handle, Query endings) {
    happened(
        handle,
        endings
            .map((rs, _) -> {
              Double seconds = rs.getObject("seconds", Double.class);
              return new Happening.Ended(
                  OperationType.parse(rs.getString("type")),
                  OperationStatus.parse(rs.getString("status")),
                  Optional.ofNullable(seconds).map(OperationStore::duration));
            })
            .list());
  }

  private static Duration duration(double seconds) {
    return Duration.ofMillis((long) (seconds * MILLIS_PER_SECOND));
  }

  /** An operation locked for a change of state. */
  public record Locked(
      OperationId id,
      OperationType type,
      OperationSpec spec,
      OperationLifecycle.Standing standing,
      int settledAttempt,
      int maxAttempts,
      int attemptsForgiven,
      double percentage) {}

  /** An operation that begins. */
  record New(
      OperationId id,
      Accepted accepted,
      int maxAttempts,
      Actor actor,
      @Nullable String traceparent) {}

  /** Writes new operations with the beginning of their history, in one statement. */
  void insertAll(Handle handle, List<New> all) {
    handle
        .createUpdate(
            """
            with inserted as (
              insert into operations
                (id, type, status, spec, metadata, warnings, max_attempts, progress,
                 queue_timeout_seconds, run_timeout_seconds, progress_timeout_seconds,
                 demand, queue, traceparent, submitted_by, last_event_seq)
              select id, type, 'pending', spec::jsonb, metadata::jsonb, warnings::jsonb, attempts,
                     :progress::jsonb, waits, run, silence, demand::jsonb, route, trace, actor, 1
              from unnest(:ids, :types, :specs, :metadata, :warnings, :attempts, :waits, :runs,
                          :silences, :demands, :routes, :traces, :actors)
                as n(id, type, spec, metadata, warnings, attempts, waits, run, silence, demand,
                     route, trace, actor)
              returning id
            )
            insert into operation_events (operation_id, seq, event_id, type)
            select id, 1, gen_random_uuid(), 'operation.submitted' from inserted
            """)
        .bindArray("ids", String.class, each(all, n -> n.id().value()))
        .bindArray("types", String.class, each(all, n -> type(n).wireName()))
        .bindArray("specs", String.class, each(all, n -> write(n.accepted().spec())))
        .bindArray("metadata", String.class, each(all, n -> n.accepted().metadata().toString()))
        .bindArray("warnings", String.class, each(all, n -> write(n.accepted().warnings())))
        .bindArray("attempts", Integer.class, each(all, New::maxAttempts))
        .bindArray("waits", Integer.class, each(all, n -> n.accepted().timeouts().queueSeconds()))
        .bindArray("runs", Integer.class, each(all, n -> n.accepted().timeouts().runSeconds()))
        .bindArray(
            "silences", Integer.class, each(all, n -> n.accepted().timeouts().progressSeconds()))
        .bindArray("demands", String.class, each(all, n -> demand(n.accepted().demand())))
        .bindArray("routes", String.class, each(all, n -> n.accepted().route()))
        .bindArray("traces", String.class, each(all, New::traceparent))
        .bindArray("actors", String.class, each(all, n -> n.actor().name()))
        .bind("progress", write(Progress.initializing()))
        .execute();
  }

  private static @Nullable String demand(Demand demand) {
    return demand.isNone() ? null : write(demand);
  }

  private static OperationType type(New operation) {
    return operation.accepted().spec().operationType();
  }

  private static <R extends @Nullable Object> List<R> each(List<New> all, Function<New, R> column) {
    // Not List.of: a column may hold nulls.
    return all.stream().map(column).collect(Collectors.toList());
  }

  /** Locks the row until the caller's transaction ends. */
  public Optional<Locked> lock(Handle handle, OperationId id) {
    return handle
        .createQuery(
            """
            select id, type, spec, status, attempt, run_id, run_seq, settled_attempt, max_attempts,
                   attempts_forgiven, (progress ->> 'percentage')::float8 as percentage
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
              rs.getInt("attempts_forgiven"),
              rs.getDouble("percentage"));
        })
        .findOne();
  }

  /**
   * A run reported in for the first time: its events count from now on. When it started is read
   * from its claim: a worker's clock may be wrong.
   */
  public void adoptRun(
      Handle handle,
      OperationId id,
      OperationStatus status,
      int attempt,
      RunId run,
      String workerId) {
    happened(
        handle,
        handle
            .createQuery(
                """
                with was as (
                  select o.id, greatest(o.pending_since, o.next_attempt_at,
                    (select max(p.ended_at) from runs p
                     where p.operation_id = o.id and p.attempt < :attempt)) as since
                  from operations o where o.id = :id
                )
                update operations o
                set status = :status, attempt = :attempt, run_id = :run, run_seq = 0,
                    settled_attempt = :attempt - 1, worker_id = :worker, next_attempt_at = null,
                    started_at = coalesce(o.started_at, r.claimed_at, now()),
                    progress = :progress::jsonb, progress_at = now()
                from was left join runs r on r.run_id = :run
                where o.id = was.id
                returning o.type,
                  extract(epoch from greatest(coalesce(r.claimed_at, now()) - was.since,
                                              interval '0'))::float8 as seconds
                """)
            .bind("id", id.value())
            .bind("attempt", attempt)
            .bind("run", run.value())
            .bind("worker", workerId)
            .bind("status", status.wireName())
            .bind("progress", write(Progress.initializing()))
            .map((rs, _) ->
                new Happening.RunBegan(
                    OperationType.parse(rs.getString("type")), duration(rs.getDouble("seconds"))))
            .list());
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
    ended(
        handle,
        handle
            .createQuery(
                """
                update operations
                set status = 'completed', run_seq = :seq, settled_attempt = attempt,
                    completed_at = now(), result = :result::jsonb, progress_at = now(),
                    progress = progress
                      || jsonb_build_object('percentage', 100.0, 'current_step', :step::text)
                where id = :id and status not in ('completed', 'failed', 'cancelled')
                returning type, status,
                  extract(epoch from completed_at - started_at)::float8 as seconds
                """)
            .bind("id", id.value())
            .bind("seq", runSeq)
            .bind("result", result.toString())
            .bind("step", Progress.STEP_COMPLETED));
  }

  public void fail(Handle handle, OperationId id, long runSeq, Failure failure) {
    end(handle, id, runSeq, OperationStatus.FAILED, failure.code(), failure.message(), null);
  }

  /**
   * @param partialResult what was achieved by then; null for nothing
   */
  public void cancel(
      Handle handle, OperationId id, long runSeq, String reason, @Nullable JsonNode partialResult) {
    end(handle, id, runSeq, OperationStatus.CANCELLED, "CANCELLED", reason, partialResult);
  }

  private void end(
      Handle handle,
      OperationId id,
      long runSeq,
      OperationStatus status,
      String code,
      String message,
      @Nullable JsonNode result) {
    ended(
        handle,
        handle
            .createQuery(
                """
                update operations
                set status = :status, run_seq = :seq, settled_attempt = attempt,
                    completed_at = now(), next_attempt_at = null, error_code = :code, error_message = :message,
                    result = :result::jsonb
                where id = :id and status not in ('completed', 'failed', 'cancelled')
                returning type, status,
                  extract(epoch from completed_at - started_at)::float8 as seconds
                """)
            .bind("id", id.value())
            .bind("status", status.wireName())
            .bind("seq", runSeq)
            .bind("code", code)
            .bind("message", message)
            .bind("result", result == null ? null : result.toString()));
  }

  /** Somebody wants it ended; its run has still to be told. */
  public void askCancel(Handle handle, OperationId id, String reason) {
    handle
        .createUpdate(
            """
            update operations
            set status = 'cancelling', cancel_requested_at = now(), cancel_reason = :reason
            where id = :id and status in ('pending', 'running')
            """)
        .bind("id", id.value())
        .bind("reason", reason)
        .execute();
  }

  /**
   * The current run is no more; the operation waits for its next attempt.
   *
   * @param wait not before this has passed
   */
  public void backToPending(Handle handle, OperationId id, int settledAttempt, Duration wait) {
    handle
        .createUpdate(
            """
            update operations
            set status = 'pending', run_id = null, run_seq = 0, worker_id = null,
                attempt = greatest(attempt, :settled), settled_attempt = :settled,
                queued_at = null, pending_since = now(),
                next_attempt_at =
                  case when :wait > 0 then now() + make_interval(secs => :wait) end,
                progress = :progress::jsonb, progress_at = now()
            where id = :id and status not in ('completed', 'failed', 'cancelled')
            """)
        .bind("id", id.value())
        .bind("settled", settledAttempt)
        .bind("wait", wait.toMillis() / MILLIS_PER_SECOND)
        .bind("progress", write(Progress.initializing()))
        .execute();
  }

  /**
   * An operation that had ended begins anew, with all its attempts.
   *
   * @param highestAttempt of its runs so far
   * @param fromCheckpoint true when the next attempt may go on from an earlier one's checkpoint
   */
  public void reopen(Handle handle, OperationId id, int highestAttempt, boolean fromCheckpoint) {
    handle
        .createUpdate(
            """
            update operations
            set status = 'pending', run_id = null, run_seq = 0, worker_id = null,
                attempt = :highest, settled_attempt = :highest, attempts_forgiven = :highest,
                restarted_after_attempt =
                  case when :checkpoint then restarted_after_attempt else :highest end,
                queued_at = null, pending_since = now(), next_attempt_at = null,
                completed_at = null, result = null, error_code = null, error_message = null,
                cancel_requested_at = null, cancel_reason = null,
                progress = :progress::jsonb, progress_at = now()
            where id = :id and status in ('failed', 'cancelled')
            """)
        .bind("id", id.value())
        .bind("highest", highestAttempt)
        .bind("checkpoint", fromCheckpoint)
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
    history
        .append(handle, new HistoryStore.Line(id, eventId, type, attempt, run, workerId, payload))
        .ifPresent(happening -> happened(handle, List.of(happening)));
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
