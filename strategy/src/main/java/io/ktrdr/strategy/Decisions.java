package io.ktrdr.strategy;

import static java.util.Objects.requireNonNull;

/**
 * How the network's probabilities become trades.
 *
 * @param confidenceThreshold a signal needs at least this probability, in [0, 1]
 * @param positionAwareness whether a signal that would add to the open position is ignored
 * @param minSignalSeparationHours shortest time between two acted-on signals; 0 for none
 * @param allowShortFromFlat whether SELL without a position opens a short one
 * @param stops what closes a position without a signal
 */
public record Decisions(
    double confidenceThreshold,
    boolean positionAwareness,
    double minSignalSeparationHours,
    boolean allowShortFromFlat,
    Stops stops) {

  public Decisions {
    requireNonNull(stops, "stops is null");
  }
}
