package io.ktrdr.api.operation;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.api.operation.OperationObserver.Happening;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.RunId;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The table {@code operation_events}. Works in the caller's transaction. */
final class HistoryStore {

  private static final double MILLIS_PER_SECOND = 1000.0;
  private static final Set<String> TAKEN_FROM_RUN =
      Set.of("run.lost", "run.released", "run.failed");
  private static final Set<String> ENDS =
      Set.of("operation.completed", "operation.failed", "operation.cancelled");
  private static final String DISCARDED = "result.discarded";

  /** A line of an operation's history. */
  record Line(
      OperationId operation,
      UUID event,
      String type,
      @Nullable Integer attempt,
      @Nullable RunId run,
      @Nullable String workerId,
      JsonNode payload) {}

  /**
   * Adds it, unless it is there already.
   *
   * @return what this says has happened to a run, if it says so for the first time
   */
  Optional<Happening> append(Handle handle, Line line) {
    RunId run = line.run();
    return handle
        .createQuery(
            """
            with next as (
              update operations set last_event_seq = last_event_seq + 1
              where id = :id
                and not exists (select 1 from operation_events where event_id = :event)
              returning last_event_seq, type as operation_type
            ), added as (
              insert into operation_events
                (operation_id, seq, event_id, type, attempt, run_id, worker_id, payload)
              select :id, last_event_seq, :event, :type, :attempt::int, :run::uuid, :worker::text,
                     :payload::jsonb
              from next
            )
            select next.operation_type,
                   extract(epoch from r.ended_at - r.claimed_at)::float8 as seconds
            from next left join runs r on r.run_id = :run::uuid
            """)
        .bind("id", line.operation().value())
        .bind("event", line.event())
        .bind("type", line.type())
        .bind("attempt", line.attempt())
        .bind("run", run == null ? null : run.value())
        .bind("worker", line.workerId())
        .bind("payload", line.payload().toString())
        .map((rs, _) ->
            happening(
                line.type(),
                OperationType.parse(rs.getString("operation_type")),
                run != null,
                duration(rs.getObject("seconds", Double.class))))
        .findOne()
        .flatMap(happening -> happening);
  }

  private static Optional<Happening> happening(
      String event, OperationType type, boolean ofRun, Optional<Duration> ran) {
    if (event.equals(DISCARDED)) {
      return Optional.of(new Happening.ResultDiscarded(type));
    }
    boolean endsRun = TAKEN_FROM_RUN.contains(event) || (ENDS.contains(event) && ofRun);
    return endsRun
        ? Optional.of(new Happening.RunEnded(type, event.substring(event.indexOf('.') + 1), ran))
        : Optional.empty();
  }

  private static Optional<Duration> duration(@Nullable Double seconds) {
    return Optional.ofNullable(seconds).map(s -> Duration.ofMillis((long) (s * MILLIS_PER_SECOND)));
  }
}
