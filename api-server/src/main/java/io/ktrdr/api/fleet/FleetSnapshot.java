package io.ktrdr.api.fleet;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.Demand;
import io.ktrdr.protocol.OperationType;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What was decided, and which workers take operations.
 *
 * @param controls by scope: a type's wire name, or {@link #ALL}
 */
record FleetSnapshot(Map<String, Control> controls, List<Offer> workers) {

  /** The scope of all types. */
  static final String ALL = "*";

  FleetSnapshot {
    controls = Map.copyOf(controls);
    workers = List.copyOf(workers);
  }

  /** A worker that is not silent and has not been told to go. */
  record Offer(String workerType, JsonNode capabilities) {

    boolean meets(Demand demand) {
      return demand.metBy(
          capabilities.path("cores").asInt(),
          capabilities.path("memory_gb").asDouble(),
          capabilities.path("gpu").asBoolean());
    }
  }

  boolean accepting(OperationType type) {
    return controlsOf(type).allMatch(Control::accepting);
  }

  boolean dispatching(OperationType type) {
    return controlsOf(type).allMatch(Control::dispatching);
  }

  /** True when nothing is accepted, of whatever type. */
  boolean draining() {
    Control all = controls.get(ALL);
    return all != null && !all.accepting();
  }

  /** Why operations of this type are not accepted, in the operator's words. */
  Optional<String> reasonNotAccepting(OperationType type) {
    return controlsOf(type)
        .filter(control -> !control.accepting())
        .flatMap(control -> Stream.ofNullable(control.reason()))
        .findFirst();
  }

  /** Why no worker will take such an operation soon; empty when one may. */
  Optional<String> nobodyFor(OperationType type, Demand demand) {
    List<Offer> ofType =
        workers.stream().filter(worker -> worker.workerType().equals(type.wireName())).toList();
    if (ofType.isEmpty()) {
      return Optional.of("No workers available");
    }
    return ofType.stream().anyMatch(worker -> worker.meets(demand))
        ? Optional.empty()
        : Optional.of("No worker meets the demand (%s)".formatted(demand));
  }

  private Stream<Control> controlsOf(OperationType type) {
    return Stream.of(ALL, type.wireName()).map(controls::get).filter(Objects::nonNull);
  }
}
