package io.ktrdr.api.data;

import io.ktrdr.api.access.Actor;
import io.ktrdr.api.audit.AuditStore;
import io.ktrdr.market.CsvImport;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.protocol.Timeframe;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Imports that are in the audit whatever dies: the line is committed before the file is there, as
 * one that begins, and afterwards says what became of it. What is left as begun is looked at when a
 * process starts, and before the same dataset is imported again: the file has its fingerprint or
 * not. Thread-safe.
 */
final class AuditedImport {

  private static final String FAILED = "data.import_failed";

  /** What an import is called while it goes on, and when it is done. */
  private static final Map<String, String> DONE =
      Map.of("data.importing", "data.imported", "data.replacing", "data.replaced");

  private static final Logger LOG = LoggerFactory.getLogger(AuditedImport.class);

  private final CsvImport imports;
  private final Jdbi jdbi;
  private final AuditStore audit;

  AuditedImport(CsvImport imports, Jdbi jdbi, AuditStore audit) {
    this.imports = imports;
    this.jdbi = jdbi;
    this.audit = audit;
  }

  /** Remembers the line that was begun. */
  private final class Lines implements CsvImport.Announcement {

    private final Actor actor;
    private AuditStore.@Nullable Entry begun;

    Lines(Actor actor) {
      this.actor = actor;
    }

    @Override
    public void about(CsvImport.Planned planned) {
      begun = jdbi.inTransaction(handle -> begin(handle, actor, planned));
    }

    void end() {
      AuditStore.Entry line = begun;
      if (line != null) {
        try {
          jdbi.useTransaction(handle -> settle(handle, line, true));
        } catch (JdbiException e) {
          LOG.warn(
              "The audit says of {} that its import goes on, until this process starts again: {}",
              line.subject(),
              e.getMessage());
        }
      }
    }
  }

  /** As {@link CsvImport#run}; nothing is written while the database is away. */
  CsvImport.Imported run(Actor actor, byte[] csv, ImportQuery query) {
    Lines lines = new Lines(actor);
    try {
      return imports.run(
          csv, query.symbol(), query.timeframe(), query.options(), query.replace(), lines);
    } finally {
      lines.end();
    }
  }

  /** Finds out what became of imports whose process died, or lost the database. */
  void recover() {
    try {
      jdbi.useTransaction(handle ->
          audit.withActions(handle, DONE.keySet()).forEach(begun -> settle(handle, begun, false)));
    } catch (JdbiException e) {
      LOG.warn("Imports that were broken off stay as begun in the audit: {}", e.getMessage());
    }
  }

  private AuditStore.Entry begin(Handle handle, Actor actor, CsvImport.Planned planned) {
    String subject = "%s %s".formatted(planned.symbol(), planned.timeframe());
    List<AuditStore.Entry> open = audit.withActions(handle, DONE.keySet());
    // Afterwards it could not be told any more.
    open.stream()
        .filter(begun -> begun.subject().equals(subject))
        .forEach(begun -> settle(handle, begun, false));
    return audit.append(
        handle,
        actor,
        planned.replaces() ? "data.replacing" : "data.importing",
        subject,
        Json.mapper()
            .createObjectNode()
            .put("sha256", planned.sha256().hex())
            .put("rows", planned.rows())
            .put("imported_layout", planned.source().wireName()));
  }

  /**
   * @param over whether it is known that the import does not go on
   */
  private void settle(Handle handle, AuditStore.Entry begun, boolean over) {
    int space = begun.subject().lastIndexOf(' ');
    boolean there =
        imports.holds(
            begun.subject().substring(0, space),
            Timeframe.parse(begun.subject().substring(space + 1)),
            Sha256.parse(begun.detail().path("sha256").asText()));
    if (there) {
      audit.become(handle, begun, String.valueOf(DONE.get(begun.action())));
    } else if (over || begun.at().isBefore(Instant.now().minus(CsvImport.ABANDONED_AFTER))) {
      // A younger one may be another process's that goes on.
      audit.become(handle, begun, FAILED);
    }
  }
}
