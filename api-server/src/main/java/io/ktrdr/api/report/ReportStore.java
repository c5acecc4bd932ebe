package io.ktrdr.api.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** What a report is made of. Thread-safe. */
public final class ReportStore {

  private final Jdbi jdbi;

  public ReportStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /**
   * @param result null before its end
   * @param trades null when it has none, as all but backtests
   * @param equity as {@code trades}
   */
  // Never compared, so that arrays lack value equality costs nothing.
  @SuppressWarnings("ArrayRecordComponent")
  record Material(
      String status,
      JsonNode metadata,
      @Nullable JsonNode result,
      byte @Nullable [] trades,
      byte @Nullable [] equity) {}

  /** Empty when there is no such operation. */
  Optional<Material> find(OperationId id) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select o.status, o.metadata, o.result,
                       (select a.bytes from operation_artifacts oa join artifacts a using (sha256)
                        where oa.operation_id = o.id and oa.name = 'trades') as trades,
                       (select a.bytes from operation_artifacts oa join artifacts a using (sha256)
                        where oa.operation_id = o.id and oa.name = 'equity') as equity
                from operations o
                where o.id = :id
                """)
            .bind("id", id.value())
            .map((rs, _) -> material(rs))
            .findOne());
  }

  private static Material material(ResultSet rs) throws SQLException {
    String result = rs.getString("result");
    return new Material(
        rs.getString("status"),
        json(rs.getString("metadata")),
        result == null ? null : json(result),
        rs.getBytes("trades"),
        rs.getBytes("equity"));
  }

  private static JsonNode json(String text) throws SQLException {
    try {
      return Json.mapper().readTree(text);
    } catch (JsonProcessingException e) {
      throw new SQLException("jsonb is JSON", e);
    }
  }
}
