package io.ktrdr.api.explain;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.api.operation.Operation;
import io.ktrdr.api.operation.OperationViewStore;
import io.ktrdr.protocol.Demand;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;
import org.jspecify.annotations.Nullable;

/** Reads what bears on an operation, all as of one moment. Thread-safe. */
public final class ExplainStore {

  /** More workers of one type than this are not looked at. */
  private static final int WORKERS_MAX = 1000;

  /** The order in which pending operations come: a retry counts from when it is due. */
  private static final String TURN =
      "greatest(%1$s.pending_since, %1$s.next_attempt_at), %1$s.created_at, %1$s.id";

  private static final String AHEAD =
      """
      from operations o join operations me on me.id = :id
      where o.status = 'pending' and o.type = me.type and (%s) < (%s)
      """
          .formatted(TURN.formatted("o"), TURN.formatted("me"));

  private final Jdbi jdbi;
  private final OperationViewStore operations;

  public ExplainStore(Jdbi jdbi, OperationViewStore operations) {
    this.jdbi = jdbi;
    this.operations = operations;
  }

  private record Clock(Instant now, @Nullable Double runSeconds) {}

  /** Empty when there is no such operation. */
  Optional<Situation> find(OperationId id) {
    return jdbi.inTransaction(
        TransactionIsolationLevel.REPEATABLE_READ,
        handle -> operations.find(handle, id).map(operation -> situation(handle, operation)));
  }

  private static Situation situation(Handle handle, Operation operation) {
    OperationId id = operation.id();
    String type = operation.type().wireName();
    Clock clock = clock(handle, id);
    boolean pending = operation.status() == OperationStatus.PENDING;
    return new Situation(
        operation,
        clock.now(),
        demand(operation.demand()),
        pending ? ahead(handle, id) : 0,
        pending ? jobsAhead(handle, id) : List.of(),
        workers(handle, type),
        dispatch(handle, type),
        history(handle, type),
        clock.runSeconds());
  }

  private static Clock clock(Handle handle, OperationId id) {
    return handle
        .createQuery(
            """
            select now() as now, extract(epoch from now() - r.claimed_at) as run_seconds
            from operations o left join runs r on r.operation_id = o.id and r.ended_at is null
            where o.id = :id
            """)
        .bind("id", id.value())
        .map((rs, _) ->
            new Clock(
                rs.getTimestamp("now").toInstant(),
                rs.getObject("run_seconds") == null ? null : rs.getDouble("run_seconds")))
        .one();
  }

  private static int ahead(Handle handle, OperationId id) {
    return handle
        .createQuery("select count(*) %s and o.queue = me.queue".formatted(AHEAD))
        .bind("id", id.value())
        .mapTo(Integer.class)
        .one();
  }

  private static List<Demand> jobsAhead(Handle handle, OperationId id) {
    return handle
        .createQuery(
            "select coalesce(o.demand, '{}') as demand %s order by %s limit :max"
                .formatted(AHEAD, TURN.formatted("o")))
        .bind("id", id.value())
        .bind("max", StartEstimate.AHEAD_MAX + 1)
        .map((rs, _) -> demand(read(rs.getString("demand"))))
        .list();
  }

  private static List<Situation.Worker> workers(Handle handle, String type) {
    return handle
        .createQuery(
            """
            select w.worker_id, w.capabilities, w.subscribed,
                   extract(epoch from lease_silence(w.last_heartbeat_at)) as silent_seconds,
                   w.draining or d.worker_id is not null as draining,
                   coalesce(r.operation_id, w.current_operation_id) as operation_id,
                   extract(epoch from now() - r.claimed_at) as busy_seconds,
                   (o.progress ->> 'percentage')::double precision as percentage
            from workers w
            left join worker_drains d
              on d.worker_id = w.worker_id and d.instance_id = w.instance_id
            left join runs r on r.worker_instance = w.instance_id and r.ended_at is null
            left join operations o on o.id = r.operation_id
            where w.worker_type = :type
            order by length(w.worker_id), w.worker_id
            limit :max
            """)
        .bind("type", type)
        .bind("max", WORKERS_MAX)
        .map((rs, _) ->
            new Situation.Worker(
                rs.getString("worker_id"),
                read(rs.getString("capabilities")),
                Duration.ofMillis((long) (rs.getDouble("silent_seconds") * 1000)),
                rs.getBoolean("subscribed"),
                rs.getBoolean("draining"),
                rs.getString("operation_id"),
                rs.getObject("busy_seconds") == null ? null : rs.getDouble("busy_seconds"),
                rs.getObject("percentage", Double.class)))
        .list();
  }

  private static Situation.Dispatch dispatch(Handle handle, String type) {
    return handle
        .createQuery(
            """
            select coalesce(bool_and(accepting), true) as accepting,
                   coalesce(bool_and(dispatching), true) as dispatching,
                   string_agg(reason, '; ' order by scope)
                     filter (where not accepting or not dispatching) as reason
            from dispatch_controls
            where scope in ('*', :type)
            """)
        .bind("type", type)
        .map((rs, _) ->
            new Situation.Dispatch(
                rs.getBoolean("accepting"), rs.getBoolean("dispatching"), rs.getString("reason")))
        .one();
  }

  private static List<Double> history(Handle handle, String type) {
    return handle
        .createQuery(
            """
            select extract(epoch from r.ended_at - r.claimed_at)::double precision as seconds
            from (
              select id from operations
              where type = :type and status = 'completed'
              order by completed_at desc limit :max
            ) o join runs r on r.operation_id = o.id and r.outcome = 'completed'
            """)
        .bind("type", type)
        .bind("max", StartEstimate.HISTORY_MAX)
        .mapTo(Double.class)
        .list();
  }

  private static Demand demand(@Nullable JsonNode json) {
    try {
      return json == null ? Demand.NONE : Json.mapper().treeToValue(json, Demand.class);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a column of ours cannot be read", e);
    }
  }

  private static JsonNode read(String json) {
    try {
      return Json.mapper().readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a column of ours cannot be read", e);
    }
  }
}
