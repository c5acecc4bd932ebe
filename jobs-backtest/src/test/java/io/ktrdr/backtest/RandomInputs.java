package io.ktrdr.backtest;

import io.ktrdr.market.BarSeries;
import io.ktrdr.protocol.Execution;
import io.ktrdr.protocol.Execution.Fill;
import io.ktrdr.protocol.Sizing;
import io.ktrdr.protocol.Sizing.Kind;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.strategy.Stops;
import java.util.BitSet;
import java.util.Random;

/** Prices, signals, stops, costs and sizings at random, so that everything happens often. */
final class RandomInputs {

  private RandomInputs() {}

  static SignalSource signals(Random random, int n) {
    return new SignalColumns(
        someBars(random, n), someBars(random, n), someBars(random, n), someBars(random, n));
  }

  /** Every sixth bar, or, so that there are quiet stretches, every thirtieth. */
  private static BitSet someBars(Random random, int n) {
    int oneIn = random.nextInt(3) == 0 ? 30 : 6;
    BitSet bars = new BitSet(n);
    for (int bar = 0; bar < n; bar++) {
      bars.set(bar, random.nextInt(oneIn) == 0);
    }
    return bars;
  }

  /** Gaps between bars, and now and then a move that ruins a short seller. */
  static BarSeries bars(Random random, int n) {
    long[] times = new long[n];
    double[] open = new double[n];
    double[] high = new double[n];
    double[] low = new double[n];
    double[] close = new double[n];
    double price = 20 + 80 * random.nextDouble();
    for (int i = 0; i < n; i++) {
      double jump = random.nextInt(300) == 0 ? 1.2 : 0;
      times[i] = 86_400L * i;
      open[i] = price * Math.exp(0.01 * random.nextGaussian() + jump);
      close[i] = open[i] * Math.exp(0.02 * random.nextGaussian());
      high[i] = Math.max(open[i], close[i]) * (1 + 0.02 * random.nextDouble());
      low[i] = Math.min(open[i], close[i]) * (1 - 0.02 * random.nextDouble());
      price = close[i];
    }
    return BarSeries.of("WALK", Timeframe.D1, times, open, high, low, close, new double[n]);
  }

  static Stops stops(Random random) {
    return new Stops(
        maybe(random, 0.005 + 0.05 * random.nextDouble()),
        maybe(random, 0.005 + 0.1 * random.nextDouble()),
        maybe(random, 0.005 + 0.05 * random.nextDouble()),
        random.nextBoolean() ? Integer.MAX_VALUE : 1 + random.nextInt(10));
  }

  private static double maybe(Random random, double distance) {
    return random.nextBoolean() ? distance : Double.POSITIVE_INFINITY;
  }

  static Execution execution(Random random) {
    return new Execution(
        random.nextBoolean() ? Fill.NEXT_OPEN : Fill.SAME_CLOSE,
        cost(random, 0.005),
        cost(random, 5),
        cost(random, 0.02),
        cost(random, 20),
        cost(random, 0.003),
        cost(random, 0.05),
        cost(random, 0.1),
        cost(random, 0.2),
        random.nextBoolean());
  }

  private static double cost(Random random, double max) {
    return random.nextBoolean() ? 0 : max * random.nextDouble();
  }

  static Sizing sizing(Random random) {
    boolean whole = random.nextBoolean();
    return switch (random.nextInt(3)) {
      case 0 -> new Sizing(Kind.EQUITY_FRACTION, 1 - 0.9 * random.nextDouble(), whole);
      case 1 -> new Sizing(Kind.FIXED_UNITS, 1 + random.nextInt(1500), whole);
      default -> new Sizing(Kind.FIXED_CASH, 1_000 + 120_000 * random.nextDouble(), whole);
    };
  }
}
