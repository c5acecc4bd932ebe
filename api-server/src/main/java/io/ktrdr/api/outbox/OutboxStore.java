package io.ktrdr.api.outbox;

import io.ktrdr.protocol.MessageCodec;
import io.ktrdr.protocol.OperationCommand;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.amqp.Topology;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The table {@code outbox}. Every method works in the caller's transaction. */
public final class OutboxStore {

  private static final double MILLIS_PER_SECOND = 1000.0;

  private final MessageCodec codec;

  public OutboxStore(MessageCodec codec) {
    this.codec = codec;
  }

  /** A message that waits. */
  record Waiting(long id, String operationId, String exchange, String routingKey, String body) {}

  /**
   * Asks for a worker to run this operation, once the caller's transaction commits.
   *
   * @param wait not before this has passed
   */
  public void appendRun(Handle handle, OperationId id, OperationType type, Duration wait) {
    Instant now = handle.select("select clock_timestamp()").mapTo(Instant.class).one();
    byte[] body = codec.encode(new OperationCommand.RunOperation(id, type, now));
    handle
        .createUpdate(
            """
            insert into outbox (operation_id, exchange, routing_key, body, available_at)
            values (:operation, :exchange, :key, :body::jsonb,
                    now() + make_interval(secs => :wait))
            """)
        .bind("operation", id.value())
        .bind("exchange", Topology.OPERATIONS_EXCHANGE)
        .bind("key", type.wireName())
        .bind("body", new String(body, StandardCharsets.UTF_8))
        .bind("wait", wait.toMillis() / MILLIS_PER_SECOND)
        .execute();
  }

  /** How long the message that should have been published first has waited; empty if none waits. */
  public Optional<Duration> oldestWaitingAge(Handle handle) {
    return handle
        .createQuery(
            """
            select extract(epoch from clock_timestamp() - min(created_at)) as seconds
            from outbox
            where published_at is null
            """)
        .map((rs, _) -> {
          double seconds = rs.getDouble("seconds");
          return rs.wasNull()
              ? Optional.<Duration>empty()
              : Optional.of(Duration.ofMillis((long) (seconds * 1000)));
        })
        .one();
  }

  /** The oldest waiting messages, locked; those another relay has in hand are passed over. */
  List<Waiting> lockWaiting(Handle handle, int max) {
    return handle
        .createQuery(
            """
            select id, operation_id, exchange, routing_key, body
            from outbox
            where published_at is null and available_at <= now()
            order by available_at, id
            limit :max
            for update skip locked
            """)
        .bind("max", max)
        .map((rs, _) ->
            new Waiting(
                rs.getLong("id"),
                rs.getString("operation_id"),
                rs.getString("exchange"),
                rs.getString("routing_key"),
                rs.getString("body")))
        .list();
  }

  void markPublished(Handle handle, List<Long> ids, List<String> operationIds) {
    handle
        .createUpdate(
            "update outbox set published_at = now(), tries = tries + 1 where id = any(:ids)")
        .bindArray("ids", Long.class, ids)
        .execute();
    handle
        .createUpdate(
            """
            update operations set queued_at = now() where id = any(:ids) and queued_at is null
            """)
        .bindArray("ids", String.class, operationIds)
        .execute();
  }

  void markFailed(Handle handle, long id, String error) {
    handle
        .createUpdate("update outbox set tries = tries + 1, last_error = :error where id = :id")
        .bind("id", id)
        .bind("error", error)
        .execute();
  }

  /** Forgets messages published longer ago than a day. */
  public int prune(Handle handle) {
    return handle
        .createUpdate("delete from outbox where published_at < now() - interval '1 day'")
        .execute();
  }
}
