package io.ktrdr.api.result;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.Sha256;
import java.sql.SQLException;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/** What operations have made, by the operation. Thread-safe. */
public final class ResultStore {

  private final Jdbi jdbi;

  public ResultStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /**
   * @param result empty before its end
   */
  record Outcome(String status, JsonNode metadata, Optional<JsonNode> result) {}

  /** Empty when there is no such operation. */
  Optional<Outcome> outcome(OperationId id) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("select status, metadata, result from operations where id = :id")
            .bind("id", id.value())
            .map((rs, _) -> {
              String result = rs.getString("result");
              return new Outcome(
                  rs.getString("status"),
                  json(rs.getString("metadata")),
                  result == null ? Optional.empty() : Optional.of(json(result)));
            })
            .findOne());
  }

  /** The bytes of an operation's artifact; empty when it has none of that name. */
  Optional<byte[]> artifact(OperationId id, String name) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select a.bytes
                from operation_artifacts oa join artifacts a using (sha256)
                where oa.operation_id = :id and oa.name = :name
                """)
            .bind("id", id.value())
            .bind("name", name)
            .map((rs, _) -> rs.getBytes("bytes"))
            .findOne());
  }

  /** What a backtest was to do; empty for operations of other types. */
  Optional<OperationSpec.Backtest> backtest(OperationId id) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("select spec from operations where id = :id")
            .bind("id", id.value())
            .map((rs, _) -> spec(rs.getString("spec")))
            .findOne()
            .flatMap(spec ->
                spec instanceof OperationSpec.Backtest backtest
                    ? Optional.of(backtest)
                    : Optional.empty()));
  }

  /**
   * @param bytes empty when there are more than asked for
   */
  record Stored(long size, Optional<byte[]> bytes) {}

  /**
   * An artifact by its digest; empty when it is not there.
   *
   * @param most bytes that are read
   */
  Optional<Stored> stored(Sha256 sha256, int most) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select size, case when size <= :most then bytes end as bytes
                from artifacts where sha256 = :sha256
                """)
            .bind("sha256", sha256.hex())
            .bind("most", most)
            .map((rs, _) ->
                new Stored(rs.getLong("size"), Optional.ofNullable(rs.getBytes("bytes"))))
            .findOne());
  }

  private static OperationSpec spec(String text) throws SQLException {
    try {
      return Json.mapper().readValue(text, OperationSpec.class);
    } catch (JsonProcessingException e) {
      throw new SQLException("a stored spec is not one", e);
    }
  }

  private static JsonNode json(String text) throws SQLException {
    try {
      return Json.mapper().readTree(text);
    } catch (JsonProcessingException e) {
      throw new SQLException("a jsonb column is not JSON", e);
    }
  }
}
