package io.ktrdr.worker.runtime;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.ktrdr.protocol.Capabilities;
import io.ktrdr.protocol.DatasetRef;
import io.ktrdr.protocol.Execution;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.protocol.Sizing;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.standalone.DatabaseAccess;
import io.ktrdr.testkit.TestPostgres;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/** A fresh database, and what the API would have written into it. */
final class Operations {

  private final DatabaseAccess access = TestPostgres.freshDatabase();
  private final Jdbi jdbi = Jdbi.create(access.jdbcUrl(), access.user(), access.password());

  Jdbi jdbi() {
    return jdbi;
  }

  /** As {@code DATABASE_URL}. */
  String url() {
    return access.url();
  }

  /** Two cores, four GiB, no GPU. */
  static final Capabilities SMALL = new Capabilities(2, 4, Optional.empty());

  OperationId pending() {
    return pending(specJson());
  }

  OperationId pending(String spec) {
    OperationId id = OperationId.create(OperationType.BACKTESTING, Instant.now());
    execute(
        """
        insert into operations (id, type, queue, status, spec, metadata, max_attempts, progress)
        values (?, 'backtesting', 'backtesting', 'pending', ?::jsonb, '{}', 3, '{}')
        """,
        id.value(),
        spec);
    return id;
  }

  /** {@code update operations set …} of one. */
  void set(OperationId id, String assignments) {
    execute("update operations set " + assignments + " where id = ?", id.value());
  }

  void execute(String sql, Object... values) {
    jdbi.useHandle(handle -> handle.execute(sql, values));
  }

  /** Takes a table away, as a database that is away would, and brings it back. */
  void renameTable(String from, String to) {
    execute("alter table %s rename to %s".formatted(from, to));
  }

  /** One value of the operation's last run, as text; {@code null} when it is null. */
  String run(OperationId id, String column) {
    return jdbi.withHandle(handle ->
        String.valueOf(
            handle
                .createQuery(
                    "select (%s)::text from runs where operation_id = :id order by attempt desc limit 1"
                        .formatted(column))
                .bind("id", id.value())
                .mapTo(String.class)
                .findOne()
                .orElse(null)));
  }

  int count(String sql) {
    return jdbi.withHandle(handle -> handle.createQuery(sql).mapTo(Integer.class).one());
  }

  static OperationSpec spec() {
    return new OperationSpec.Backtest(
        "s",
        new OperationSpec.Decider.Model("s/1d_v1", Sha256.of(new byte[0])),
        new DatasetRef("EURUSD", Timeframe.D1, Sha256.of(new byte[0])),
        LocalDate.of(2024, 1, 1),
        LocalDate.of(2024, 12, 31),
        100_000,
        Execution.DEFAULT,
        Sizing.DEFAULT,
        "test");
  }

  private static String specJson() {
    try {
      return Json.mapper().writeValueAsString(spec());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
