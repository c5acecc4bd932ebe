package io.ktrdr.backtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.DatasetRef;
import io.ktrdr.protocol.Execution;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.Sizing;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.worker.OperationFailedException;
import io.ktrdr.worker.OperationResult;
import io.ktrdr.worker.testkit.InMemoryRun;
import java.time.LocalDate;
import org.junit.jupiter.api.Test;

/** A strategy of rules through the handler: YAML and CSV in, result and artifacts out. */
class RulesBacktestTest {

  private static final byte[] CSV = BacktestInputs.csv(365);
  private static final String CROSS =
      """
      name: sma_cross
      version: "3.0"
      indicators:
        fast: {type: sma, period: 3}
        slow: {type: sma, period: 10}
      decisions:
        kind: rules
        enter_long: {crosses_above: [fast, slow]}
        exit_long: {crosses_below: [fast, slow]}
        enter_short: {crosses_below: [fast, slow]}
        exit_short: {crosses_above: [fast, slow]}
      """;

  private final InMemoryRun run = new InMemoryRun("op_backtest_20251110_103000_abc12345");

  @Test
  void rulesAreTradedAndTheResultAddsUp() throws Exception {
    OperationResult result = backtest(spec(CROSS, Execution.DEFAULT, Sizing.DEFAULT));

    JsonNode values = result.values();
    JsonNode trades = Tables.artifact(run, result, BacktestHandler.TRADES);
    assertThat(trades.size()).isGreaterThan(10).isEqualTo(values.path("total_trades").asInt());
    double net = 0;
    for (JsonNode trade : trades) {
      net += trade.path("net_pnl").doubleValue();
      assertThat(trade.path("entry_reason").asText())
          .isEqualTo(trade.path("side").asText().equals("LONG") ? "ENTER_LONG" : "ENTER_SHORT");
      assertThat(trade.has("confidence")).isFalse();
    }
    assertThat(values.path("final_equity").doubleValue()).isCloseTo(100_000 + net, within(1e-6));
    assertThat(values.path("strategy_name").asText()).isEqualTo("sma_cross");
    assertThat(values.has("model_version")).isFalse();
    assertThat(values.path("strategy_sha256").asText()).hasSize(64);
    assertThat(values.path("rule_counts").path("enter_long").asInt()).isPositive();
    assertThat(values.path("config").path("execution").path("fill").asText())
        .isEqualTo("next_open");
    assertThat(values.path("config").path("decisions").path("kind").asText()).isEqualTo("rules");
    assertThat(values.path("warnings")).isEmpty();
  }

  @Test
  void equalSpecsGiveEqualBytes() throws Exception {
    OperationSpec.Backtest spec = spec(CROSS, Execution.DEFAULT, Sizing.DEFAULT);

    OperationResult one = backtest(spec);
    OperationResult two = backtest(spec);

    assertThat(two.values().toString()).isEqualTo(one.values().toString());
    assertThat(two.artifacts()).isEqualTo(one.artifacts());
  }

  @Test
  void volatilityTargetTakesASmallerShareOfAWilderMarket() throws Exception {
    Sizing calm = new Sizing(Sizing.Kind.VOLATILITY_TARGET, 0.02, false);

    JsonNode trades =
        Tables.artifact(run, backtest(spec(CROSS, Execution.FREE, calm)), BacktestHandler.TRADES);

    assertThat(trades.size()).isPositive();
    for (JsonNode trade : trades) {
      double value = trade.path("entry_price").doubleValue() * trade.path("quantity").doubleValue();
      // The price swings by a few tens of percent a year.
      assertThat(value).isBetween(1_000.0, 50_000.0);
    }
  }

  @Test
  void fillsAtTheSameCloseAreLabelled() throws Exception {
    Execution sameClose = new Execution(Execution.Fill.SAME_CLOSE, 0, 0, 0, 0, 0, 0, 0, 0, true);

    JsonNode values = backtest(spec(CROSS, sameClose, Sizing.DEFAULT)).values();

    assertThat(values.path("warnings").findValuesAsText("code"))
        .containsExactly("SAME_CLOSE_FILLS");
    assertThat(values.path("conventions").path("fill_rule").asText()).contains("same close");
  }

  @Test
  void figuresCountFromTheInitialCapitalWhateverTheFirstCloseHasCost() throws Exception {
    Execution costly = new Execution(Execution.Fill.SAME_CLOSE, 0, 50, 0, 0, 0, 0, 0, 0, true);
    String always = CROSS.replace("enter_long: {crosses_above", "enter_long: {less");

    OperationResult result =
        backtest(
            spec(
                always.replace("[fast, slow]", "[fast, 1000]"),
                costly,
                new Sizing(Sizing.Kind.FIXED_UNITS, 1, true)));

    JsonNode values = result.values();
    JsonNode first = Tables.artifact(run, result, BacktestHandler.EQUITY).get(0);
    assertThat(first.path("portfolio_value").doubleValue()).isEqualTo(100_000 - 50);
    assertThat(values.path("total_return").doubleValue())
        .isCloseTo(values.path("final_equity").doubleValue() - 100_000, within(1e-9));
    assertThat(values.path("max_drawdown").doubleValue()).isGreaterThanOrEqualTo(50);
  }

  @Test
  void rulesThatNeverHoldSaySo() throws Exception {
    String never = CROSS.replaceAll("\\{crosses_[a-z]+: \\[fast, slow]}", "{less: [close, 0.1]}");

    JsonNode values = backtest(spec(never, Execution.DEFAULT, Sizing.DEFAULT)).values();

    assertThat(values.path("warnings").findValuesAsText("code")).containsExactly("NO_TRADES");
    assertThat(values.path("warnings").get(0).path("message").asText())
        .contains("enter_long held at 0 bars");
  }

  @Test
  void aRangeShorterThanTheWarmUpIsRefused() {
    OperationSpec.Backtest spec =
        new OperationSpec.Backtest(
            "sma_cross",
            new OperationSpec.Decider.Rules(CROSS),
            new DatasetRef("EURUSD", Timeframe.D1, run.give(CSV)),
            LocalDate.of(2023, 1, 1),
            LocalDate.of(2023, 1, 9),
            100_000,
            Execution.DEFAULT,
            Sizing.DEFAULT,
            "0.1.0");

    // The slow average is there at bar 9, a crossing at bar 10 at the earliest.
    assertThatThrownBy(() -> backtest(spec))
        .isInstanceOfSatisfying(
            OperationFailedException.class,
            e -> {
              assertThat(e.failure().code()).isEqualTo("RANGE_TOO_SHORT");
              assertThat(e.failure().message()).contains("have 9, need 12");
            });
  }

  private OperationSpec.Backtest spec(String yaml, Execution execution, Sizing sizing) {
    return new OperationSpec.Backtest(
        "sma_cross",
        new OperationSpec.Decider.Rules(yaml),
        new DatasetRef("EURUSD", Timeframe.D1, run.give(CSV)),
        LocalDate.of(2023, 3, 1),
        LocalDate.of(2023, 12, 31),
        100_000,
        execution,
        sizing,
        "0.1.0");
  }

  private OperationResult backtest(OperationSpec.Backtest spec) throws InterruptedException {
    return new BacktestHandler().run(spec, run);
  }
}
