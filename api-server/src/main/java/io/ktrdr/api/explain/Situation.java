package io.ktrdr.api.explain;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.api.operation.Operation;
import io.ktrdr.protocol.Demand;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Everything that bears on when an operation starts or ends, at one moment.
 *
 * @param now by the database's clock
 * @param ahead how many of the same queue come before it
 * @param jobsAhead what all of the same type that come before it demand, in order; cut off at
 *     {@link StartEstimate#AHEAD_MAX} and one more
 * @param workers those of its type
 * @param history how long the last completed runs of its type took, in seconds
 * @param runSeconds how long its current run has lasted; null when it has none
 */
record Situation(
    Operation operation,
    Instant now,
    Demand demand,
    int ahead,
    List<Demand> jobsAhead,
    List<Worker> workers,
    Dispatch dispatch,
    List<Double> history,
    @Nullable Double runSeconds) {

  /**
   * What operators allow this type.
   *
   * @param reason why not, when they said so
   */
  record Dispatch(boolean accepting, boolean dispatching, @Nullable String reason) {}

  /**
   * A worker of the operation's type.
   *
   * @param silentFor since its last heartbeat, not counting time in which the database was away
   * @param busySeconds how long its run has lasted; null when it has none
   * @param percentage how far that run says it is; null when it does not say
   */
  record Worker(
      String id,
      JsonNode capabilities,
      Duration silentFor,
      boolean subscribed,
      boolean draining,
      @Nullable String currentOperation,
      @Nullable Double busySeconds,
      @Nullable Double percentage) {

    /** Silence that counts as three failed health checks. */
    private static final Duration SILENT_MAX = Duration.ofSeconds(27);

    boolean alive() {
      return silentFor.compareTo(SILENT_MAX) < 0;
    }

    boolean busy() {
      return currentOperation != null;
    }

    String status() {
      if (!alive()) {
        return "TEMPORARILY_UNAVAILABLE";
      }
      return draining ? "DRAINING" : busy() ? "BUSY" : "AVAILABLE";
    }

    /** What it lacks to hold an operation with this demand, in words. */
    List<String> lacking(Demand demand) {
      List<String> lacking = new ArrayList<>();
      int cores = capabilities.path("cores").asInt();
      double memoryGb = capabilities.path("memory_gb").asDouble();
      if (demand.requiresGpu() && !capabilities.path("gpu").asBoolean()) {
        lacking.add("has no GPU");
      }
      if (cores < demand.minCores()) {
        lacking.add("has %d of %d cores".formatted(cores, demand.minCores()));
      }
      if (memoryGb < demand.minMemoryGb()) {
        lacking.add(
            "has %s of %d GB"
                .formatted(capabilities.path("memory_gb").asText("0"), demand.minMemoryGb()));
      }
      return lacking;
    }

    /** Why it cannot take an operation with this demand, not even later; empty when it can. */
    Optional<String> unable(Demand demand) {
      if (!alive()) {
        return Optional.of("has not been heard of for %s".formatted(Words.duration(silentFor)));
      }
      List<String> lacking = lacking(demand);
      if (!lacking.isEmpty()) {
        return Optional.of(String.join(", ", lacking));
      }
      if (draining) {
        return Optional.of("is being drained and takes nothing more");
      }
      return subscribed
          ? Optional.empty()
          : Optional.of("lives, but is not subscribed to the queue");
    }
  }

  /** Those that may take the operation, now or when they have finished what they do. */
  List<Worker> capable() {
    return workers.stream().filter(worker -> worker.unable(demand).isEmpty()).toList();
  }
}
