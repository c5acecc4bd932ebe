package io.ktrdr.strategy;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * How the network's answers become trades.
 *
 * @param costModel of a network that predicts returns; null for one that knows classes
 * @param confidenceThreshold a signal needs at least this probability, in [0, 1]; means nothing to
 *     predicted returns
 * @param positionAwareness whether a signal that would add to the open position is ignored
 * @param minSignalSeparationHours shortest time between two acted-on signals; 0 for none
 * @param allowShortFromFlat whether SELL without a position opens a short one
 * @param stops what closes a position without a signal
 */
public record Decisions(
    @Nullable CostModel costModel,
    double confidenceThreshold,
    boolean positionAwareness,
    double minSignalSeparationHours,
    boolean allowShortFromFlat,
    Stops stops) {

  public Decisions {
    requireNonNull(stops, "stops is null");
  }

  /** Of a network that knows classes. */
  public Decisions(
      double confidenceThreshold,
      boolean positionAwareness,
      double minSignalSeparationHours,
      boolean allowShortFromFlat,
      Stops stops) {
    this(
        null,
        confidenceThreshold,
        positionAwareness,
        minSignalSeparationHours,
        allowShortFromFlat,
        stops);
  }
}
