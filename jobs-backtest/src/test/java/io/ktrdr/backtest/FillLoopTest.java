package io.ktrdr.backtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ktrdr.market.BarSeries;
import io.ktrdr.protocol.Execution;
import io.ktrdr.protocol.Execution.Fill;
import io.ktrdr.protocol.Sizing;
import io.ktrdr.protocol.Sizing.Kind;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.strategy.Stops;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Each fill rule against a calculation by hand. */
class FillLoopTest {

  private static final double NEVER = Double.POSITIVE_INFINITY;
  private static final Sizing TEN = new Sizing(Kind.FIXED_UNITS, 10, true);
  private static final Sizing ALL_IN = Sizing.DEFAULT;

  @Test
  void stopInsideABarFillsAtTheStopPaysSlippageAndHasItsReason() {
    BarSeries bars = bars("100 100 100 100", "100 101 99 100", "100 100 94 97", "97 97 97 97");

    Trade trade = only(run(bars, "L...", stopLoss(0.05), slippage(0.01), TEN));

    // Bought at 101, so the stop is at 95.95, sold one percent lower.
    assertThat(trade.entryPrice()).isCloseTo(101, within(1e-12));
    assertThat(trade.exitPrice()).isCloseTo(95.95 * 0.99, within(1e-12));
    assertThat(trade.exitReason()).isEqualTo(ExitReason.STOP_LOSS);
    assertThat(trade.barsHeld()).isEqualTo(1);
    assertThat(trade.exitTime()).isEqualTo(bars.time(2));
  }

  @Test
  void gapThroughAStopFillsAtTheOpen() {
    BarSeries bars = bars("100 100 100 100", "100 100 100 100", "80 85 79 84", "84 84 84 84");

    Trade trade = only(run(bars, "L...", stopLoss(0.05), Execution.FREE, TEN));

    assertThat(trade.exitPrice()).isEqualTo(80);
    assertThat(trade.exitReason()).isEqualTo(ExitReason.STOP_LOSS);
  }

  @Test
  void stopAndTargetInOneBarIsTheStop() {
    BarSeries bars = bars("100 100 100 100", "100 120 90 100", "100 100 100 100");

    Trade trade = only(run(bars, "L..", new Stops(0.05, 0.1, NEVER, 99), Execution.FREE, TEN));

    assertThat(trade.exitPrice()).isEqualTo(95);
    assertThat(trade.exitReason()).isEqualTo(ExitReason.STOP_LOSS);
    assertThat(trade.barsHeld()).isZero();
  }

  @Test
  void targetIsALimitOrderFilledThereOrBetterWithoutSlippage() {
    BarSeries inside = bars("100 100 100 100", "100 115 100 112", "112 112 112 112");
    BarSeries gap = bars("100 100 100 100", "100 100 100 100", "130 130 130 130", "9 9 9 9");
    Stops target = new Stops(NEVER, 0.1, NEVER, 99);
    Execution spread = new Execution(Fill.NEXT_OPEN, 0, 0, 0, 0, 0, 0, 2, 0, true);

    Trade first = only(run(inside, "L..", target, spread, TEN));
    Trade second = only(run(gap, "L...", target, spread, TEN));

    // Half of the spread on the way in: bought at 101.
    assertThat(first.entryPrice()).isEqualTo(101);
    assertThat(first.exitPrice()).isCloseTo(111.1, within(1e-12));
    assertThat(first.exitReason()).isEqualTo(ExitReason.TAKE_PROFIT);
    assertThat(first.slippageCost()).isEqualTo(10);
    assertThat(second.exitPrice()).isEqualTo(130);
  }

  @Test
  void trailingStopFollowsTheBestOfEarlierBarsNotOfThisOne() {
    BarSeries bars =
        bars("100 100 100 100", "100 110 100 110", "110 130 105 128", "128 128 110 111", "1 1 1 1");

    Trade trade = only(run(bars, "L....", new Stops(NEVER, NEVER, 0.1, 99), Execution.FREE, TEN));

    // Bar 2 reaches 130, but may have been at 105 first, which is above 99. Then it is at 117.
    assertThat(trade.exitPrice()).isCloseTo(117, within(1e-12));
    assertThat(trade.exitReason()).isEqualTo(ExitReason.TRAILING_STOP);
    assertThat(trade.exitTime()).isEqualTo(bars.time(3));
  }

