package io.ktrdr.backtest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.DatasetRef;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.strategy.ModelBundle;
import io.ktrdr.strategy.ModelBundleCodec;
import io.ktrdr.strategy.indicator.IndicatorCache;
import io.ktrdr.worker.OperationResult;
import io.ktrdr.worker.testkit.InMemoryRun;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Models that see longer timeframes than the one they trade. */
class HigherTimeframesBacktestTest {

  private static final int BARS = 365;
  private static final byte[] CSV = BacktestInputs.csv(BARS);

  private final InMemoryRun run = new InMemoryRun("op_backtest_20251110_103000_abc12345");

  @Test
  void modelOfSeveralTimeframesSeesClosedWeeksOnly() throws Exception {
    int changed = 200;
    OperationSpec.Backtest plain = BacktestInputs.spec(run, weekly(), CSV);
    OperationSpec.Backtest other =
        BacktestInputs.spec(
            run, weekly(), BacktestInputs.csv(BARS, Duration.ofDays(1), changed, -1.7));

    OperationResult result = backtest(plain);

    JsonNode features = result.values().path("config").path("features");
    assertThat(features.path("timeframes").toString()).isEqualTo("[\"1d\",\"1w\"]");
    assertThat(features.path("higher_bars").asText()).contains("closed");
    // Every bar of the range but the last, after which nothing could be filled.
    JsonNode counts = result.values().path("decision_counts");
    assertThat(
            counts.path("buy").asInt() + counts.path("hold").asInt() + counts.path("sell").asInt())
        .isEqualTo(305);
    assertThat(counts).isNotEqualTo(backtest(spec()).values().path("decision_counts"));
    JsonNode trades = Tables.artifact(run, result, BacktestHandler.TRADES);
    JsonNode otherTrades = Tables.artifact(run, backtest(other), BacktestHandler.TRADES);
    String limit = BacktestInputs.FIRST_DAY.plusDays(changed) + "T00:00:00Z";
    int equal = 0;
    for (int i = 0; trades.get(i).path("exit_time").textValue().compareTo(limit) <= 0; i++) {
      assertThat(otherTrades.get(i)).isEqualTo(trades.get(i));
      equal++;
    }
    assertThat(equal).isPositive();
    assertThat(otherTrades).isNotEqualTo(trades);
  }

  @Test
  void warmupIsThatOfTheLongestTimeframe() {
    // RSI 7 needs eight weeks, the first of which begins with the second day.
    OperationSpec.Backtest spec =
        BacktestInputs.spec(
            run.give(ModelBundleCodec.encode(weekly())),
            dataset(),
            BacktestInputs.FIRST_DAY,
            BacktestInputs.FIRST_DAY.plusDays(8 * 7));

    BacktestInputs.assertFails(
        run, spec, "RANGE_TOO_SHORT", "indicators and sizing need 56 to warm up");
  }

  @Test
  void secondRunComputesNoIndicatorAgain() throws Exception {
    IndicatorCache cache = new IndicatorCache();
    BacktestHandler handler = new BacktestHandler(cache);
    OperationSpec.Backtest spec = BacktestInputs.spec(run, weekly(), CSV);

    OperationResult first = handler.run(spec, run);
    assertThat(cache.misses()).as("RSI of days and of weeks").isEqualTo(2);
    OperationResult second = handler.run(spec, run);

    assertThat(cache.misses()).isEqualTo(2);
    assertThat(cache.hits()).isEqualTo(2);
    assertThat(second.values()).isEqualTo(first.values());
    assertThat(second.artifacts()).isEqualTo(first.artifacts());
  }

  @Test
  void barsOfAnotherTimeframeThanTrainedOnAreRefused() {
    byte[] hours = BacktestInputs.csv(24 * 60, Duration.ofHours(1), 0, 1);
    OperationSpec.Backtest spec =
        BacktestInputs.spec(
            run.give(ModelBundleCodec.encode(BacktestInputs.model())),
            new DatasetRef("EURUSD", Timeframe.H1, run.give(hours)),
            LocalDate.of(2023, 2, 1),
            LocalDate.of(2023, 2, 3));

    BacktestInputs.assertFails(
        run, spec, "MODEL_FEATURES_MISMATCH", "decides on 1d bars", "these are 1h bars");
  }

  /** Buys after low days and sells after high weeks. */
  private static ModelBundle weekly() {
    return BacktestInputs.model(
        BacktestInputs.YAML,
        List.of(Timeframe.D1, Timeframe.W1),
        List.of(
            "1d_rsi_low",
            "1d_rsi_middle",
            "1d_rsi_high",
            "1w_rsi_low",
            "1w_rsi_middle",
            "1w_rsi_high"),
        LocalDate.of(2022, 1, 1),
        LocalDate.of(2022, 12, 31));
  }

  private OperationSpec.Backtest spec() {
    return BacktestInputs.spec(run, BacktestInputs.model(), CSV);
  }

  private DatasetRef dataset() {
    return new DatasetRef("EURUSD", Timeframe.D1, run.give(CSV));
  }

  private OperationResult backtest(OperationSpec.Backtest spec) throws InterruptedException {
    return new BacktestHandler().run(spec, run);
  }
}
