package io.ktrdr.worker.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.WorkerId;
import io.ktrdr.worker.runtime.WorkerStore.Beat;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What a heartbeat writes, and what it brings back. */
final class WorkerStoreIT {

  private static final Beat IDLE = new Beat(null, false, List.of(), null, null, false);

  private final Operations operations = new Operations();
  private final UUID instance = UUID.randomUUID();
  private final WorkerStore small = store(instance, false, 4, 8);

  @Test
  void heartbeatTellsAllAndHealsARowThatWasDeleted() {
    OperationId id = operations.pending();
    Beat busy = new Beat(id, true, List.of("a", "b"), 1.5, 7L, true);
    assertThat(small.heartbeat(busy)).isEqualTo(Orders.NONE);
    assertThat(row())
        .isEqualTo(id + " true [\"a\", \"b\"] 1.5 7 true backtesting http://w " + instance);

    operations.execute("delete from workers");
    assertThat(small.heartbeat(IDLE)).isEqualTo(Orders.NONE);
    assertThat(row()).isEqualTo("false [] false backtesting http://w " + instance);
  }

  @Test
  void rowOfAnotherProcessIsLeftAloneAndNamed() {
    UUID successor = UUID.randomUUID();
    small.heartbeat(IDLE);
    operations.execute(
        "update workers set instance_id = ?, endpoint_url = 'http://other'", successor);
    Orders orders = small.heartbeat(new Beat(null, true, List.of("a"), null, null, false));
    assertThat(orders.supersededBy()).hasValue("instance %s at http://other".formatted(successor));
    assertThat(row()).isEqualTo("false [] false backtesting http://other " + successor);
    small.deregister();
    assertThat(operations.count("select count(*) from workers")).isOne();
  }

  @Test
  void drainIsForOneProcessAndAPauseForAllOrOneType() {
    operations.execute("insert into worker_drains values ('w1', ?)", UUID.randomUUID());
    operations.execute("insert into dispatch_controls values ('training', false, false)");
    assertThat(small.heartbeat(IDLE)).isEqualTo(Orders.NONE);

    operations.execute("insert into worker_drains values ('w1', ?)", instance);
    operations.execute("insert into dispatch_controls values ('backtesting', true, false)");
    assertThat(small.heartbeat(IDLE).drain()).isTrue();
    assertThat(small.heartbeat(IDLE).paused()).isTrue();

    operations.execute("update dispatch_controls set dispatching = true");
    assertThat(small.heartbeat(IDLE).paused()).isFalse();
    operations.execute("insert into dispatch_controls values ('*', true, false)");
    assertThat(small.heartbeat(IDLE).paused()).isTrue();
  }

  @Test
  void onlyQueuesOfDemandsItMeetsAreNamed() {
    WorkerStore large = store(UUID.randomUUID(), true, 16, 64);
    WorkerStore without = store(UUID.randomUUID(), false, 16, 64);
    demanding("b.cores8.mem32", "{\"min_cores\": 8, \"min_memory_gb\": 32}");
    demanding("b.cores8.mem32", "{\"min_cores\": 8, \"min_memory_gb\": 32}");
    demanding("b.gpu", "{\"requires_gpu\": true}");
    operations.pending();
    OperationId over = demanding("b.gpu.cores1", "{\"requires_gpu\": true, \"min_cores\": 1}");
    operations.set(over, "status = 'running'");
    assertThat(large.heartbeat(IDLE).demandQueues()).containsExactly("b.cores8.mem32", "b.gpu");
    assertThat(without.heartbeat(IDLE).superseded()).isTrue();
    assertThat(without.heartbeat(IDLE).demandQueues()).containsExactly("b.cores8.mem32");
    assertThat(small.heartbeat(IDLE).demandQueues()).isEmpty();
  }

  private OperationId demanding(String queue, String demand) {
    OperationId id = operations.pending();
    operations.execute(
        "update operations set demand = ?::jsonb, queue = ? where id = ?",
        demand,
        queue,
        id.value());
    return id;
  }

  private String row() {
    return operations
        .jdbi()
        .withHandle(handle ->
            handle
                .createQuery(
                    """
                    select concat_ws(' ', current_operation_id, subscribed::text, queues,
                                     progress_age_seconds, resident_bytes, draining::text,
                                     worker_type, endpoint_url, instance_id)
                    from workers
                    """)
                .mapTo(String.class)
                .one());
  }

  private WorkerStore store(UUID process, boolean gpu, int cores, int memory) {
    ObjectNode capabilities =
        Json.mapper()
            .createObjectNode()
            .put("gpu", gpu)
            .put("cores", cores)
            .put("memory_gb", memory);
    return new WorkerStore(
        operations.jdbi(),
        new WorkerId("w1"),
        process,
        OperationType.BACKTESTING,
        "http://w",
        capabilities,
        "test");
  }
}
