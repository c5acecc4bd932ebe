package io.ktrdr.worker.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.WorkerId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** This worker's row in the registry. Thread-safe. */
final class WorkerStore {

  /**
   * Writes the row, unless another process has it, and reads what the API wants. Demands are found
   * queue by queue, by the first of their operations: a queue's operations demand the same.
   */
  private static final String HEARTBEAT =
      """
      with recursive beat as (
        insert into workers
          (worker_id, worker_type, instance_id, endpoint_url, capabilities, version,
           current_operation_id, subscribed, queues, progress_age_seconds, resident_bytes, draining)
        values
          (:id, :type, :instance, :endpoint, :capabilities::jsonb, :version,
           :current, :subscribed, :queues::jsonb, :progress_age, :resident, :draining)
        on conflict (worker_id) do update set
          worker_type = excluded.worker_type,
          endpoint_url = excluded.endpoint_url,
          capabilities = excluded.capabilities,
          version = excluded.version,
          current_operation_id = excluded.current_operation_id,
          subscribed = excluded.subscribed,
          queues = excluded.queues,
          progress_age_seconds = excluded.progress_age_seconds,
          resident_bytes = excluded.resident_bytes,
          draining = excluded.draining,
          last_heartbeat_at = now()
        where workers.instance_id = excluded.instance_id
        returning worker_id),
      demanding (queue) as (
        select min(queue) from operations
        where type = :type and status = 'pending' and demand is not null
        union all
        select (select min(o.queue) from operations o
                where o.type = :type and o.status = 'pending' and o.demand is not null
                  and o.queue > demanding.queue)
        from demanding where demanding.queue is not null)
      select
        case when not exists (select 1 from beat) then
          coalesce((select format('instance %s at %s', instance_id, endpoint_url) from workers
                    where worker_id = :id and instance_id <> :instance), 'another process')
        end as superseded_by,
        exists (select 1 from worker_drains where worker_id = :id and instance_id = :instance)
          as drain,
        exists (select 1 from dispatch_controls where scope in ('*', :type) and not dispatching)
          as paused,
        array(
          select d.queue from demanding d
          cross join lateral (
            select demand from operations o
            where o.type = :type and o.status = 'pending' and o.demand is not null
              and o.queue = d.queue limit 1) one
          where (:gpu or not coalesce((one.demand ->> 'requires_gpu')::boolean, false))
            and coalesce((one.demand ->> 'min_cores')::float8, 0) <= :cores
            and coalesce((one.demand ->> 'min_memory_gb')::float8, 0) <= :memory
          order by d.queue) as demand_queues
      """;

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

  /**
   * What a worker says of itself.
   *
   * @param queues it is subscribed to right now
   * @param progressAgeSeconds since its run last advanced; null when idle
   * @param draining it takes no more
   */
  record Beat(
      @Nullable OperationId current,
      boolean subscribed,
      List<String> queues,
      @Nullable Double progressAgeSeconds,
      @Nullable Long residentBytes,
      boolean draining) {

    Beat {
      queues = List.copyOf(queues);
    }
  }

  /**
   * Says this worker lives, in one statement with the question what it is to do. A row that
   * somebody deleted comes back; the row of another process with this id is left alone.
   */
  Orders heartbeat(Beat beat) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(HEARTBEAT)
            .bind("id", workerId.value())
            .bind("type", type.wireName())
            .bind("instance", instanceId)
            .bind("endpoint", endpointUrl)
            .bind("capabilities", capabilities.toString())
            .bind("version", version)
            .bind("current", beat.current() == null ? null : beat.current().value())
            .bind("subscribed", beat.subscribed())
            .bind("queues", Json.mapper().valueToTree(beat.queues()).toString())
            .bind("progress_age", beat.progressAgeSeconds())
            .bind("resident", beat.residentBytes())
            .bind("draining", beat.draining())
            .bind("gpu", capabilities.path("gpu").asBoolean())
            .bind("cores", capabilities.path("cores").asDouble())
            .bind("memory", capabilities.path("memory_gb").asDouble())
            .map((rs, _) -> orders(rs))
            .one());
  }

  private static Orders orders(ResultSet rs) throws SQLException {
    return new Orders(
        Optional.ofNullable(rs.getString("superseded_by")),
        rs.getBoolean("drain"),
        rs.getBoolean("paused"),
        List.of((String[]) rs.getArray("demand_queues").getArray()));
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
