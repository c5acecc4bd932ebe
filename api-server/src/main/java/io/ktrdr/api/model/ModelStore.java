package io.ktrdr.api.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.protocol.Timeframe;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The table {@code models}. Every method works in the caller's transaction. */
public final class ModelStore {

  /**
   * A model that can be used.
   *
   * @param operationId the training that made it; null for an imported one
   */
  public record Model(
      ModelVersion version,
      Sha256 sha256,
      List<String> symbols,
      @Nullable String operationId,
      Instant createdAt) {}

  /** Registers the artifact as the next version of its strategy and timeframe. */
  public ModelVersion register(
      Handle handle,
      String strategyName,
      Timeframe timeframe,
      Sha256 sha256,
      List<String> symbols,
      @Nullable OperationId operationId) {
    // Two trainings that end together must not both become the same version.
    handle
        .createQuery("select pg_advisory_xact_lock(hashtextextended(:key, 0))::text")
        .bind("key", "models/" + strategyName + "/" + timeframe.wireName())
        .mapTo(String.class)
        .one();
    int version =
        handle
                .createQuery(
                    """
                    select coalesce(max(version), 0) from models
                    where strategy_name = :strategy and timeframe = :timeframe
                    """)
                .bind("strategy", strategyName)
                .bind("timeframe", timeframe.wireName())
                .mapTo(Integer.class)
                .one()
            + 1;
    ModelVersion name = new ModelVersion(strategyName, timeframe, version);
    insert(handle, name, sha256, symbols, operationId);
    return name;
  }

  /** Registers the artifact under a given version. Returns false if that version is taken. */
  boolean insert(
      Handle handle,
      ModelVersion version,
      Sha256 sha256,
      List<String> symbols,
      @Nullable OperationId operationId) {
    return handle
            .createUpdate(
                """
                insert into models
                  (strategy_name, timeframe, version, sha256, symbols, operation_id)
                values (:strategy, :timeframe, :version, :sha256, :symbols::jsonb, :operation)
                on conflict do nothing
                """)
            .bind("strategy", version.strategyName())
            .bind("timeframe", version.timeframe().wireName())
            .bind("version", version.version())
            .bind("sha256", sha256.hex())
            .bind("symbols", symbolsJson(symbols))
            .bind("operation", operationId == null ? null : operationId.value())
            .execute()
        == 1;
  }

  public Optional<Model> find(Handle handle, ModelVersion version) {
    return handle
        .createQuery(
            """
            select * from models
            where strategy_name = :strategy and timeframe = :timeframe and version = :version
            """)
        .bind("strategy", version.strategyName())
        .bind("timeframe", version.timeframe().wireName())
        .bind("version", version.version())
        .map((rs, _) -> model(rs))
        .findOne();
  }

  /** The newest version for this strategy and timeframe. */
  public Optional<Model> newest(Handle handle, String strategyName, Timeframe timeframe) {
    return handle
        .createQuery(
            """
            select * from models
            where strategy_name = :strategy and timeframe = :timeframe
            order by version desc limit 1
            """)
        .bind("strategy", strategyName)
        .bind("timeframe", timeframe.wireName())
        .map((rs, _) -> model(rs))
        .findOne();
  }

  /** Newest first. */
  public List<Model> list(Handle handle, int limit) {
    return handle
        .createQuery(
            "select * from models order by created_at desc, strategy_name, version desc limit :limit")
        .bind("limit", limit)
        .map((rs, _) -> model(rs))
        .list();
  }

  private static Model model(ResultSet rs) throws SQLException {
    return new Model(
        new ModelVersion(
            rs.getString("strategy_name"),
            Timeframe.parse(rs.getString("timeframe")),
            rs.getInt("version")),
        Sha256.parse(rs.getString("sha256")),
        symbols(rs.getString("symbols")),
        rs.getString("operation_id"),
        rs.getTimestamp("created_at").toInstant());
  }

  private static String symbolsJson(List<String> symbols) {
    try {
      return Json.mapper().writeValueAsString(symbols);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a column of ours cannot be written", e);
    }
  }

  private static List<String> symbols(String json) {
    try {
      return List.of(Json.mapper().readValue(json, String[].class));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a column of ours cannot be read", e);
    }
  }
}
