package io.ktrdr.backtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ktrdr.market.BarSeries;
import io.ktrdr.protocol.Execution;
import io.ktrdr.strategy.Decisions;
import io.ktrdr.strategy.Stops;
import io.ktrdr.worker.OperationFailedException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ModelTradingTest {

  private static final Execution FREE = Execution.FREE;

  @Test
  void tradesAreThoseOfAHandCalculation() {
    // Decided at the close of bars 0, 2, 4, 6 and filled at the opens of bars 1, 3, 5, 7.
    BarSeries bars =
        Scenario.bars(
            new double[] {100, 100, 105, 110, 108, 108, 102, 104, 106},
            new double[] {100, 104, 109, 108, 107, 103, 105, 105, 107});

    EngineRun run = Scenario.run(bars, "BHSHBHSHH", Scenario.SHORTS, FREE);

    assertThat(run.trades())
        .extracting(Trade::side)
        .containsExactly(Side.LONG, Side.SHORT, Side.LONG, Side.SHORT);
    // 95 % of 100000 at 100: 950 units, 10 each. Of 109500 at 110: 945 units, 2 each.
    // Of 111390 at 108: 979 units, minus 4 each. Of 107474 at 104: 981 units, minus 3 each.
    assertThat(run.trades())
        .extracting(Trade::quantity)
        .containsExactly(950.0, 945.0, 979.0, 981.0);
    assertThat(run.trades())
        .extracting(Trade::netPnl)
        .containsExactly(9500.0, 1890.0, -3916.0, -2943.0);
    assertThat(run.trades()).extracting(Trade::barsHeld).containsExactly(2, 2, 2, 2);
    assertThat(run.trades().getLast().exitReason()).isEqualTo(ExitReason.END_OF_DATA);
    assertThat(run.finalEquity()).isCloseTo(104_531, within(1e-9));
    assertThat(run.equity())
        .containsExactly(
            new double[] {
              100_000, 103_800, 108_550, 111_390, 112_335, 106_495, 108_453, 106_493, 104_531
            },
            within(1e-6));
    assertThat(run.positions()).containsExactly(0, 1, 1, -1, -1, 1, 1, -1, 0);
  }

  @Test
  void commissionAndSlippageArePaidOnBothSides() {
    BarSeries bars =
        Scenario.bars(new double[] {100, 100, 110, 110}, new double[] {100, 110, 110, 110});

    Trade trade =
        Scenario.run(bars, "BSHH", Scenario.LONG_ONLY, Scenario.costs(0.001, 0.01))
            .trades()
            .getFirst();

    // Bought at 101, sold at 108.9; 95000 / (101 * 1.001) is 939.67.
    assertThat(trade.quantity()).isEqualTo(939);
    assertThat(trade.entryPrice()).isCloseTo(101, within(1e-9));
    assertThat(trade.exitPrice()).isCloseTo(108.9, within(1e-9));
    assertThat(trade.grossPnl()).isCloseTo(7.9 * 939, within(1e-6));
    assertThat(trade.entryCommission()).isCloseTo(0.101 * 939, within(1e-6));
    assertThat(trade.exitCommission()).isCloseTo(0.1089 * 939, within(1e-6));
    assertThat(trade.slippageCost()).isCloseTo((1 + 1.1) * 939, within(1e-6));
    assertThat(trade.netPnl()).isCloseTo((7.9 - 0.101 - 0.1089) * 939, within(1e-6));
  }

  @Test
  void slippageWorksAgainstTheShortSellerToo() {
    BarSeries bars = Scenario.bars(new double[] {100, 100, 90, 90}, new double[] {100, 90, 90, 90});

    Trade trade =
        Scenario.run(bars, "SBHH", Scenario.SHORTS, Scenario.costs(0, 0.01)).trades().getFirst();

    assertThat(trade.side()).isEqualTo(Side.SHORT);
    assertThat(trade.entryPrice()).isCloseTo(99, within(1e-9));
    assertThat(trade.exitPrice()).isCloseTo(90.9, within(1e-9));
    assertThat(trade.netPnl()).isCloseTo(8.1 * trade.quantity(), within(1e-6));
  }

  @Test
  void anOpenPositionIsClosedAtTheLastCloseInsideTheEquityCurve() {
    BarSeries bars = Scenario.bars(new double[] {100, 100, 103}, new double[] {100, 102, 105});

    EngineRun run = Scenario.run(bars, "BHH", Scenario.LONG_ONLY, Scenario.costs(0.001, 0));

    Trade trade = run.trades().getFirst();
    assertThat(trade.exitReason()).isEqualTo(ExitReason.END_OF_DATA);
    assertThat(trade.exitPrice()).isEqualTo(105);
    assertThat(trade.exitTime()).isEqualTo(bars.time(2).plusSeconds(86_400));
    assertThat(trade.exitCommission()).isCloseTo(0.105 * trade.quantity(), within(1e-9));
    assertThat(run.finalEquity()).isCloseTo(100_000 + trade.netPnl(), within(1e-9));
  }

  @Test
  void withoutShortsASaleOnlyCloses() {
    BarSeries bars =
        Scenario.bars(new double[] {100, 100, 100, 100, 100}, new double[] {100, 100, 100, 100, 9});

    EngineRun run = Scenario.run(bars, "SBSHH", Scenario.LONG_ONLY, FREE);

    assertThat(run.trades()).extracting(Trade::side).containsExactly(Side.LONG);
    assertThat(run.positions()).containsExactly(0, 0, 1, 0, 0);
  }

  @Test
  void aSignalBelowTheThresholdIsHeldAndOneAtTheLastBarIsNeverFilled() {
    BarSeries bars = Scenario.bars(new double[] {100, 100, 100}, new double[] {100, 100, 100});

    assertThat(Scenario.run(bars, "bbB", Scenario.LONG_ONLY, FREE).trades()).isEmpty();
  }

  @Test
  void signalsTooSoonAfterAFillAreHeld() {
    double[] flat = new double[8];
    Arrays.fill(flat, 100);
    Decisions threeDays = new Decisions(0.5, true, 72, true, Stops.NONE);

    EngineRun run = Scenario.run(Scenario.bars(flat, flat), "BSSSSSSS", threeDays, FREE);

    // Bought at the open of day 1; the close of day 3 is 72 hours later, so sold at day 4's open.
    assertThat(run.trades().getFirst().exitTime()).isEqualTo(Scenario.bars(flat, flat).time(4));
  }

  @Test
  void aPositionOfAModelIsStoppedAndCanBeEnteredAgain() {
    BarSeries bars =
        Scenario.bars(
            new double[] {100, 100, 100, 90, 90, 90}, new double[] {100, 100, 94, 90, 90, 90});
    Stops stops = new Stops(0.05, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, 100);

    EngineRun run = Scenario.run(bars, "BHBHHH", new Decisions(0.5, true, 0, false, stops), FREE);

    assertThat(run.trades())
        .extracting(Trade::exitReason)
        .containsExactly(ExitReason.STOP_LOSS, ExitReason.END_OF_DATA);
    assertThat(run.trades().getFirst().exitPrice()).isEqualTo(95);
    assertThat(run.trades().getLast().entryPrice()).isEqualTo(90);
  }

  @Test
  void excursionsAreMeasuredWhileThePositionLives() {
    BarSeries bars =
        Scenario.bars(new double[] {100, 100, 120, 98, 50}, new double[] {100, 120, 96, 98, 50});

    Trade trade = Scenario.run(bars, "BHSHH", Scenario.LONG_ONLY, FREE).trades().getFirst();

    assertThat(trade.maxFavorable()).isCloseTo(20.0 * trade.quantity(), within(1e-6));
    assertThat(trade.maxAdverse()).isCloseTo(4.0 * trade.quantity(), within(1e-6));
  }

  @Test
  void capitalThatDoesNotReachForOneUnitIsSaid() {
    BarSeries bars =
        Scenario.bars(new double[] {200_000, 200_000}, new double[] {200_000, 200_000});

    EngineRun run = Scenario.run(bars, "BH", Scenario.LONG_ONLY, FREE);

    assertThat(run.trades()).isEmpty();
    assertThat(run.refusedOrders()).isEqualTo(1);
  }

  @Test
  void tradesAndEquityCurveAgreeOnAnyPrices() {
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      BarSeries bars = Scenario.randomWalk(random, 2 + random.nextInt(300));
      float[] says = Scenario.randomProbabilities(random, bars.size());
      Decisions decisions =
          new Decisions(
              random.nextDouble() * 0.6,
              random.nextBoolean(),
              random.nextInt(100),
              random.nextBoolean(),
              randomStops(random));
      Execution costs = Scenario.costs(random.nextDouble() * 0.01, random.nextDouble() * 0.01);

      EngineRun run = Scenario.run(bars, says, decisions, costs);

      double net = run.trades().stream().mapToDouble(Trade::netPnl).sum();
      assertThat(100_000 + net).as("seed %d", seed).isCloseTo(run.finalEquity(), within(1e-4));
      assertThat(run.trades())
          .allSatisfy(t -> {
            assertThat(t.exitTime()).isAfterOrEqualTo(t.entryTime());
            if (decisions.stops().equals(Stops.NONE)) {
              assertThat(t.exitTime())
                  .as("only stops end a bar's own trade")
                  .isAfter(t.entryTime());
            }
            assertThat(t.maxFavorable()).isNotNegative();
            assertThat(t.maxAdverse()).isNotNegative();
          });
    }
  }

  @Test
  void whatComesLaterChangesNoEarlierDecision() {
    Random random = new Random(11);
    BarSeries bars = Scenario.randomWalk(random, 200);
    float[] says = Scenario.randomProbabilities(random, 200);
    EngineRun whole = Scenario.run(bars, says, Scenario.SHORTS, Scenario.costs(0.001, 0.0005));
    for (int cut = 20; cut < 200; cut += 30) {
      EngineRun part =
          Scenario.run(
              bars.slice(0, cut),
              Arrays.copyOf(says, cut * 3),
              Scenario.SHORTS,
              Scenario.costs(0.001, 0.0005));

      List<Trade> closed =
          part.trades().stream().filter(t -> t.exitReason() != ExitReason.END_OF_DATA).toList();
      assertThat(whole.trades()).startsWith(closed.toArray(Trade[]::new));
      assertThat(Arrays.copyOf(part.equity(), cut - 1))
          .containsExactly(Arrays.copyOf(whole.equity(), cut - 1));
    }
  }

  @Test
  void aModelWithoutAnAnswerFailsTheRunInsteadOfHolding() {
    BarSeries bars = Scenario.bars(new double[] {100, 100, 100}, new double[] {100, 100, 100});
    float[] says = Scenario.says("BHH");
    says[3] = Float.NaN;

    assertThatThrownBy(() -> Scenario.run(bars, says, Scenario.LONG_ONLY, FREE))
        .isInstanceOfSatisfying(
            OperationFailedException.class,
            e -> assertThat(e.failure().code()).isEqualTo("MODEL_OUTPUT_INVALID"));
  }

  private static Stops randomStops(Random random) {
    return random.nextBoolean()
        ? Stops.NONE
        : new Stops(
            0.001 + 0.05 * random.nextDouble(),
            0.001 + 0.05 * random.nextDouble(),
            0.001 + 0.05 * random.nextDouble(),
            1 + random.nextInt(30));
  }
}
