package io.ktrdr.backtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.market.BarSeries;
import io.ktrdr.protocol.Execution;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.strategy.Activation;
import io.ktrdr.strategy.CostModel;
import io.ktrdr.strategy.Decisions;
import io.ktrdr.strategy.DenseLayer;
import io.ktrdr.strategy.FeatureScaling;
import io.ktrdr.strategy.ModelBundle;
import io.ktrdr.strategy.Normalization;
import io.ktrdr.strategy.Stops;
import io.ktrdr.worker.OperationResult;
import io.ktrdr.worker.testkit.InMemoryRun;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Models that predict returns. */
class PredictedReturnsTest {

  private static final CostModel COSTS = new CostModel(0.25, 2);

  private static final String YAML =
      BacktestInputs.YAML
          .replace(
              "{fuzzy_set: rsi, timeframes: all}", "{raw_indicator: rsi_7, normalization: zscore}")
          .replace(
              "confidence_threshold: 0.5",
              "output_format: regression\n"
                  + "  cost_model: {round_trip_cost: 0.004, min_edge_multiplier: 1.5}");

  private final InMemoryRun run = new InMemoryRun("op_backtest_20251110_103000_abc12345");

  @Test
  void onlyReturnsBeyondTheThresholdAreSignals() {
    float[] predicted = {0.5f, Math.nextUp(0.5f), -0.5f, Math.nextDown(-0.5f), 0, Float.NaN};
    ModelAnswers answers = new ModelAnswers.Returns(predicted, COSTS);

    assertThat(answers.signal(0)).as("the threshold itself").isEqualTo(Signal.HOLD);
    assertThat(answers.signal(1)).isEqualTo(Signal.BUY);
    assertThat(answers.signal(2)).isEqualTo(Signal.HOLD);
    assertThat(answers.signal(3)).isEqualTo(Signal.SELL);
    assertThat(answers.signal(4)).isEqualTo(Signal.HOLD);
    assertThat(answers.known(4)).isTrue();
    assertThat(answers.known(5)).isFalse();
    assertThat(answers.confidence(0, Signal.HOLD)).isEqualTo(1 / 3f);
  }

  @Test
  void tradesFollowThePredictionsAndNotTheConfidence() {
    BarSeries bars =
        Scenario.bars(
            new double[] {100, 100, 105, 110, 108}, new double[] {100, 104, 109, 108, 107});
    float[] predicted = {0.6f, 0.5f, -0.7f, 0, 0};
    // A confidence of 0.4 is below the threshold of 0.9, which means nothing here.
    Decisions decisions = new Decisions(COSTS, 0.9, true, 0, true, Stops.NONE);

    EngineRun traded = Scenario.run(bars, predicted, decisions, Execution.FREE);

    assertThat(traded.positions()).containsExactly(0, 1, 1, -1, 0);
    assertThat(traded.trades()).extracting(Trade::entryPrice).containsExactly(100.0, 110.0);
  }

  @Test
  void aModelOfReturnsRunsWithItsScaleAndSaysWhatItPredicted() throws Exception {
    OperationResult result = backtest(1);

    JsonNode values = result.values();
    JsonNode decisions = values.path("config").path("decisions");
    assertThat(decisions.path("output_format").asText()).isEqualTo("regression");
    assertThat(decisions.path("return_threshold").asDouble()).isEqualTo(0.004 * 1.5);
    assertThat(decisions.has("confidence_threshold")).isFalse();
    JsonNode trades = Tables.artifact(run, result, BacktestHandler.TRADES);
    assertThat(trades.size()).isGreaterThan(5);
    for (JsonNode trade : trades) {
      double predicted = trade.path("predicted_return").asDouble();
      boolean isLong = trade.path("side").asText().equals("LONG");
      assertThat(isLong ? predicted : -predicted).isGreaterThan(0.006);
      assertThat(trade.path("confidence").asDouble())
          .isEqualTo((float) Math.min(Math.abs(predicted) / 0.018, 1), within(1e-6));
    }
    assertThat(backtest(1).artifacts()).isEqualTo(result.artifacts());
  }

  @Test
  void predictionsThatAreNeverWorthTheirCostsAreSaid() throws Exception {
    JsonNode values = backtest(0.01f).values();

    assertThat(values.path("total_trades").asInt()).isZero();
    assertThat(values.path("warnings").toString())
        .contains("NO_TRADES", "predicted return beyond 0.006", "cost_model");
  }

  @Test
  void anAnswerOfAnotherKindThanTheStrategyAsksForIsRefused() throws Exception {
    ModelBundle other =
        bundle(YAML.replaceFirst("(?s)output_format.*1.5\\}", "confidence_threshold: 0.5"), 1);
    BacktestInputs.assertFails(
        run,
        BacktestInputs.spec(run, other, BacktestInputs.csv(365)),
        "MODEL_CORRUPT",
        "1 outputs");
  }

  private OperationResult backtest(float strength) throws Exception {
    return new BacktestHandler()
        .run(BacktestInputs.spec(run, bundle(YAML, strength), BacktestInputs.csv(365)), run);
  }

  /** Predicts a rise of one percent for every standard deviation the RSI is below its mean. */
  private static ModelBundle bundle(String yaml, float strength) {
    return new ModelBundle(
        ModelBundle.FORMAT_VERSION,
        "swing",
        yaml,
        Timeframe.D1,
        List.of(Timeframe.D1),
        List.of("EURUSD"),
        LocalDate.of(2020, 1, 1),
        LocalDate.of(2022, 12, 31),
        List.of("1d_rsi_7_raw"),
        List.of(new FeatureScaling("1d_rsi_7_raw", Normalization.ZSCORE, 50, 25)),
        null,
        List.of(
            new DenseLayer(
                1, 1, Activation.IDENTITY, new float[] {-0.01f * strength}, new float[] {0})),
        "0.1.0",
        42,
        Json.mapper().createObjectNode());
  }
}
