package io.ktrdr.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of commands that submit an operation: what the worker that runs it must have. */
final class DemandOptions {

  @Option(names = "--requires-gpu", description = "Only a worker with a GPU may run it.")
  private boolean requiresGpu;

  @Option(names = "--min-cores", paramLabel = "N", description = "Processors its worker must have.")
  private @Nullable Integer minCores;

  @Option(
      names = "--min-memory-gb",
      paramLabel = "N",
      description = "Memory its worker must have, in GiB.")
  private @Nullable Integer minMemoryGb;

  /** Adds to a request what was asked for, and nothing else. */
  void addTo(ObjectNode body) {
    if (requiresGpu) {
      body.put("requires_gpu", true);
    }
    if (minCores != null) {
      body.put("min_cores", minCores);
    }
    if (minMemoryGb != null) {
      body.put("min_memory_gb", minMemoryGb);
    }
  }
}
