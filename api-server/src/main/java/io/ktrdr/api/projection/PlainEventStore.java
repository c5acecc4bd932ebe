package io.ktrdr.api.projection;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.api.operation.OperationLifecycle.Standing;
import io.ktrdr.api.operation.OperationObserver.Happening;
import io.ktrdr.protocol.EventHeader;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationStatus;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.Progress;
import io.ktrdr.protocol.RunId;
import io.ktrdr.protocol.Sha256;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Many operations at once: what {@code OperationStore} does for one, in a statement each. Every
 * method works in the caller's transaction.
 */
final class PlainEventStore {

  private static final double MILLIS_PER_SECOND = 1000.0;

  /** An operation locked for a change of state. */
  record Locked(
      OperationId id,
      OperationType type,
      Standing standing,
      int settledAttempt,
      double percentage,
      long lastEventSeq) {}

  /**
   * What an operation becomes.
   *
   * @param last event of it that counts
   * @param progress null when it has not changed
   * @param result null unless it is completed now
   */
  record Changed(
      EventHeader last,
      OperationStatus status,
      int settledAttempt,
      @Nullable String progress,
      @Nullable String result,
      long lastEventSeq) {}

  /** A line of an operation's history. */
  record Line(EventHeader header, long seq, String type, JsonNode payload) {}

  /** Locks the rows, in the order of their ids, until the caller's transaction ends. */
  List<Locked> lock(Handle handle, Collection<OperationId> ids) {
    return handle
        .createQuery(
            """
            select id, type, status, attempt, run_id, run_seq, settled_attempt, last_event_seq,
                   (progress ->> 'percentage')::float8 as percentage
            from operations where id = any(:ids) order by id for update
            """)
        .bindArray("ids", String.class, ids.stream().map(OperationId::value).toList())
        .map((rs, _) -> {
          String run = rs.getString("run_id");
          return new Locked(
              OperationId.parse(rs.getString("id")),
              OperationType.parse(rs.getString("type")),
              new Standing(
                  OperationStatus.parse(rs.getString("status")),
                  rs.getInt("attempt"),
                  run == null ? null : RunId.parse(run),
                  rs.getLong("run_seq")),
              rs.getInt("settled_attempt"),
              rs.getDouble("percentage"),
              rs.getLong("last_event_seq"));
        })
        .list();
  }

  /** Those of the runs that nobody took away. Locks their rows, so that the answer stays true. */
  Set<RunId> notTakenAway(Handle handle, Collection<RunId> runs) {
    return new HashSet<>(
        handle
            .createQuery(
                """
                select run_id from runs
                where run_id = any(:runs) and coalesce(outcome, '') not in ('lost', 'released')
                order by run_id for share
                """)
            .bindArray("runs", UUID.class, runs.stream().map(RunId::value).toList())
            .map((rs, _) -> RunId.parse(rs.getString("run_id")))
            .list());
  }

  /** Those of the artifacts that there are. */
  Set<Sha256> existing(Handle handle, Collection<Sha256> artifacts) {
    if (artifacts.isEmpty()) {
      return Set.of();
    }
    return new HashSet<>(
        handle
            .createQuery("select sha256 from artifacts where sha256 = any(:digests)")
            .bindArray("digests", String.class, artifacts.stream().map(Sha256::hex).toList())
            .map((rs, _) -> new Sha256(rs.getString("sha256")))
            .list());
  }

