package io.ktrdr.backtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.DatasetRef;
import io.ktrdr.protocol.GapPolicy;
import io.ktrdr.protocol.MarketCalendar;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.Progress;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.protocol.Sizing;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.strategy.ModelBundle;
import io.ktrdr.strategy.ModelBundleCodec;
import io.ktrdr.worker.OperationResult;
import io.ktrdr.worker.RunStoppedException;
import io.ktrdr.worker.testkit.InMemoryRun;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BacktestHandlerTest {

  private static final int BARS = 365;
  private static final byte[] CSV = BacktestInputs.csv(BARS);

  private final InMemoryRun run = new InMemoryRun("op_backtest_20251110_103000_abc12345");

  @Test
  void aBacktestTradesAndItsResultAddsUp() throws Exception {
    OperationResult result = backtest(spec());

    JsonNode values = result.values();
    JsonNode trades = Tables.artifact(run, result, BacktestHandler.TRADES);
    JsonNode equity = Tables.artifact(run, result, BacktestHandler.EQUITY);
    assertThat(values.path("total_trades").intValue()).isGreaterThan(10).isEqualTo(trades.size());
    assertThat(values.path("long_trades").intValue()).isPositive();
    assertThat(values.path("short_trades").intValue()).isPositive();
    double net = 0;
    for (JsonNode trade : trades) {
      net += trade.path("net_pnl").doubleValue();
      assertThat(trade.path("commission").doubleValue()).isPositive();
    }
    assertThat(values.path("total_return").doubleValue()).isCloseTo(net, within(1e-6));
    assertThat(equity.get(equity.size() - 1).path("portfolio_value").doubleValue())
        .isCloseTo(100_000 + net, within(1e-6));
    assertThat(equity).hasSize(306);
    assertThat(values.path("bars").intValue()).isEqualTo(306);
    assertThat(values.path("equity_curve_length").intValue()).isEqualTo(306);
    assertThat(values.path("start_time").textValue()).isEqualTo("2023-03-01T00:00:00Z");
    assertThat(values.path("end_time").textValue()).isEqualTo("2023-12-31T00:00:00Z");
    assertThat(values.path("warnings")).isEmpty();
    assertThat(values.path("conventions").path("periods_per_year").doubleValue())
        .isCloseTo(365.25, within(1e-9));
  }

  @Test
  void pricesAfterABarChangeNoTradeClosedBeforeIt() throws Exception {
    int changed = 200;
    JsonNode plain = Tables.artifact(run, backtest(spec()), BacktestHandler.TRADES);
    byte[] csv = BacktestInputs.csv(BARS, Duration.ofDays(1), changed, -1.7);
    JsonNode other =
        Tables.artifact(
            run,
            backtest(BacktestInputs.spec(run, BacktestInputs.model(), csv)),
            BacktestHandler.TRADES);

    String limit = BacktestInputs.FIRST_DAY.plusDays(changed) + "T00:00:00Z";
    int equal = 0;
    for (int i = 0; plain.get(i).path("exit_time").textValue().compareTo(limit) <= 0; i++) {
      assertThat(other.get(i)).isEqualTo(plain.get(i));
      equal++;
    }
    assertThat(equal).isGreaterThan(3);
    assertThat(other).isNotEqualTo(plain);
  }

  @Test
  void barsAfterTheEndDateAreNotSeen() throws Exception {
    byte[] longer = BacktestInputs.csv(BARS + 100);

    JsonNode plain = backtest(spec()).values();
    JsonNode other = backtest(BacktestInputs.spec(run, BacktestInputs.model(), longer)).values();

    assertThat(other.path("orders_sha256")).isEqualTo(plain.path("orders_sha256"));
    assertThat(other.path("sharpe_ratio")).isEqualTo(plain.path("sharpe_ratio"));
  }

  @Test
  void theEndDateIsTradedToItsLastBar() throws Exception {
    byte[] csv = BacktestInputs.csv(24 * 60, Duration.ofHours(1), 0, 1);
    ModelBundle model =
        BacktestInputs.model(
            BacktestInputs.YAML.replace("timeframe: 1d", "timeframe: 1h"),
            List.of(Timeframe.H1),
            List.of("1h_rsi_low", "1h_rsi_middle", "1h_rsi_high"),
            LocalDate.of(2022, 1, 1),
            LocalDate.of(2022, 12, 31));
    OperationSpec.Backtest spec =
        BacktestInputs.spec(
            run.give(ModelBundleCodec.encode(model)),
            new DatasetRef("EURUSD", Timeframe.H1, run.give(csv)),
            LocalDate.of(2023, 2, 1),
            LocalDate.of(2023, 2, 3));

    JsonNode values = backtest(spec).values();

    assertThat(values.path("bars").intValue()).isEqualTo(72);
    assertThat(values.path("end_time").textValue()).isEqualTo("2023-02-03T23:00:00Z");
  }

  @Test
  void progressNamesRoundBarsAndTheMoneySoFar() throws Exception {
    OperationSpec.Backtest spec =
        BacktestInputs.spec(
            run.give(ModelBundleCodec.encode(BacktestInputs.model())),
            dataset(),
            BacktestInputs.FIRST_DAY,
            LocalDate.of(2023, 12, 31));

    backtest(spec);

    assertThat(run.reports())
        .extracting(Progress::currentStep)
        .contains("Processing bar 50/365", "Processing bar 365/365");
    Progress last = run.reports().getLast();
    assertThat(last.percentage()).isEqualTo(100);
    assertThat(last.itemsProcessed()).isEqualTo(365);
    assertThat(last.itemsTotal()).isEqualTo(365);
    assertThat(last.currentItem()).isEqualTo("2023-12-31T00:00:00Z");
    assertThat(last.context()).containsKeys("current_pnl", "total_trades", "win_rate");
    assertThat(run.reports()).hasSizeLessThan(120);
  }

  @Test
  void cancelledBacktestKeepsTheFiguresOfTheBarsItFinished() throws Exception {
    JsonNode wholeTrades = Tables.artifact(run, backtest(spec()), BacktestHandler.TRADES);
    InMemoryRun cancelled =
        new InMemoryRun("op_backtest_20251110_103000_abc12346").stopAfterReports(40);
    OperationSpec.Backtest spec = BacktestInputs.spec(cancelled, BacktestInputs.model(), CSV);
    assertThatThrownBy(() -> new BacktestHandler().run(spec, cancelled))
        .isInstanceOf(RunStoppedException.class);

    OperationResult partial = cancelled.partialResult().orElseThrow();
    int processed = partial.values().path("bars_processed").asInt();
    assertThat(processed).isGreaterThan(100).isLessThan(306);
    assertThat(partial.values().path("bars_total").asInt()).isEqualTo(306);
    assertThat(partial.values().path("bars").asInt()).isEqualTo(processed);
    assertThat(partial.values().path("end_time").asText())
        .isEqualTo(LocalDate.of(2023, 3, 1).plusDays(processed - 1) + "T00:00:00Z");
    JsonNode trades = Tables.json(cancelled.bytes(partial.artifacts().getFirst()));
    assertThat(trades.size()).isPositive().isLessThan(wholeTrades.size());
    for (int i = 0; i < trades.size(); i++) {
      assertThat(trades.get(i)).isEqualTo(wholeTrades.get(i));
    }
  }

  @Test
  void backtestThatIsCancelledAtOnceKeepsItsFirstStretch() throws Exception {
    run.stopAtCheckpoint(1);
    assertThatThrownBy(() -> backtest(spec())).isInstanceOf(RunStoppedException.class);
    assertThat(run.partialResult().map(partial -> partial.values().path("bars").asInt()))
        .contains(BarProgress.stride(306));
  }

  @Test
  void backtestThatIsCancelledWhileItPreparesDoesNotBegin() throws Exception {
    run.stopAfterReports(2);
    assertThatThrownBy(() -> backtest(spec())).isInstanceOf(RunStoppedException.class);
    assertThat(run.partialResult()).isEmpty();
  }

  @Test
  void aRangeTheModelHasSeenIsCalledInSample() throws Exception {
    ModelBundle model =
        BacktestInputs.model(
            BacktestInputs.YAML,
            BacktestInputs.FEATURES,
            LocalDate.of(2022, 1, 1),
            LocalDate.of(2023, 3, 31));

    assertWarns(BacktestInputs.spec(run, model, CSV), "IN_SAMPLE_BACKTEST", "31 of 306 bars");
  }

  @Test
  void theResultSaysWhatTheModelWasTrainedOn() throws Exception {
    JsonNode values = backtest(spec()).values();

    assertThat(values.path("training_start").asText()).isEqualTo("2022-01-01");
    assertThat(values.path("training_end").asText()).isEqualTo("2022-12-31");
  }

  @Test
  void aRangeBeyondTheDataIsCalledTruncated() throws Exception {
    OperationSpec.Backtest spec =
        BacktestInputs.spec(
            run.give(ModelBundleCodec.encode(BacktestInputs.model())),
            dataset(),
            LocalDate.of(2023, 3, 1),
            LocalDate.of(2024, 6, 30));

    assertWarns(spec, "RANGE_TRUNCATED", "2023-03-01 to 2023-12-31");
  }

  @Test
  void missingBarsAreSaidOrFilledAndTheResultSaysWhich() throws Exception {
    List<String> lines = new ArrayList<>(new String(CSV, StandardCharsets.UTF_8).lines().toList());
    // 2023-04-11 to 2023-04-13, within the range, and a day before it.
    lines.subList(101, 104).clear();
    lines.remove(20);
    byte[] csv = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
    OperationSpec.Backtest spec = BacktestInputs.spec(run, BacktestInputs.model(), csv);

    JsonNode warned = backtest(spec).values();
    assertThat(warned.at("/data/calendar").asText()).isEqualTo("24x7");
    assertThat(warned.at("/data/layout").asText()).isEqualTo("ktrdr");
    assertThat(warned.at("/data/gaps").asText()).isEqualTo("warn");
    assertThat(warned.at("/data/gap_count").asInt()).isEqualTo(1);
    assertThat(warned.at("/data/missing_bars").asInt()).isEqualTo(3);
    assertThat(warned.at("/data/filled_bars").asInt(-1)).isZero();
    assertThat(warned.at("/warnings/0/code").asText()).isEqualTo("DATA_GAP");

    DatasetRef fill =
        new DatasetRef(
            "EURUSD", Timeframe.D1, spec.dataset().sha256(), GapPolicy.FILL, MarketCalendar.ALWAYS);
    OperationSpec.Backtest filling =
        BacktestInputs.spec(
            ((OperationSpec.Decider.Model) spec.decider()).sha256(),
            fill,
            spec.startDate(),
            spec.endDate());
    JsonNode filled = backtest(filling).values();
    assertThat(filled.at("/data/filled_bars").asInt()).isEqualTo(3);
    assertThat(filled.at("/data/filled_bars_before").asInt()).isEqualTo(1);
    assertThat(filled.path("bars").asInt()).isEqualTo(warned.path("bars").asInt() + 3);
    assertThat(filled.path("data_sha256").asText()).isEqualTo(spec.dataset().sha256().hex());
    assertThat(filled.path("warnings")).isEmpty();
  }

  @Test
  void anotherSymbolThanTrainedOnIsSaid() throws Exception {
    OperationSpec.Backtest spec =
        BacktestInputs.spec(
            run.give(ModelBundleCodec.encode(BacktestInputs.model())),
            new DatasetRef("GBPUSD", Timeframe.D1, run.give(CSV)),
            LocalDate.of(2023, 3, 1),
            LocalDate.of(2023, 12, 31));

    assertWarns(spec, "MODEL_CONTEXT_MISMATCH", "trained on EURUSD");
  }

  @Test
  void noTradesIsSaidWithWhatTheModelWanted() throws Exception {
    ModelBundle model =
        BacktestInputs.model(
            BacktestInputs.YAML.replace("confidence_threshold: 0.5", "confidence_threshold: 1.0"),
            BacktestInputs.FEATURES,
            LocalDate.of(2022, 1, 1),
            LocalDate.of(2022, 12, 31));
    OperationSpec.Backtest spec = BacktestInputs.spec(run, model, CSV);

    assertWarns(spec, "NO_TRADES", "lower decisions.confidence_threshold");
    JsonNode values = backtest(spec).values();
    assertThat(values.path("win_rate").isNull()).isTrue();
    assertThat(values.path("undefined").path("win_rate").textValue()).isEqualTo("no trades");
    assertThat(values.path("total_return").doubleValue()).isZero();
  }

  @Test
  void nothingIsDecidedBeforeTheSizingKnowsTheVolatility() throws Exception {
    OperationSpec.Backtest whole = spec();
    OperationSpec.Backtest spec =
        new OperationSpec.Backtest(
            whole.strategyName(),
            whole.decider(),
            whole.dataset(),
            BacktestInputs.FIRST_DAY,
            whole.endDate(),
            whole.initialCapital(),
            whole.execution(),
            new Sizing(Sizing.Kind.VOLATILITY_TARGET, 0.05, false),
            whole.engineVersion());

    OperationResult result = backtest(spec);

    // The features are there at bar 7, the volatility of 20 returns at bar 20, the next open is 21.
    JsonNode values = result.values();
    assertThat(values.path("warnings")).isEmpty();
    assertThat(values.path("decision_counts").path("buy").intValue())
        .isLessThan(backtestFromTheFirstDay().path("decision_counts").path("buy").intValue());
    assertThat(
            Tables.artifact(run, result, BacktestHandler.TRADES)
                .get(0)
                .path("entry_time")
                .textValue())
        .isGreaterThanOrEqualTo(BacktestInputs.FIRST_DAY.plusDays(21) + "T00:00:00Z");
  }

  private JsonNode backtestFromTheFirstDay() throws InterruptedException {
    OperationSpec.Backtest spec = spec();
    return backtest(
            BacktestInputs.spec(
                ((OperationSpec.Decider.Model) spec.decider()).sha256(),
                spec.dataset(),
                BacktestInputs.FIRST_DAY,
                spec.endDate()))
        .values();
  }

  @Test
  void otherFeaturesThanTrainedOnAreRefused() {
    ModelBundle model =
        BacktestInputs.model(
            BacktestInputs.YAML,
            List.of("1d_rsi_low", "1d_macd_rising", "1d_rsi_high"),
            LocalDate.of(2022, 1, 1),
            LocalDate.of(2022, 12, 31));

    BacktestInputs.assertFails(
        run,
        BacktestInputs.spec(run, model, CSV),
        "MODEL_FEATURES_MISMATCH",
        "1d_macd_rising",
        "1d_rsi_middle");
  }

  @Test
  void aDamagedModelIsRefused() {
    byte[] bytes = ModelBundleCodec.encode(BacktestInputs.model());
    String damaged =
        new String(bytes, StandardCharsets.UTF_8).replace("\"biases\":\"A", "\"biases\":\"B");
    Sha256 sha256 = run.give(damaged.getBytes(StandardCharsets.UTF_8));
    OperationSpec.Backtest spec =
        BacktestInputs.spec(
            sha256, dataset(), LocalDate.of(2023, 3, 1), LocalDate.of(2023, 12, 31));

    BacktestInputs.assertFails(run, spec, "MODEL_CORRUPT", "SHA-256");
  }

  @Test
  void aRangeWithoutBarsIsRefusedWithWhatThereIs() {
    OperationSpec.Backtest spec =
        BacktestInputs.spec(
            run.give(ModelBundleCodec.encode(BacktestInputs.model())),
            dataset(),
            LocalDate.of(2020, 1, 1),
            LocalDate.of(2020, 12, 31));

    BacktestInputs.assertFails(run, spec, "RANGE_TOO_SHORT", "2023-01-01 to 2023-12-31");
  }

  @Test
  void aRangeThatEndsWhileIndicatorsWarmUpIsRefused() {
    OperationSpec.Backtest spec =
        BacktestInputs.spec(
            run.give(ModelBundleCodec.encode(BacktestInputs.model())),
            dataset(),
            LocalDate.of(2023, 1, 1),
            LocalDate.of(2023, 1, 5));

    BacktestInputs.assertFails(run, spec, "RANGE_TOO_SHORT", "have 5, need ");
  }

  @Test
  void damagedDataIsRefusedWithItsOwnCode() {
    byte[] csv =
        new String(CSV, StandardCharsets.UTF_8)
            .replace("2023-02-01T", "2022-02-01T")
            .getBytes(StandardCharsets.UTF_8);

    BacktestInputs.assertFails(
        run, BacktestInputs.spec(run, BacktestInputs.model(), csv), "DATA_UNSORTED", "EURUSD");
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

  private void assertWarns(OperationSpec.Backtest spec, String code, String words)
      throws InterruptedException {
    JsonNode warnings = backtest(spec).values().path("warnings");
    assertThat(warnings).hasSize(1);
    assertThat(warnings.get(0).path("code").textValue()).isEqualTo(code);
    assertThat(warnings.get(0).path("message").textValue()).contains(words);
  }
}
