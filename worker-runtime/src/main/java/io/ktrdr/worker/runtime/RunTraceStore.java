package io.ktrdr.worker.runtime;

import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.RunId;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/** Where the traces of runs are, for the attempts after them. Thread-safe. */
final class RunTraceStore {

  private final Jdbi jdbi;

  RunTraceStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /** That of the newest attempt before this one which was traced. */
  Optional<String> earlier(OperationId operation, int attempt) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select traceparent from runs
                where operation_id = :operation and attempt < :attempt and traceparent is not null
                order by attempt desc
                limit 1
                """)
            .bind("operation", operation.value())
            .bind("attempt", attempt)
            .mapTo(String.class)
            .findOne());
  }

  void keep(RunId run, String traceparent) {
    jdbi.useHandle(handle ->
        handle
            .createUpdate("update runs set traceparent = :traceparent where run_id = :run")
            .bind("run", run.value())
            .bind("traceparent", traceparent)
            .execute());
  }
}
