package io.ktrdr.strategy;

import static java.util.Objects.requireNonNull;

/** Where the right answers for training come from. Labels look ahead; features never do. */
public sealed interface LabelSettings {

  /** As in YAML, e.g. {@code zigzag}. */
  String source();

  /** Bars at the end of the data that have no label, at least. */
  int horizon();

  /** Bars at the beginning of the data that have no label, at least. */
  default int lead() {
    return 0;
  }

  /** What a network learns to tell apart; of {@link ForwardReturn} only its direction is one. */
  default LabelClasses classes() {
    return switch (this) {
      case Regime _ -> LabelClasses.REGIMES;
      case Zigzag _, ForwardReturn _, TripleBarrier _, Context _ -> LabelClasses.SIGNALS;
    };
  }

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

  /** A number, no class: {@code (close[t + horizon] - close[t]) / close[t]}. */
  record ForwardReturn(int horizon) implements LabelSettings {

    @Override
    public String source() {
      return "forward_return";
    }
  }

  /**
   * The return over the next bars, sorted: at or above one threshold bullish, which is BUY, at or
   * below the other bearish, which is SELL, neutral between them, which is HOLD.
   *
   * @param horizon bars
   * @param bullish as a fraction of the price, above 0
   * @param bearish as a fraction of the price, below 0
   */
  record Context(int horizon, double bullish, double bearish) implements LabelSettings {

    @Override
    public String source() {
      return "context";
    }
  }

  /**
   * How prices move: in a trend up or down, in a range, or wildly. Trends are legs of a zigzag
   * whose smaller swings go on in its direction.
   *
   * @param macroMultiplier smallest reversal that ends a leg, in ATRs
   * @param microMultiplier smallest reversal that ends a swing of a leg, in ATRs; smaller
   * @param atrPeriod bars of the average true range
   * @param volatilityLookback bars whose median ATR is the usual one
   * @param volatilityThreshold times the usual ATR above which prices are wild
   * @param progressionTolerance ATRs by which a swing has to go beyond the one before, or more
   */
  record Regime(
      double macroMultiplier,
      double microMultiplier,
      int atrPeriod,
      int volatilityLookback,
      double volatilityThreshold,
      double progressionTolerance)
      implements LabelSettings {

    @Override
    public String source() {
      return "regime";
    }

    /** {@inheritDoc} Those before there is a usual ATR. */
    @Override
    public int lead() {
      return atrPeriod + volatilityLookback - 2;
    }

    @Override
    public int horizon() {
      return 1;
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
      double profitMultiplier,
      double lossMultiplier,
      int maxHoldingBars,
      int volatilitySpan,
      Volatility volatility)
      implements LabelSettings {

    public TripleBarrier {
      requireNonNull(volatility, "volatility is null");
    }

    @Override
    public String source() {
      return "triple_barrier";
    }

    @Override
    public int horizon() {
      return maxHoldingBars;
    }

    /** What the volatility is an exponential mean of. */
    public enum Volatility {
      /** {@code (high - low) / close}: its mean. */
      ATR,
      /** Logarithmic returns of closes: their standard deviation. */
      CLOSE
    }
  }
}
