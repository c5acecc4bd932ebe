package io.ktrdr.backtest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.strategy.Activation;
import io.ktrdr.strategy.DenseLayer;
import io.ktrdr.strategy.LabelClasses;
import io.ktrdr.strategy.ModelBundle;
import io.ktrdr.worker.OperationResult;
import io.ktrdr.worker.testkit.InMemoryRun;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Models that tell regimes apart. */
class RegimeModelTest {

  private static final String YAML = BacktestInputs.YAML + "training: {labels: {source: regime}}\n";

  private final InMemoryRun run = new InMemoryRun("op_backtest_20251110_103000_abc12345");

  @Test
  void aRisingTrendBuysAFallingOneSellsAndTheConfidenceIsTheirOwn() {
    float[] p = {
      .4f, .3f, .2f, .1f, //
      .3f, .4f, .2f, .1f, //
      .3f, .1f, .35f, .25f, //
      .2f, .2f, .2f, .4f, //
      .3f, .3f, .3f, .1f, // the first of equals
      .1f, .1f, .1f, Float.NaN,
    };
    ModelAnswers answers = new ModelAnswers.Classes(LabelClasses.REGIMES, p);

    assertThat(answers.bars()).isEqualTo(6);
    List<Signal> signals = List.of(Signal.BUY, Signal.SELL, Signal.HOLD, Signal.HOLD, Signal.BUY);
    for (int bar = 0; bar < signals.size(); bar++) {
      assertThat(answers.known(bar)).isTrue();
      assertThat(answers.signal(bar)).as("bar %d", bar).isEqualTo(signals.get(bar));
    }
    assertThat(answers.known(5)).isFalse();
    assertThat(answers.confidence(0, Signal.BUY)).isEqualTo(.4f);
    assertThat(answers.confidence(0, Signal.SELL)).isEqualTo(.3f);
    assertThat(answers.confidence(2, Signal.HOLD)).isEqualTo(.35f);
    assertThat(answers.confidence(3, Signal.HOLD)).isEqualTo(.4f);
  }

  @Test
  void aModelOfRegimesTradesItsTrendsAndCountsAllOfThem() throws Exception {
    OperationResult result = backtest(YAML);

    JsonNode values = result.values();
    JsonNode classes = values.path("class_counts");
    JsonNode signals = values.path("decision_counts");
    assertThat(classes.fieldNames())
        .toIterable()
        .containsExactlyElementsOf(LabelClasses.REGIMES.names());
    assertThat(classes).allSatisfy(count -> assertThat(count.asInt()).isPositive());
    assertThat(signals.path("buy")).isEqualTo(classes.path("trending_up"));
    assertThat(signals.path("sell")).isEqualTo(classes.path("trending_down"));
    assertThat(signals.path("hold").asInt())
        .isEqualTo(classes.path("ranging").asInt() + classes.path("volatile").asInt());
    assertThat(values.path("total_trades").asInt()).isGreaterThan(2);
    for (JsonNode trade : Tables.artifact(run, result, BacktestHandler.TRADES)) {
      assertThat(trade.path("confidence").asDouble()).isGreaterThanOrEqualTo(0.5);
    }
    assertThat(backtest(YAML).artifacts()).isEqualTo(result.artifacts());
  }

  @Test
  void aModelOfRegimesWhoseStrategyHasOthersIsRefused() throws Exception {
    BacktestInputs.assertFails(
        run,
        BacktestInputs.spec(run, bundle(BacktestInputs.YAML), BacktestInputs.csv(365)),
        "MODEL_CORRUPT",
        "4 outputs");
  }

  private OperationResult backtest(String yaml) throws Exception {
    return new BacktestHandler()
        .run(BacktestInputs.spec(run, bundle(yaml), BacktestInputs.csv(365)), run);
  }

  /** A low RSI is a rising trend, a high one a falling one, a middle one a range, or volatile. */
  private static ModelBundle bundle(String yaml) {
    int features = BacktestInputs.FEATURES.size();
    float[] weights = new float[4 * features];
    weights[0] = 6;
    weights[4 * (features - 1) + 1] = 6;
    weights[4 + 2] = 4;
    List<DenseLayer> layers =
        List.of(
            new DenseLayer(features, 4, Activation.SOFTMAX, weights, new float[] {0, 0, -1, 2.2f}));
    return new ModelBundle(
        ModelBundle.formatOf(null, layers),
        "swing",
        yaml,
        Timeframe.D1,
        List.of(Timeframe.D1),
        List.of("EURUSD"),
        LocalDate.of(2022, 1, 1),
        LocalDate.of(2022, 12, 31),
        BacktestInputs.FEATURES,
        layers,
        "0.1.0",
        42,
        Json.mapper().createObjectNode());
  }
}