  @Test
  void shortPositionsAreStoppedAboveTheirEntry() {
    BarSeries bars = bars("100 100 100 100", "100 107 100 106", "106 106 106 106");

    Trade trade = only(run(bars, "S..", stopLoss(0.05), Execution.FREE, TEN));

    assertThat(trade.exitPrice()).isEqualTo(105);
    assertThat(trade.netPnl()).isEqualTo(-50);
    assertThat(trade.maxAdverse()).isEqualTo(50);
  }

  @Test
  void positionIsLeftAfterItsBars() {
    BarSeries bars = flat(6);

    Trade trade = only(run(bars, "L.....", new Stops(NEVER, NEVER, NEVER, 2), Execution.FREE, TEN));

    // Bought at the open of bar 1, held over the closes of 1 and 2, sold at the open of 3.
    assertThat(trade.exitReason()).isEqualTo(ExitReason.MAX_BARS);
    assertThat(trade.exitTime()).isEqualTo(bars.time(3));
    assertThat(trade.barsHeld()).isEqualTo(2);
  }

  @Test
  void sameCloseFillsAtTheCloseItWasDecidedAt() {
    BarSeries bars = bars("100 100 100 100", "100 104 100 103", "103 109 103 108", "1 1 1 1");
    Execution sameClose = new Execution(Fill.SAME_CLOSE, 0, 0, 0, 0, 0, 0, 0, 0, true);

    EngineRun run = run(bars, ".Ll.", Stops.NONE, sameClose, TEN);

    Trade trade = only(run);
    assertThat(trade.entryPrice()).isEqualTo(103);
    assertThat(trade.exitPrice()).isEqualTo(108);
    assertThat(trade.barsHeld()).isEqualTo(1);
    assertThat(trade.entryTime()).isEqualTo(bars.time(2));
    assertThat(run.positions()).containsExactly(0, 1, 0, 0);
  }

  @Test
  void oppositeEntryTurnsThePositionOnlyWhereFlipsAreAllowed() {
    Execution noFlip = new Execution(Fill.NEXT_OPEN, 0, 0, 0, 0, 0, 0, 0, 0, false);

    EngineRun turned = run(flat(5), "LS...", Stops.NONE, Execution.FREE, TEN);
    EngineRun kept = run(flat(5), "LS...", Stops.NONE, noFlip, TEN);

    assertThat(turned.positions()).containsExactly(0, 1, -1, -1, 0);
    assertThat(turned.trades().getFirst().exitReason()).isEqualTo(ExitReason.OPPOSITE_SIGNAL);
    assertThat(kept.positions()).containsExactly(0, 1, 1, 1, 0);
  }

  @Test
  void whenBothSidesWantInNeitherGetsIn() {
    EngineRun run = run(flat(3), "B..", Stops.NONE, Execution.FREE, TEN);

    assertThat(run.trades()).isEmpty();
    assertThat(run.conflicts()).isEqualTo(1);
  }

  @Test
  void fractionOfTheEquityPaysItsCostsToo() {
    Execution costs = new Execution(Fill.NEXT_OPEN, 0.01, 10, 0.1, 0, 0, 0, 0, 0, true);

    EngineRun whole = run(flat(3), "L..", Stops.NONE, costs, ALL_IN);
    EngineRun split =
        run(flat(3), "L..", Stops.NONE, costs, new Sizing(Kind.EQUITY_FRACTION, 1, false));

    // 99990 by 101.1 a unit.
    assertThat(only(whole).quantity()).isEqualTo(989);
    assertThat(only(whole).entryCommission()).isCloseTo(989 + 10 + 98.9, within(1e-9));
    assertThat(only(split).quantity()).isCloseTo(99_990 / 101.1, within(1e-9));
    assertThat(split.equity()[1]).isCloseTo(100 * only(split).quantity(), within(1e-9));
  }

  @Test
  void anOrderCostsItsMinimumAtLeast() {
    Execution costs = new Execution(Fill.NEXT_OPEN, 0.001, 0, 0, 25, 0, 0, 0, 0, true);

    Trade trade = only(run(flat(3), "L..", Stops.NONE, costs, TEN));

    assertThat(trade.commission()).isEqualTo(50);
    assertThat(trade.netPnl()).isEqualTo(-50);
  }

