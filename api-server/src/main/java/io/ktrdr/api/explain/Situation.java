package io.ktrdr.api.explain;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.api.operation.Operation;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Everything that bears on when an operation starts or ends, at one moment.
 *
 * @param now by the database's clock
 * @param queue routing key of its messages
 * @param demandJson as it was submitted; null for nothing special
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
    String queue,
    @Nullable JsonNode demandJson,
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

    /** Why it cannot take an operation with this demand, not even later; empty when it can. */
    Optional<String> unable(Demand demand) {
      if (!alive()) {
        return Optional.of("has not been heard of for %s".formatted(Words.duration(silentFor)));
      }
      List<String> lacking = demand.lacking(capabilities);
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
