package io.ktrdr.api.outbox;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.MessageCodec;
import io.ktrdr.protocol.OperationCommand;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.amqp.Letter;
import io.ktrdr.protocol.amqp.Topology;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The table {@code outbox}. Every method works in the caller's transaction. */
public final class OutboxStore {

  /** How long a published message is kept for people who wonder. */
  private static final Duration KEPT = Duration.ofHours(1);

  private static final double MILLIS_PER_SECOND = 1000.0;
  private static final TypeReference<Map<String, Object>> HEADERS = new TypeReference<>() {};

  private final MessageCodec codec;

  public OutboxStore(MessageCodec codec) {
    this.codec = codec;
  }

  /** A message that waits. */
  record Waiting(
      long id,
      String operationId,
      String exchange,
      String routingKey,
      Map<String, Object> headers,
      String body) {}

  /**
   * An operation to be asked for.
   *
   * @param route routing key of its messages
   * @param traceparent where its trace begins; null when it has none
   */
  public record Run(
      OperationId id, OperationType type, String route, @Nullable String traceparent) {}

  /**
   * Asks for a worker to run this operation, once the caller's transaction commits.
   *
   * @param wait not before this has passed
   */
  public void appendRun(Handle handle, OperationId id, OperationType type, Duration wait) {
    handle
        .createUpdate(
            """
            insert into outbox (operation_id, exchange, routing_key, body, available_at, headers)
            select id, :exchange, queue, :body::jsonb, now() + make_interval(secs => :wait),
                   case when traceparent is null then '{}'::jsonb
                   else jsonb_build_object('traceparent', traceparent) end
            from operations where id = :operation
            """)
        .bind("operation", id.value())
        .bind("exchange", Topology.OPERATIONS_EXCHANGE)
        .bind("body", body(id, type, now(handle)))
        .bind("wait", wait.toMillis() / MILLIS_PER_SECOND)
        .execute();
  }

  /** Asks for workers to run all of these, in one statement. */
  public void appendRuns(Handle handle, List<Run> runs) {
    Instant now = now(handle);
    handle
        .createUpdate(
            """
            insert into outbox (operation_id, exchange, routing_key, body, headers)
            select id, :exchange, key, body::jsonb,
                   case when trace is null then '{}'::jsonb
                   else jsonb_build_object('traceparent', trace) end
            from unnest(:ids, :keys, :bodies, :traces) as run(id, key, body, trace)
            """)
        .bind("exchange", Topology.OPERATIONS_EXCHANGE)
        .bindArray("ids", String.class, runs.stream().map(run -> run.id().value()).toList())
        .bindArray("keys", String.class, runs.stream().map(Run::route).toList())
        .bindArray(
            "bodies",
            String.class,
            runs.stream().map(run -> body(run.id(), run.type(), now)).toList())
        .bindArray("traces", String.class, each(runs, Run::traceparent))
        .execute();
  }

  /**
   * Parks the message of an operation that has failed for good where people look for such messages.
   *
   * @param reason for them
   */
  public void appendDeadLetter(Handle handle, OperationId id, OperationType type, String reason) {
    handle
        .createUpdate(
            """
            insert into outbox (operation_id, exchange, routing_key, body, headers)
            select id, :exchange, :queue || queue, :body::jsonb,
                   jsonb_build_object(:header::text, :reason::text)
            from operations where id = :operation
            """)
        .bind("operation", id.value())
        .bind("exchange", Topology.DEAD_LETTER_EXCHANGE)
        .bind("queue", Topology.queueOf(""))
        .bind("body", body(id, type, now(handle)))
        .bind("header", Letter.REASON_HEADER)
        .bind("reason", reason)
        .execute();
  }

  private static <R extends @Nullable Object> List<R> each(
      List<Run> runs, Function<Run, R> column) {
    // Not toList: a column may hold nulls.
    return runs.stream().map(column).collect(Collectors.toList());
  }

  private String body(OperationId id, OperationType type, Instant now) {
    return new String(
        codec.encode(new OperationCommand.RunOperation(id, type, now)), StandardCharsets.UTF_8);
  }

  private static Instant now(Handle handle) {
    return handle.select("select clock_timestamp()").mapTo(Instant.class).one();
  }