  @Test
  void whatCostsMoreThanThereIsIsRefusedAndCounted() {
    EngineRun run =
        run(flat(3), "L..", Stops.NONE, Execution.FREE, new Sizing(Kind.FIXED_UNITS, 1001, true));

    assertThat(run.trades()).isEmpty();
    assertThat(run.refusedOrders()).isEqualTo(1);
  }

  @Test
  void borrowedUnitsCostTheirRateBarByBar() {
    Execution costs = new Execution(Fill.NEXT_OPEN, 0, 0, 0, 0, 0, 0, 0, 0.3653, true);

    Trade trade = only(run(flat(5), "S....", Stops.NONE, costs, TEN));

    // Over the closes of bars 1, 2, 3 and 4.
    assertThat(trade.borrowCost()).isCloseTo(4 * 1000 * 0.3653 / 365.25, within(1e-9));
    assertThat(trade.netPnl()).isCloseTo(-trade.borrowCost(), within(1e-12));
  }

  @Test
  void lostCapitalEndsTheTrading() {
    BarSeries bars =
        bars("100 100 100 100", "100 100 100 100", "250 250 250 250", "50 50 50 50", "50 50 50 50");

    EngineRun run =
        run(bars, "S..LL", Stops.NONE, Execution.FREE, new Sizing(Kind.FIXED_UNITS, 1000, true));

    assertThat(only(run).exitReason()).isEqualTo(ExitReason.CAPITAL_LOST);
    assertThat(run.equity()).containsExactly(100_000, 100_000, -50_000, -50_000, -50_000);
    assertThat(run.refusedOrders()).isZero();
  }

  @Test
  void moneyDoesNotDriftOverManyTrades() {
    int n = 200_001;
    double[] price = new double[n];
    StringBuilder signals = new StringBuilder();
    for (int i = 0; i < n; i++) {
      price[i] = 100 + (i % 7) * 0.1;
      signals.append(i % 2 == 0 ? 'L' : 'l');
    }
    Execution costs = new Execution(Fill.NEXT_OPEN, 0, 0.003, 0, 0, 0, 0, 0, 0, true);

    EngineRun run = run(Scenario.bars(price, price), signals.toString(), Stops.NONE, costs, TEN);

    assertThat(run.trades()).hasSize(100_000);
    double exact = 100_000 - 0.006 * 100_000;
    for (Trade trade : run.trades()) {
      exact += Math.rint(10 * trade.grossPnl()) / 10;
    }
    assertThat(run.finalEquity()).isCloseTo(exact, within(1e-7));
  }

  /** L and S enter long and short, l and s leave, B enters both, a dot wants nothing. */
  private static EngineRun run(
      BarSeries bars, String signals, Stops stops, Execution execution, Sizing sizing) {
    SignalSource source =
        (bar, position, lastFill) ->
            switch (signals.charAt(bar)) {
              case 'L' -> SignalSource.ENTER_LONG;
              case 'l' -> SignalSource.EXIT_LONG;
              case 'S' -> SignalSource.ENTER_SHORT;
              case 's' -> SignalSource.EXIT_SHORT;
              case 'B' -> SignalSource.ENTER_LONG | SignalSource.ENTER_SHORT;
              default -> SignalSource.NOTHING;
            };
    return Scenario.run(bars, source, stops, execution, sizing);
  }

  private static Trade only(EngineRun run) {
    assertThat(run.trades()).hasSize(1);
    return run.trades().getFirst();
  }

  private static Stops stopLoss(double fraction) {
    return new Stops(fraction, NEVER, NEVER, Integer.MAX_VALUE);
  }

  private static Execution slippage(double rate) {
    return Scenario.costs(0, rate);
  }

  private static BarSeries flat(int n) {
    double[] prices = new double[n];
    Arrays.fill(prices, 100);
    return Scenario.bars(prices, prices);
  }

  /** Daily bars, each as open, high, low, close. */
  private static BarSeries bars(String... rows) {
    int n = rows.length;
    long[] times = new long[n];
    double[][] columns = new double[4][n];
    for (int i = 0; i < n; i++) {
      times[i] = 86_400L * i;
      String[] prices = rows[i].split(" ", -1);
      for (int c = 0; c < 4; c++) {
        columns[c][i] = Double.parseDouble(prices[c]);
      }
    }
    return BarSeries.of(
        "TEST", Timeframe.D1, times, columns[0], columns[1], columns[2], columns[3], new double[n]);
  }
}
