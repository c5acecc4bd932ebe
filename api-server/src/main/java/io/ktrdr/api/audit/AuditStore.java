package io.ktrdr.api.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.api.access.Actor;
import io.ktrdr.protocol.Json;
import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** The table {@code audit}. Every method works in the caller's transaction. */
public final class AuditStore {

  /** What one person or program did, once. */
  record Entry(long id, Instant at, String actor, String action, String subject, JsonNode detail) {}

  /**
   * @param action what was done, e.g. {@code dead_letter.discarded}
   * @param subject to what: an id
   */
  public void append(Handle handle, Actor actor, String action, String subject, JsonNode detail) {
    handle
        .createUpdate(
            """
            insert into audit (actor, action, subject, detail)
            values (:actor, :action, :subject, :detail::jsonb)
            """)
        .bind("actor", actor.name())
        .bind("action", action)
        .bind("subject", subject)
        .bind("detail", detail.toString())
        .execute();
  }

  /** Those with a smaller id, newest first. */
  List<Entry> newestBefore(Handle handle, long id, int max) {
    return handle
        .createQuery(
            """
            select id, at, actor, action, subject, detail from audit
            where id < :id order by id desc limit :max
            """)
        .bind("id", id)
        .bind("max", max)
        .map((rs, _) ->
            new Entry(
                rs.getLong("id"),
                rs.getTimestamp("at").toInstant(),
                rs.getString("actor"),
                rs.getString("action"),
                rs.getString("subject"),
                read(rs.getString("detail"))))
        .list();
  }

  private static JsonNode read(String json) {
    try {
      return Json.mapper().readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a column of ours cannot be read", e);
    }
  }
}
