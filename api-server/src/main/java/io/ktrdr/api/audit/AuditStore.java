package io.ktrdr.api.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.api.access.Actor;
import io.ktrdr.protocol.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** The table {@code audit}. Every method works in the caller's transaction. */
public final class AuditStore {

  /** What one person or program did, once. */
  public record Entry(
      long id, Instant at, String actor, String action, String subject, JsonNode detail) {}

  /**
   * @param action what was done, e.g. {@code dead_letter.discarded}
   * @param subject to what: an id
   */
  public Entry append(Handle handle, Actor actor, String action, String subject, JsonNode detail) {
    return handle
        .createQuery(
            """
            insert into audit (actor, action, subject, detail)
            values (:actor, :action, :subject, :detail::jsonb)
            returning id, at, actor, action, subject, detail
            """)
        .bind("actor", actor.name())
        .bind("action", action)
        .bind("subject", subject)
        .bind("detail", detail.toString())
        .map((rs, _) -> entry(rs))
        .one();
  }

  /** Those of some actions, oldest first. */
  public List<Entry> withActions(Handle handle, Collection<String> actions) {
    return handle
        .createQuery(
            """
            select id, at, actor, action, subject, detail from audit
            where action = any(:actions) order by id
            """)
        .bindArray("actions", String.class, new ArrayList<>(actions))
        .map((rs, _) -> entry(rs))
        .list();
  }

  /** Says what became of something that had only begun; one that was said before stays. */
  public void become(Handle handle, Entry begun, String action) {
    handle
        .createUpdate("update audit set action = :action where id = :id and action = :begun")
        .bind("action", action)
        .bind("id", begun.id())
        .bind("begun", begun.action())
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
        .map((rs, _) -> entry(rs))
        .list();
  }

  private static Entry entry(ResultSet rs) throws SQLException {
    return new Entry(
        rs.getLong("id"),
        rs.getTimestamp("at").toInstant(),
        rs.getString("actor"),
        rs.getString("action"),
        rs.getString("subject"),
        read(rs.getString("detail")));
  }

  private static JsonNode read(String json) {
    try {
      return Json.mapper().readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a column of ours cannot be read", e);
    }
  }
}
