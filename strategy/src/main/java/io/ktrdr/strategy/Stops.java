package io.ktrdr.strategy;

/**
 * What closes a position without a signal. Distances are fractions of the entry fill's price, and
 * infinite where a strategy sets none.
 *
 * @param stopLoss loss at which it is closed; above 0
 * @param takeProfit gain at which it is closed; above 0
 * @param trailing distance from the best price since the entry; above 0
 * @param maxBars bars after which it is closed, the entry's own counted; {@link Integer#MAX_VALUE}
 *     for never
 */
public record Stops(double stopLoss, double takeProfit, double trailing, int maxBars) {

  /** No stop at all. */
  public static final Stops NONE =
      new Stops(
          Double.POSITIVE_INFINITY,
          Double.POSITIVE_INFINITY,
          Double.POSITIVE_INFINITY,
          Integer.MAX_VALUE);

  public Stops {
    if (!(stopLoss > 0 && takeProfit > 0 && trailing > 0 && maxBars > 0)) {
      throw new IllegalArgumentException(
          "stops %s, %s, %s, %d".formatted(stopLoss, takeProfit, trailing, maxBars));
    }
  }
}
