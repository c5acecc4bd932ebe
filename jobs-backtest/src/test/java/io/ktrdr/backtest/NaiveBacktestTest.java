package io.ktrdr.backtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.ktrdr.market.BarSeries;
import io.ktrdr.protocol.Execution;
import io.ktrdr.protocol.Execution.Fill;
import io.ktrdr.protocol.Sizing;
import io.ktrdr.protocol.Sizing.Kind;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.strategy.Stops;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The engine and a second, naive one agree on random prices, signals, stops and costs. */
class NaiveBacktestTest {

  private static final int SEEDS = 400;
  private static final double CAPITAL = 100_000;

  /** Relative. Forty digits against a double's sixteen, over at most 200 bars. */
  private static final double EXACT = 1e-11;

  @Test
  void agreesWithASecondImplementation() {
    Map<ExitReason, Integer> reasons = new EnumMap<>(ExitReason.class);
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      BarSeries bars = bars(random, 2 + random.nextInt(200));
      byte[] wanted = new byte[bars.size()];
      for (int i = 0; i < wanted.length; i++) {
        wanted[i] = (byte) (random.nextInt(3) == 0 ? random.nextInt(16) : 0);
      }
      SignalSource signals = (bar, position, lastFill) -> wanted[bar];
      Stops stops = stops(random);
      Execution execution = execution(random);
      Sizing sizing = sizing(random);

      EngineRun run = Scenario.run(bars, signals, stops, execution, sizing);
      NaiveBacktest naive =
          new NaiveBacktest(bars, signals, stops, execution, sizing, CAPITAL).run();

      String what = "seed %d: %s %s %s".formatted(seed, stops, execution, sizing);
      assertThat(run.trades()).as(what).hasSameSizeAs(naive.closed);
      for (int i = 0; i < run.trades().size(); i++) {
        Trade trade = run.trades().get(i);
        NaiveBacktest.Closed other = naive.closed.get(i);
        assertThat(trade.exitReason()).as(what + ", trade %d", i).isEqualTo(other.reason());
        assertClose(what, trade.side().sign() * trade.quantity(), other.entry().units());
        assertClose(what, trade.entryPrice(), other.entry().price());
        assertClose(what, trade.exitPrice(), other.exit().price());
        assertClose(what, trade.entryCommission(), other.entry().commission());
        assertClose(what, trade.exitCommission(), other.exit().commission());
        reasons.merge(trade.exitReason(), 1, Integer::sum);
      }
      for (int i = 0; i < run.equity().length; i++) {
        double off = Math.abs(run.equity()[i] - naive.equity.get(i));
        assertThat(off).as("%s, bar %d", what, i).isLessThan(EXACT * CAPITAL);
      }
    }
    assertThat(EnumSet.complementOf(EnumSet.of(ExitReason.CAPITAL_LOST)))
        .as("each way out is taken often: %s", reasons)
        .allMatch(reason -> reasons.getOrDefault(reason, 0) > 50);
    assertThat(reasons).containsKey(ExitReason.CAPITAL_LOST);
  }

  private static void assertClose(String what, double value, double other) {
    assertThat(Math.abs(value - other)).as(what).isLessThanOrEqualTo(EXACT * Math.abs(other));
  }

  /** Gaps between bars, and now and then a move that ruins a short seller. */
  private static BarSeries bars(Random random, int n) {
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

  private static Stops stops(Random random) {
    return new Stops(
        maybe(random, 0.005 + 0.05 * random.nextDouble()),
        maybe(random, 0.005 + 0.1 * random.nextDouble()),
        maybe(random, 0.005 + 0.05 * random.nextDouble()),
        random.nextBoolean() ? Integer.MAX_VALUE : 1 + random.nextInt(10));
  }

  private static double maybe(Random random, double distance) {
    return random.nextBoolean() ? distance : Double.POSITIVE_INFINITY;
  }

  private static Execution execution(Random random) {
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

  private static Sizing sizing(Random random) {
    boolean whole = random.nextBoolean();
    return switch (random.nextInt(3)) {
      case 0 -> new Sizing(Kind.EQUITY_FRACTION, 1 - 0.9 * random.nextDouble(), whole);
      case 1 -> new Sizing(Kind.FIXED_UNITS, 1 + random.nextInt(1500), whole);
      default -> new Sizing(Kind.FIXED_CASH, 1_000 + 120_000 * random.nextDouble(), whole);
    };
  }
}
