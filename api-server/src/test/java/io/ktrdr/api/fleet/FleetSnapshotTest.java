package io.ktrdr.api.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
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
        "null                                  |",
        "{'min_cores': 8}                      |",
        "{'min_cores': 9}                      | No worker meets the demand (min_cores: 9)",
        "{'requires_gpu': true}                |",
        "{'requires_gpu': true, 'min_cores': 4} | No worker meets the demand (requires_gpu: true,"
            + " min_cores: 4)",
        "{'requires_gpu': false, 'min_memory_gb': 16} |",
        "{'min_memory_gb': 17}                 | No worker meets the demand (min_memory_gb: 17)",
      })
  void demandIsMetByOneWorkerAlone(String demand, @Nullable String problem) throws Exception {
    FleetSnapshot fleet =
        new FleetSnapshot(
            Map.of(),
            List.of(
                worker("{'cores': 8, 'memory_gb': 16.0, 'gpu': false}"),
                worker("{'cores': 2, 'memory_gb': 4, 'gpu': true}")));
    assertThat(fleet.nobodyFor(OperationType.TRAINING, json(demand)).orElse(null))
        .isEqualTo(problem);
    assertThat(fleet.nobodyFor(OperationType.BACKTESTING, json(demand)))
        .hasValue("No workers available");
  }

  private static FleetSnapshot.Offer worker(String capabilities) throws JsonProcessingException {
    return new FleetSnapshot.Offer("training", json(capabilities));
  }

  private static JsonNode json(String text) throws JsonProcessingException {
    return Json.mapper().readTree(text.replace('\'', '"'));
  }
}
