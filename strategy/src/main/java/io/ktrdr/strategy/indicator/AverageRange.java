package io.ktrdr.strategy.indicator;

import static io.ktrdr.strategy.indicator.Parameters.FIRST;
import static io.ktrdr.strategy.indicator.Parameters.SEED;
import static io.ktrdr.strategy.indicator.Parameters.SMA;
import static io.ktrdr.strategy.indicator.Parameters.SMOOTHING;
import static io.ktrdr.strategy.indicator.Parameters.WILDER;

/** The average true range, for the types that are made of it. */
final class AverageRange {

  static final String FIRST_RANGE = "first_range";
  static final String NONE = "none";

  private AverageRange() {}

  /** By {@code smoothing}, from the first bar's range on. */
  static double[] of(PriceColumns prices, int period, IndicatorParameters p) {
    double[] range = Columns.trueRange(prices);
    return p.word(SMOOTHING).equals(SMA)
        ? Rolling.mean(range, period)
        : Columns.wilder(range, 0, period);
  }

  /** By {@code smoothing}, {@code seed} and {@code first_range}. */
  static double[] seeded(PriceColumns prices, int period, IndicatorParameters p) {
    double[] range = Columns.trueRange(prices);
    if (p.word(SMOOTHING).equals(WILDER) && p.word(SEED).equals(FIRST)) {
      return Columns.wilderFromFirst(range, period);
    }
    int first = firstBar(p);
    return p.word(SMOOTHING).equals(SMA)
        ? Rolling.mean(range, first, period)
        : Columns.wilder(range, first, period);
  }

  /** Of the first true range that counts. */
  static int firstBar(IndicatorParameters p) {
    return p.word(FIRST_RANGE).equals(NONE) ? 1 : 0;
  }

  /** Whether {@code seed: first} is asked for only where there is one. */
  static boolean seedFits(IndicatorParameters p) {
    return p.word(SEED).equals(SMA)
        || (p.word(SMOOTHING).equals(WILDER) && !p.word(FIRST_RANGE).equals(NONE));
  }
}
