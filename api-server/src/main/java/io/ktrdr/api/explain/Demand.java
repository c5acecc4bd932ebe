package io.ktrdr.api.explain;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * What an operation asks of a worker; zero and false ask for nothing.
 *
 * @param memoryGb in GiB, as workers report it
 */
record Demand(boolean gpu, int cores, int memoryGb) {

  static Demand of(JsonNode json) {
    return new Demand(
        json.path("requires_gpu").asBoolean(),
        json.path("min_cores").asInt(),
        json.path("min_memory_gb").asInt());
  }

  /** What a worker with these capabilities lacks, in words; empty when it can hold it. */
  List<String> lacking(JsonNode capabilities) {
    List<String> lacking = new ArrayList<>();
    if (gpu && !capabilities.path("gpu").asBoolean()) {
      lacking.add("has no GPU");
    }
    if (capabilities.path("cores").asInt() < cores) {
      lacking.add("has %d of %d cores".formatted(capabilities.path("cores").asInt(), cores));
    }
    if (capabilities.path("memory_gb").asDouble() < memoryGb) {
      lacking.add(
          "has %s of %d GB of memory"
              .formatted(capabilities.path("memory_gb").asText("0"), memoryGb));
    }
    return lacking;
  }

  /** For a sentence, e.g. {@code a GPU, 8 cores}. */
  String inWords() {
    List<String> words = new ArrayList<>();
    if (gpu) {
      words.add("a GPU");
    }
    if (cores > 0) {
      words.add(cores + " cores");
    }
    if (memoryGb > 0) {
      words.add(memoryGb + " GB of memory");
    }
    return words.isEmpty() ? "nothing special" : String.join(", ", words);
  }
}
