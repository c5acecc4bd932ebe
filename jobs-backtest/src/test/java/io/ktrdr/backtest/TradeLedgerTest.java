package io.ktrdr.backtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ktrdr.market.BarSeries;
import io.ktrdr.market.DataFacts;
import io.ktrdr.protocol.ArtifactRef;
import io.ktrdr.protocol.DatasetRef;
import io.ktrdr.protocol.GapPolicy;
import io.ktrdr.protocol.MarketCalendar;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.strategy.LabelClasses;
import io.ktrdr.worker.OperationFailedException;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

class TradeLedgerTest {

  @Test
  void oneTradeTooManyFailsThereAndThen() {
    TradeLedger ledger = new TradeLedger();
    for (int i = 0; i < TradeLedger.TRADES_MAX; i++) {
      add(ledger, i, 1);
    }

    assertThat(ledger.size()).isEqualTo(TradeLedger.TRADES_MAX);
    assertThatThrownBy(() -> add(ledger, 1_704_067_200, 1))
        .isInstanceOf(OperationFailedException.class)
        .hasMessageContaining("2024-01-01T00:01:00Z")
        .asInstanceOf(InstanceOfAssertFactories.type(OperationFailedException.class))
        .extracting(e -> e.failure().code())
        .isEqualTo("TRADES_TOO_MANY");
  }

  /** Amounts without any pattern are the worst there is to keep. */
  @Test
  void asManyTradesAsThereMayBeFitIntoAnArtifact() {
    int trades = 20_000;
    Random random = new Random(1);
    TradeLedger ledger = new TradeLedger();
    long time = 0;
    for (int i = 0; i < trades; i++) {
      time += 60L * random.nextInt(1 << 20);
      add(ledger, time, 0.5 + random.nextDouble());
    }
    BarSeries bars = Scenario.randomWalk(random, 2);
    float[] says = Scenario.randomProbabilities(random, 2);
    EngineRun run =
        new EngineRun(
            0,
            100_000,
            new double[] {1, 2},
            new byte[2],
            ledger.trades(),
            0,
            0,
            Sha256.of(new byte[0]));
    OperationSpec.Backtest spec =
        BacktestInputs.spec(
            Sha256.of(new byte[0]),
            new DatasetRef("EURUSD", Timeframe.D1, Sha256.of(new byte[0])),
            Scenario.FIRST_DAY,
            Scenario.FIRST_DAY.plusDays(1));

    byte[] table =
        new BacktestReport(
                spec,
                new PreparedModel(
                    bars,
                    says,
                    LabelClasses.SIGNALS,
                    0,
                    Scenario.SHORTS,
                    List.of(Timeframe.D1),
                    1,
                    Scenario.ORIGIN),
                bars,
                run,
                new DataFacts("ktrdr", MarketCalendar.FX, GapPolicy.WARN, 0, 0, 0, 0))
            .trades();

    assertThat((double) table.length / trades * TradeLedger.TRADES_MAX)
        .isLessThan(ArtifactRef.BYTES_MAX);
  }

  private static void add(TradeLedger ledger, long time, double amount) {
    ledger.addTrade(
        1,
        0,
        time,
        time + 60,
        amount,
        amount * 1.1,
        amount * 1.3,
        amount * 1.7,
        amount * 1.9,
        amount * 2.3,
        amount * 2.9,
        1,
        amount * 3.1,
        amount * 3.7,
        ExitReason.MAX_BARS);
  }
}
