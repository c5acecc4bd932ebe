package io.ktrdr.api.fleet;

import io.ktrdr.api.http.ProblemException;
import io.ktrdr.protocol.Demand;
import io.ktrdr.protocol.OperationType;
import io.ktrdr.protocol.amqp.Topology;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Whether an operation may be submitted now, as the fleet is. Thread-safe. */
public final class SubmitGate {

  /** When to try again while draining, or without workers. */
  private static final Duration RETRY_AFTER = Duration.ofSeconds(30);

  private final FleetWatch fleet;
  private final WhenNoWorkers whenNoWorkers;
  private final Topology topology;

  /**
   * @param topology gets to know the route of every demand that is let pass
   */
  public SubmitGate(FleetWatch fleet, WhenNoWorkers whenNoWorkers, Topology topology) {
    this.fleet = fleet;
    this.whenNoWorkers = whenNoWorkers;
    this.topology = topology;
  }

  /**
   * Lets an operation pass, with what its user should know of the workers.
   *
   * @throws ProblemException 503 while operations of this type are not accepted, and when no worker
   *     could take it and such submits are to be rejected; 422 for one demand too many
   */
  public List<String> admit(OperationType type, Demand demand) {
    FleetSnapshot now = fleet.now();
    if (!now.accepting(type)) {
      throw ProblemException.retryLater(
          "DRAINING",
          "No new %s operations are accepted%s; what was accepted is kept. Try again later."
              .formatted(
                  type.wireName(), now.reasonNotAccepting(type).map(" (%s)"::formatted).orElse("")),
          RETRY_AFTER);
    }
    if (!topology.addIfRoom(demand.routeOf(type))) {
      throw new ProblemException(
          422,
          "DEMANDS_TOO_MANY",
          "Each demand has a queue of its own, and there are %d already; ask for one of those: %s"
              .formatted(Topology.ROUTES_MAX, String.join(", ", topology.routes())));
    }
    Optional<String> nobody = now.nobodyFor(type, demand);
    if (nobody.isEmpty()) {
      return List.of();
    }
    return switch (whenNoWorkers) {
      case QUEUE -> List.of(nobody.get() + " - queued");
      case REJECT ->
          throw ProblemException.retryLater(
              "NO_WORKERS_AVAILABLE",
              "No workers available for this %s operation: %s. Nothing was accepted; start a worker and try again."
                  .formatted(type.wireName(), nobody.get()),
              RETRY_AFTER);
    };
  }
}
