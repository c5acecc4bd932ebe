package io.ktrdr.api.metrics;

import io.ktrdr.api.operation.OperationObserver;
import io.ktrdr.protocol.OperationStatus;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.OperationTypes;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/** Counts what happens to operations, as this process commits it. Thread-safe. */
final class OperationMeters implements OperationObserver {

  private static final List<String> RUN_OUTCOMES =
      List.of("completed", "failed", "cancelled", "lost", "released");

  private static final Duration[] DURATION_BUCKETS =
      LongStream.of(1, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 21_600, 86_400)
          .mapToObj(Duration::ofSeconds)
          .toArray(Duration[]::new);

  private final MeterRegistry registry;

  OperationMeters(MeterRegistry registry, OperationTypes types) {
    this.registry = registry;
    // From the start, so that the first of its kind is an increase.
    for (OperationType type : types.all()) {
      Arrays.stream(OperationStatus.values())
          .filter(OperationStatus::isTerminal)
          .forEach(status -> operations(type, status));
      RUN_OUTCOMES.forEach(outcome -> attempts(type, outcome));
      discarded(type);
      queueTime(type);
      runTime(type);
    }
  }

  @Override
  public void happened(Happening happening) {
    OperationType type = happening.type();
    switch (happening) {
      case Happening.RunBegan(var _, Duration waited) -> queueTime(type).record(waited);
      case Happening.RunEnded(var _, String outcome, var duration) -> {
        attempts(type, outcome).increment();
        duration.ifPresent(runTime(type)::record);
      }
      case Happening.ResultDiscarded _ -> discarded(type).increment();
      case Happening.Ended(var _, OperationStatus status, var duration) -> {
        operations(type, status).increment();
        duration.ifPresent(
            time(
                    "ktrdr.operation.duration",
                    "From the start of the first run to the end",
                    ended(type, status))
                ::record);
      }
    }
  }

  private Counter operations(OperationType type, OperationStatus status) {
    return Counter.builder("ktrdr.operations")
        .description("Operations that ended")
        .tags(ended(type, status))
        .register(registry);
  }

  private static Tags ended(OperationType type, OperationStatus status) {
    return of(type).and("status", status.wireName());
  }

  private Counter attempts(OperationType type, String outcome) {
    return Counter.builder("ktrdr.attempts")
        .description("Runs that ended, by how")
        .tags(of(type).and("outcome", outcome))
        .register(registry);
  }

  private Counter discarded(OperationType type) {
    return Counter.builder("ktrdr.results.discarded")
        .description("Outcomes of runs that had been taken away")
        .tags(of(type))
        .register(registry);
  }

  private Timer queueTime(OperationType type) {
    return time("ktrdr.operation.queue", "From when a run could have begun until it did", of(type));
  }

  private Timer runTime(OperationType type) {
    return time("ktrdr.operation.run", "How long a run took, however it ended", of(type));
  }

  private static Tags of(OperationType type) {
    return Tags.of("operation_type", type.wireName());
  }

  private Timer time(String name, String description, Tags tags) {
    return Timer.builder(name)
        .description(description)
        .tags(tags)
        .serviceLevelObjectives(DURATION_BUCKETS)
        .register(registry);
  }
}
