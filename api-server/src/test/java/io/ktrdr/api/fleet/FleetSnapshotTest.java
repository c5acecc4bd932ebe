package io.ktrdr.api.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.ktrdr.protocol.Demand;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationType;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whether a worker can hold what an operation demands. */
final class FleetSnapshotTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "false | 0 |  0 |",
        "false | 8 | 16 |",
        "false | 9 |  0 | No worker meets the demand (9 cores)",
        "true  | 2 |  4 |",
        "true  | 4 |  0 | No worker meets the demand (a GPU, 4 cores)",
        "false | 0 | 17 | No worker meets the demand (17 GB)",
      })
  void demandIsMetByOneWorkerAlone(boolean gpu, int cores, int memory, @Nullable String problem)
      throws Exception {
    FleetSnapshot fleet =
        new FleetSnapshot(
            Map.of(),
            List.of(
                worker("{\"cores\": 8, \"memory_gb\": 16.0, \"gpu\": false}"),
                worker("{\"cores\": 2, \"memory_gb\": 4, \"gpu\": true}")));
    Demand demand = new Demand(gpu, cores, memory);
    assertThat(fleet.nobodyFor(OperationType.TRAINING, demand).orElse(null)).isEqualTo(problem);
    assertThat(fleet.nobodyFor(OperationType.BACKTESTING, demand)).hasValue("No workers available");
  }

  private static FleetSnapshot.Offer worker(String capabilities) throws JsonProcessingException {
    return new FleetSnapshot.Offer("training", Json.mapper().readTree(capabilities));
  }
}
