package io.ktrdr.api.operation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Demand;
import io.ktrdr.protocol.OperationSpec;
import java.util.List;
import java.util.stream.Stream;

/**
 * A request that was found good, frozen into a spec.
 *
 * @param metadata what users see of the spec
 * @param warnings about the request, for its user
 * @param timeouts its own, or its type's
 * @param demand what it asks of a worker
 */
public record Accepted(
    OperationSpec spec,
    ObjectNode metadata,
    List<String> warnings,
    Operation.Timeouts timeouts,
    Demand demand) {

  public Accepted {
    warnings = List.copyOf(warnings);
  }

  /** With more warnings, after its own. */
  Accepted withWarnings(List<String> more) {
    return new Accepted(
        spec, metadata, Stream.concat(warnings.stream(), more.stream()).toList(), timeouts, demand);
  }

  /** Routing key of its messages. */
  String route() {
    return demand.routeOf(spec.operationType());
  }
}
