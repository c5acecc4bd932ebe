package io.ktrdr.backtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.ktrdr.market.BarSeries;
import io.ktrdr.protocol.Execution;
import io.ktrdr.protocol.Sizing;
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
      BarSeries bars = RandomInputs.bars(random, 2 + random.nextInt(200));
      SignalSource signals = RandomInputs.signals(random, bars.size());
      Stops stops = RandomInputs.stops(random);
      Execution execution = RandomInputs.execution(random);
      Sizing sizing = RandomInputs.sizing(random);

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

  /** A quiet stretch is done at once; asked at every bar, the engine does each for itself. */
  @Test
  void quietStretchesAreTheirBarsToTheLastBit() {
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      BarSeries bars = RandomInputs.bars(random, 2 + random.nextInt(600));
      SignalSource signals = RandomInputs.signals(random, bars.size());
      Stops stops = RandomInputs.stops(random);
      Execution execution = RandomInputs.execution(random);
      Sizing sizing = RandomInputs.sizing(random);

      EngineRun run = Scenario.run(bars, signals, stops, execution, sizing);
      SignalSource oneByOne = (bar, side, lastFill) -> signals.at(bar, side, lastFill);
      EngineRun barByBar = Scenario.run(bars, oneByOne, stops, execution, sizing);

      String what = "seed %d: %s %s %s".formatted(seed, stops, execution, sizing);
      assertThat(run.trades()).as(what).isEqualTo(barByBar.trades());
      assertThat(run.equity()).as(what).isEqualTo(barByBar.equity());
      assertThat(run.positions()).as(what).isEqualTo(barByBar.positions());
      assertThat(run.conflicts()).as(what).isEqualTo(barByBar.conflicts());
      assertThat(run.refusedOrders()).as(what).isEqualTo(barByBar.refusedOrders());
      assertThat(run.ordersSha256()).as(what).isEqualTo(barByBar.ordersSha256());
    }
  }

  private static void assertClose(String what, double value, double other) {
    assertThat(Math.abs(value - other)).as(what).isLessThanOrEqualTo(EXACT * Math.abs(other));
  }
}