  /** How long the message that should have been published first has waited; empty if none waits. */
  public Optional<Duration> oldestWaitingAge(Handle handle) {
    return handle
        .createQuery(
            """
            select extract(epoch from clock_timestamp() - min(available_at)) as seconds
            from outbox
            where published_at is null and available_at <= clock_timestamp()
            """)
        .map((rs, _) -> {
          double seconds = rs.getDouble("seconds");
          return rs.wasNull()
              ? Optional.<Duration>empty()
              : Optional.of(Duration.ofMillis((long) (seconds * MILLIS_PER_SECOND)));
        })
        .one();
  }

  /** The messages that are due, locked; those another relay has in hand are passed over. */
  List<Waiting> lockWaiting(Handle handle, int max) {
    return handle
        .createQuery(
            """
            select id, operation_id, exchange, routing_key, body,
                   case jsonb_typeof(headers) when 'object' then headers else '{}' end as headers
            from outbox
            where published_at is null and available_at <= clock_timestamp()
            order by available_at, id
            limit :max
            for no key update skip locked
            """)
        .bind("max", max)
        .map((rs, _) ->
            new Waiting(
                rs.getLong("id"),
                rs.getString("operation_id"),
                rs.getString("exchange"),
                rs.getString("routing_key"),
                headers(rs.getString("headers")),
                rs.getString("body")))
        .list();
  }

  /**
   * The broker has them. Operations somebody else has locked are passed over: waiting for them here
   * could be waiting for each other.
   */
  void markPublished(Handle handle, List<Long> ids) {
    handle
        .createUpdate(
            """
            with published as (
              update outbox
              set published_at = clock_timestamp(), tries = tries + 1, last_error = null
              where id = any(:ids)
              returning operation_id, exchange
            ), queued as (
              select o.id from operations o
              where o.queued_at is null
                and o.id in (select operation_id from published where exchange = :exchange)
              order by o.id
              for no key update skip locked
            )
            update operations set queued_at = clock_timestamp()
            where id in (select id from queued)
            """)
        .bindArray("ids", Long.class, ids)
        .bind("exchange", Topology.OPERATIONS_EXCHANGE)
        .execute();
  }

  /**
   * One that the broker does not take although it takes others: tried again, less and less often.
   */
  void postpone(Handle handle, long id, String error) {
    handle
        .createUpdate(
            """
            update outbox
            set tries = tries + 1, last_error = :error,
                available_at = clock_timestamp()
                  + least(interval '1 second' * power(2, least(tries, 10)), interval '1 minute')
            where id = :id
            """)
        .bind("id", id)
        .bind("error", error)
        .execute();
  }

  /** Notes why the oldest message still waits. */
  void noteOldestWaits(Handle handle, String reason) {
    handle
        .createUpdate(
            """
            update outbox set last_error = :reason
            where id = (select id from outbox where published_at is null
                        order by available_at, id limit 1 for no key update skip locked)
              and last_error is distinct from :reason
            """)
        .bind("reason", reason)
        .execute();
  }

  /**
   * How far a look through the table has come.
   *
   * @param lastId the newest message looked at; 0 when there were none, or only young ones
   * @param removed how many were deleted
   */
  public record Pruned(long lastId, int removed) {}

  /**
   * Looks at the next messages and forgets those published an hour ago whose operation has ended.
   * Those of other operations stay, because they say that a message is in a queue.
   *
   * @param afterId where the last look ended
   * @param max most messages to look at
   */
  public Pruned prune(Handle handle, long afterId, int max) {
    return handle
        .createQuery(
            """
            with page as (
              select id, operation_id, published_at from outbox
              where id > :after order by id limit :max
            ), gone as (
              delete from outbox using page, operations o
              where outbox.id = page.id and o.id = page.operation_id
                and page.published_at < now() - make_interval(secs => :kept)
                and o.completed_at is not null
              returning outbox.id
            )
            select (select max(id) from page) as last_id,
                   (select coalesce(max(published_at) < now() - make_interval(secs => :kept), false)
                    from page) as old,
                   (select count(*) from gone) as removed
            """)
        .bind("after", afterId)
        .bind("max", max)
        .bind("kept", KEPT.toSeconds())
        .map((rs, _) ->
            new Pruned(rs.getBoolean("old") ? rs.getLong("last_id") : 0, rs.getInt("removed")))
        .one();
  }

  private static Map<String, Object> headers(String json) {
    try {
      return Json.mapper().readValue(json, HEADERS);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a column of ours cannot be read", e);
    }
  }
}
