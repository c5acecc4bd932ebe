package io.ktrdr.strategy;

/** Where the right answers for training come from. Labels look ahead; features never do. */
public sealed interface LabelSettings {

  /** As in YAML, e.g. {@code zigzag}. */
  String source();

  /** Bars at the end of the data that have no label, at least. */
  int horizon();

  /**
   * BUY on the way from a low to the next high, SELL from a high to the next low.
   *
   * @param threshold smallest reversal, as a fraction of the price, in (0, 1)
   * @param lookahead bars; accepted for grammar v3, the segments decide how far labels look
   */
  record Zigzag(double threshold, int lookahead) implements LabelSettings {

    @Override
    public String source() {
      return "zigzag";
    }

    @Override
    public int horizon() {
      return 1;
    }
  }

  /**
   * BUY when the price is at least {@code threshold} higher {@code horizon} bars later, SELL when
   * it is at least that much lower, else HOLD.
   */
  record ForwardReturn(int horizon, double threshold) implements LabelSettings {

    @Override
    public String source() {
      return "forward_return";
    }
  }

  /**
   * The barrier touched first: profit above (BUY), loss below (SELL), time (HOLD unless it moved).
   *
   * @param profitMultiplier upper barrier in units of volatility
   * @param lossMultiplier lower barrier in units of volatility
   * @param maxHoldingBars time barrier
   * @param volatilitySpan bars of the volatility's exponential mean
   */
  record TripleBarrier(
      double profitMultiplier, double lossMultiplier, int maxHoldingBars, int volatilitySpan)
      implements LabelSettings {

    @Override
    public String source() {
      return "triple_barrier";
    }

    @Override
    public int horizon() {
      return 1;
    }
  }
}
