package io.ktrdr.api.rescue;

import io.ktrdr.api.outbox.OutboxStore;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationType;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;

/**
 * Which operations should have a message in their queue. Every method works in the caller's
 * transaction.
 */
public final class DispatchStore {

  /** Nothing is under way for it: no run, and no message that has yet to be published. */
  private static final String IDLE =
      """
      o.status = 'pending'
      and not exists (select 1 from runs r
                      where r.operation_id = o.id and r.attempt > o.settled_attempt)
      and not exists (select 1 from outbox m
                      where m.operation_id = o.id and m.published_at is null)
      """;

  /** And nobody has said that it shall wait. */
  private static final String DISPATCHED =
      """
       and not exists (select 1 from dispatch_controls c
                       where c.scope in ('*', o.type) and not c.dispatching)
      """;

  /** Longer than a look at queue and database takes, so that both tell of the same messages. */
  private static final int PUBLISHED_SECONDS = 2;

  /** Operations of a route as the database has them. */
  public record Count(int pending, int running) {}

  /** Every route that an operation which has not ended is sent by. */
  List<String> routes(Handle handle) {
    return handle
        .createQuery(
            """
            select distinct queue from operations
            where status in ('pending', 'running', 'cancelling')
            """)
        .mapTo(String.class)
        .list();
  }

  /** How many operations of a route, published a while ago, wait for nothing but a worker. */
  int waiting(Handle handle, String route) {
    return handle
        .createQuery(
            """
            select count(*) from operations o
            where o.queue = :route
              and o.queued_at < clock_timestamp() - make_interval(secs => :settled)
              and
            """
                + IDLE
                + DISPATCHED)
        .bind("route", route)
        .bind("settled", PUBLISHED_SECONDS)
        .mapTo(Integer.class)
        .one();
  }

  /**
   * The next of those operations.
   *
   * @param after the last one of the page before; empty for the first page
   * @param seconds only those published longer ago
   */
  List<OutboxStore.Run> waiting(Handle handle, String route, String after, int seconds, int max) {
    return handle
        .createQuery(
            """
            select o.id, o.type, o.queue, o.traceparent from operations o
            where o.queue = :route and o.id > :after
              and o.queued_at < clock_timestamp() - make_interval(secs => :seconds) and
            """
                + IDLE
                + DISPATCHED
                + " order by o.id limit :max")
        .bind("route", route)
        .bind("after", after)
        .bind("seconds", seconds)
        .bind("max", max)
        .map((rs, _) -> run(rs))
        .list();
  }

  /** Pending operations for which there never was a message, or none that is remembered. */
  List<OutboxStore.Run> withoutMessage(Handle handle, int seconds, int max) {
    return handle
        .createQuery(
            """
            select o.id, o.type, o.queue, o.traceparent from operations o
            where o.queued_at is null
              and greatest(o.pending_since, o.next_attempt_at)
                  < clock_timestamp() - make_interval(secs => :seconds)
              and
            """
                + IDLE
                + " order by o.id limit :max")
        .bind("seconds", seconds)
        .bind("max", max)
        .map((rs, _) -> run(rs))
        .list();
  }

  /** Pending operations that have no message on its way, in pages. */
  List<OutboxStore.Run> pending(Handle handle, String route, String after, int max) {
    return handle
        .createQuery(
            """
            select o.id, o.type, o.queue, o.traceparent from operations o
            where o.queue = :route and o.id > :after and
            """
                + IDLE
                + " order by o.id limit :max")
        .bind("route", route)
        .bind("after", after)
        .bind("max", max)
        .map((rs, _) -> run(rs))
        .list();
  }

  /** How many operations of each route there are. */
  Map<String, Count> counts(Handle handle) {
    Map<String, Count> counts = new TreeMap<>();
    handle
        .createQuery(
            """
            select queue, count(*) filter (where status = 'pending') as pending,
                   count(*) filter (where status in ('running', 'cancelling')) as running
            from operations
            where status in ('pending', 'running', 'cancelling')
            group by queue
            """)
        .map((rs, _) ->
            counts.put(
                rs.getString("queue"), new Count(rs.getInt("pending"), rs.getInt("running"))))
        .list();
    return counts;
  }

  private static OutboxStore.Run run(ResultSet rs) throws SQLException {
    return new OutboxStore.Run(
        OperationId.parse(rs.getString("id")),
        OperationType.parse(rs.getString("type")),
        rs.getString("queue"),
        rs.getString("traceparent"));
  }

  /** Those of some operations that do not exist. */
  Set<String> unknown(Handle handle, Collection<String> ids) {
    Set<String> unknown = new TreeSet<>(ids);
    handle
        .createQuery("select id from operations where id = any(:ids)")
        .bindArray("ids", String.class, new ArrayList<>(ids))
        .mapTo(String.class)
        .list()
        .forEach(unknown::remove);
    return unknown;
  }
}
