package io.ktrdr.api.feed;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationStatus;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** Reads the history of operations. Thread-safe. */
public final class FeedStore {

  private final Jdbi jdbi;

  public FeedStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /**
   * Where a history stood at one moment.
   *
   * @param lastSeq number of its newest event
   */
  record Head(OperationStatus status, long lastSeq) {}

  /**
   * One event.
   *
   * @param seq 1, 2, 3… within its operation, without gaps
   */
  record Event(long seq, String type, ObjectNode json) {}

  Optional<Head> head(OperationId id) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("select status, last_event_seq from operations where id = :id")
            .bind("id", id.value())
            .map((rs, _) ->
                new Head(
                    OperationStatus.parse(rs.getString("status")), rs.getLong("last_event_seq")))
            .findOne());
  }

  /** Number of the newest event of each. */
  Map<OperationId, Long> lastSeqs(Collection<OperationId> ids) {
    Map<OperationId, Long> found = new HashMap<>();
    jdbi.useHandle(handle ->
        handle
            .createQuery("select id, last_event_seq from operations where id = any(:ids)")
            .bindArray("ids", String.class, ids.stream().map(OperationId::value).toList())
            .map((rs, _) ->
                Map.entry(OperationId.parse(rs.getString("id")), rs.getLong("last_event_seq")))
            .forEach(entry -> found.put(entry.getKey(), entry.getValue())));
    return found;
  }

  /** The next events after one, oldest first. */
  List<Event> after(OperationId id, long seq, int max) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select seq, type, at, attempt, run_id, worker_id, payload
                from operation_events
                where operation_id = :id and seq > :seq
                order by seq limit :max
                """)
            .bind("id", id.value())
            .bind("seq", seq)
            .bind("max", max)
            .map((rs, _) -> {
              ObjectNode json =
                  Json.mapper()
                      .createObjectNode()
                      .put("seq", rs.getLong("seq"))
                      .put("type", rs.getString("type"))
                      .put("at", rs.getTimestamp("at").toInstant().toString())
                      .put("operation_id", id.value())
                      .put("attempt", rs.getObject("attempt", Integer.class))
                      .put("run_id", rs.getString("run_id"))
                      .put("worker_id", rs.getString("worker_id"));
              json.set("payload", read(rs.getString("payload")));
              return new Event(rs.getLong("seq"), rs.getString("type"), json);
            })
            .list());
  }

  private static JsonNode read(@Nullable String json) {
    try {
      return Json.mapper().readTree(json == null ? "{}" : json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a column of ours cannot be read", e);
    }
  }
}
