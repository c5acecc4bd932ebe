package io.ktrdr.api.result;

import io.ktrdr.protocol.OperationId;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** Artifacts by the operation that made them. Thread-safe. */
public final class ResultStore {

  private final Jdbi jdbi;

  public ResultStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /**
   * @param status of the operation
   * @param bytes null when it has no such artifact
   */
  // Never compared, so that arrays lack value equality costs nothing.
  @SuppressWarnings("ArrayRecordComponent")
  record Found(String status, byte @Nullable [] bytes) {}

  /** Empty when there is no such operation. */
  Optional<Found> find(OperationId id, String name) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select o.status, a.bytes
                from operations o
                left join operation_artifacts oa on oa.operation_id = o.id and oa.name = :name
                left join artifacts a on a.sha256 = oa.sha256
                where o.id = :id
                """)
            .bind("id", id.value())
            .bind("name", name)
            .map((rs, _) -> new Found(rs.getString("status"), rs.getBytes("bytes")))
            .findOne());
  }
}