  /**
   * @return what happens to operations with this
   */
  List<Happening> change(Handle handle, List<Changed> changes) {
    return handle
        .createQuery(
            """
            update operations o
            set status = c.status, attempt = c.attempt, run_id = c.run, run_seq = c.run_seq,
                settled_attempt = c.settled, worker_id = c.worker, next_attempt_at = null,
                started_at = coalesce(o.started_at, r.claimed_at, now()),
                progress = coalesce(c.progress::jsonb, o.progress)
                  || case when c.result is null then '{}'
                     else jsonb_build_object('percentage', 100.0, 'current_step', :step::text) end,
                progress_at =
                  case when c.progress is null and c.result is null then o.progress_at
                  else now() end,
                completed_at = case when c.result is not null then now() end,
                result = c.result::jsonb, last_event_seq = c.last_event_seq
            from unnest(:ids, :statuses, :attempts, :runs, :run_seqs, :settled, :workers,
                        :progresses, :results, :last_event_seqs)
              as c(id, status, attempt, run, run_seq, settled, worker, progress, result,
                   last_event_seq)
              join operations was on was.id = c.id
              left join runs r on r.run_id = c.run
            where o.id = c.id
            returning o.type, o.status,
              extract(epoch from o.completed_at - o.started_at)::float8 as seconds,
              extract(epoch from r.ended_at - r.claimed_at)::float8 as ran,
              case when was.run_id is distinct from c.run then
                extract(epoch from greatest(interval '0', coalesce(r.claimed_at, now())
                  - greatest(was.pending_since, was.next_attempt_at,
                      (select max(p.ended_at) from runs p
                       where p.operation_id = c.id and p.attempt < c.attempt))))::float8
              end as waited
            """)
        .bind("step", Progress.STEP_COMPLETED)
        .bindArray("ids", String.class, each(changes, c -> c.last().operationId().value()))
        .bindArray("statuses", String.class, each(changes, c -> c.status().wireName()))
        .bindArray("attempts", Integer.class, each(changes, c -> c.last().attempt()))
        .bindArray("runs", UUID.class, each(changes, c -> c.last().runId().value()))
        .bindArray("run_seqs", Long.class, each(changes, c -> c.last().seq()))
        .bindArray("settled", Integer.class, each(changes, Changed::settledAttempt))
        .bindArray("workers", String.class, each(changes, c -> c.last().workerId().value()))
        .bindArray("progresses", String.class, each(changes, Changed::progress))
        .bindArray("results", String.class, each(changes, Changed::result))
        .bindArray("last_event_seqs", Long.class, each(changes, Changed::lastEventSeq))
        .map((rs, _) -> happenings(rs))
        .list()
        .stream()
        .flatMap(List::stream)
        .toList();
  }

  private static List<Happening> happenings(ResultSet rs) throws SQLException {
    OperationType type = OperationType.parse(rs.getString("type"));
    OperationStatus status = OperationStatus.parse(rs.getString("status"));
    List<Happening> happenings = new ArrayList<>();
    duration(rs, "waited")
        .ifPresent(waited -> happenings.add(new Happening.RunBegan(type, waited)));
    if (status.isTerminal()) {
      happenings.add(new Happening.RunEnded(type, status.wireName(), duration(rs, "ran")));
      happenings.add(new Happening.Ended(type, status, duration(rs, "seconds")));
    }
    return happenings;
  }

  private static Optional<Duration> duration(ResultSet rs, String column) throws SQLException {
    return Optional.ofNullable(rs.getObject(column, Double.class))
        .map(seconds -> Duration.ofMillis((long) (seconds * MILLIS_PER_SECOND)));
  }

  /** Adds to the histories of operations. */
  void append(Handle handle, List<Line> lines) {
    handle
        .createUpdate(
            """
            insert into operation_events
              (operation_id, seq, event_id, type, attempt, run_id, worker_id, payload)
            select id, seq, event, type, attempt, run, worker, payload::jsonb
            from unnest(:ids, :seqs, :events, :types, :attempts, :runs, :workers, :payloads)
              as line(id, seq, event, type, attempt, run, worker, payload)
            """)
        .bindArray("ids", String.class, each(lines, l -> l.header().operationId().value()))
        .bindArray("seqs", Long.class, each(lines, Line::seq))
        .bindArray("events", UUID.class, each(lines, l -> l.header().eventId()))
        .bindArray("types", String.class, each(lines, Line::type))
        .bindArray("attempts", Integer.class, each(lines, l -> l.header().attempt()))
        .bindArray("runs", UUID.class, each(lines, l -> l.header().runId().value()))
        .bindArray("workers", String.class, each(lines, l -> l.header().workerId().value()))
        .bindArray("payloads", String.class, each(lines, l -> l.payload().toString()))
        .execute();
  }

  private static <T, R extends @Nullable Object> List<R> each(List<T> rows, Function<T, R> column) {
    // Not List.of: a column may hold nulls.
    return rows.stream().map(column).collect(Collectors.toList());
  }
}
