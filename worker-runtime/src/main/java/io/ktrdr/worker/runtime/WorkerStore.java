package io.ktrdr.worker.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.WorkerId;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** This worker's row in the registry. Thread-safe. */
final class WorkerStore {

  private final Jdbi jdbi;
  private final WorkerId workerId;
  private final UUID instanceId;
  private final OperationType type;
  private final String endpointUrl;
  private final JsonNode capabilities;
  private final String version;

  WorkerStore(
      Jdbi jdbi,
      WorkerId workerId,
      UUID instanceId,
      OperationType type,
      String endpointUrl,
      JsonNode capabilities,
      String version) {
    this.jdbi = jdbi;
    this.workerId = workerId;
    this.instanceId = instanceId;
    this.type = type;
    this.endpointUrl = endpointUrl;
    this.capabilities = capabilities;
    this.version = version;
  }

  /** Says this worker lives; a row that somebody deleted comes back. */
  void heartbeat(@Nullable OperationId current, boolean subscribed) {
    jdbi.useHandle(handle ->
        handle
            .createUpdate(
                """
                insert into workers
                  (worker_id, worker_type, instance_id, endpoint_url, capabilities, version,
                   current_operation_id, subscribed)
                values
                  (:id, :type, :instance, :endpoint, :capabilities::jsonb, :version,
                   :current, :subscribed)
                on conflict (worker_id) do update set
                  worker_type = excluded.worker_type,
                  instance_id = excluded.instance_id,
                  endpoint_url = excluded.endpoint_url,
                  capabilities = excluded.capabilities,
                  version = excluded.version,
                  current_operation_id = excluded.current_operation_id,
                  subscribed = excluded.subscribed,
                  last_heartbeat_at = now()
                """)
            .bind("id", workerId.value())
            .bind("type", type.wireName())
            .bind("instance", instanceId)
            .bind("endpoint", endpointUrl)
            .bind("capabilities", capabilities.toString())
            .bind("version", version)
            .bind("current", current == null ? null : current.value())
            .bind("subscribed", subscribed)
            .execute());
  }

  /** Leaves the registry, unless a successor with the same id has already taken the row. */
  void deregister() {
    jdbi.useHandle(handle ->
        handle
            .createUpdate("delete from workers where worker_id = :id and instance_id = :instance")
            .bind("id", workerId.value())
            .bind("instance", instanceId)
            .execute());
  }
}
