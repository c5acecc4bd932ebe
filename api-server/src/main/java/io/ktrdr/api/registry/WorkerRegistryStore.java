package io.ktrdr.api.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** The registry as the API reads it. Thread-safe. */
final class WorkerRegistryStore {

  private final Jdbi jdbi;

  WorkerRegistryStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /**
   * A worker's row.
   *
   * @param silentFor since its last heartbeat, by the database's clock
   */
  record Row(
      String workerId,
      String workerType,
      String endpointUrl,
      JsonNode capabilities,
      String version,
      @Nullable String currentOperationId,
      boolean subscribed,
      Instant registeredAt,
      Instant lastHeartbeatAt,
      Duration silentFor) {}

  List<Row> list(Optional<String> workerType) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    """
                    select *, extract(epoch from now() - last_heartbeat_at) as silent_seconds
                    from workers
                    where :type::text is null or worker_type = :type
                    order by worker_type, length(worker_id), worker_id
                    """)
                .bind("type", workerType.orElse(null))
                .map(
                    (rs, _) ->
                        new Row(
                            rs.getString("worker_id"),
                            rs.getString("worker_type"),
                            rs.getString("endpoint_url"),
                            read(rs.getString("capabilities")),
                            rs.getString("version"),
                            rs.getString("current_operation_id"),
                            rs.getBoolean("subscribed"),
                            rs.getTimestamp("registered_at").toInstant(),
                            rs.getTimestamp("last_heartbeat_at").toInstant(),
                            Duration.ofMillis((long) (rs.getDouble("silent_seconds") * 1000))))
                .list());
  }

  private static JsonNode read(String json) {
    try {
      return Json.mapper().readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a column of ours cannot be read", e);
    }
  }
}
