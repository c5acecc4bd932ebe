package io.ktrdr.api.audit;

import com.fasterxml.jackson.databind.JsonNode;
import org.jdbi.v3.core.Handle;

/** The table {@code audit}. Every method works in the caller's transaction. */
public final class AuditStore {

  /**
   * @param action what was done, e.g. {@code dead_letter.discarded}
   * @param subject to what: an id
   */
  public void append(Handle handle, String action, String subject, JsonNode detail) {
    handle
        .createUpdate(
            """
            insert into audit (action, subject, detail) values (:action, :subject, :detail::jsonb)
            """)
        .bind("action", action)
        .bind("subject", subject)
        .bind("detail", detail.toString())
        .execute();
  }
}
