package io.ktrdr.strategy;

/**
 * When a predicted return is worth a trade.
 *
 * @param roundTripCost of entry and exit together, as a fraction of the price; positive
 * @param minEdgeMultiplier by how many times the prediction has to exceed it; positive
 */
public record CostModel(double roundTripCost, double minEdgeMultiplier) {

  /** Thresholds at which a prediction has full confidence. */
  private static final int FULL_CONFIDENCE = 3;

  /** A prediction above it is a BUY, one below its negative a SELL, all others HOLD. */
  public double threshold() {
    return roundTripCost * minEdgeMultiplier;
  }

  /** {@code min(|predicted| / (3 · threshold), 1)}. */
  public double confidence(double predicted) {
    return Math.min(Math.abs(predicted) / (FULL_CONFIDENCE * threshold()), 1);
  }
}
