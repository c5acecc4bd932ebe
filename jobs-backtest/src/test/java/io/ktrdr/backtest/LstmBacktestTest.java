package io.ktrdr.backtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.DatasetRef;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.Progress;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.strategy.Activation;
import io.ktrdr.strategy.DenseLayer;
import io.ktrdr.strategy.LstmLayer;
import io.ktrdr.strategy.ModelBundle;
import io.ktrdr.strategy.ModelBundleCodec;
import io.ktrdr.strategy.Recurrence;
import io.ktrdr.strategy.RecurrentLayer;
import io.ktrdr.strategy.RecurrentType;
import io.ktrdr.worker.OperationResult;
import io.ktrdr.worker.RunStoppedException;
import io.ktrdr.worker.testkit.InMemoryRun;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Backtests of a model that reads sequences. */
class LstmBacktestTest {

  private static final String ID = "op_backtest_20251110_103000_abc12345";
  private static final int SEQUENCE = 10;
  private static final int BARS = 365;

  private static final String YAML =
      BacktestInputs.YAML
          .replace("type: mlp", "type: lstm")
          .replace(
              "{hidden_layers: [4], activation: relu}",
              "{hidden_size: 2, num_layers: 2, sequence_length: 10}")
          .replace("confidence_threshold: 0.5", "confidence_threshold: 0.4");

  private final InMemoryRun run = new InMemoryRun(ID);

  @Test
  void tradesAndSaysHowLongItsSequencesAre() throws Exception {
    OperationResult result = backtest(spec(run, BacktestInputs.csv(BARS)), run);

    JsonNode values = result.values();
    assertThat(values.path("total_trades").asInt()).isPositive();
    assertThat(values.path("config").path("features").path("sequence_length").asInt())
        .isEqualTo(SEQUENCE);
    assertThat(run.reports())
        .extracting(Progress::currentStep)
        .contains("Asking the model, bar 16/365");
  }

  /** Hidden states are not kept: every answer is made anew from its own sequence. */
  @Test
  void goesOnFromACheckpointToTheSameBytes() throws Exception {
    OperationResult undisturbed = backtest(spec(run, BacktestInputs.csv(BARS)), run);
    for (int stop : new int[] {1, 20, 50}) {
      InMemoryRun first = new InMemoryRun(ID).stopAtCheckpoint(stop);
      OperationSpec.Backtest spec = spec(first, BacktestInputs.csv(BARS));
      assertThatThrownBy(() -> backtest(spec, first)).isInstanceOf(RunStoppedException.class);
      InMemoryRun second = first.nextAttempt();

      OperationResult resumed = backtest(spec(second, BacktestInputs.csv(BARS)), second);

      assertThat(resumed.values()).isEqualTo(undisturbed.values());
      assertThat(resumed.artifacts()).isEqualTo(undisturbed.artifacts());
    }
  }

  @Test
  void pricesAfterABarChangeNoTradeClosedBeforeIt() throws Exception {
    int changed = 250;
    JsonNode trades = trades(BacktestInputs.csv(BARS));
    JsonNode others = trades(BacktestInputs.csv(BARS, Duration.ofDays(1), changed, -1.7));

    String limit = BacktestInputs.FIRST_DAY.plusDays(changed) + "T00:00:00Z";
    int equal = 0;
    for (int i = 0; trades.get(i).path("exit_time").textValue().compareTo(limit) <= 0; i++) {
      assertThat(others.get(i)).isEqualTo(trades.get(i));
      equal++;
    }
    assertThat(equal).isPositive();
    assertThat(others).isNotEqualTo(trades);
  }

  @Test
  void warmUpHasTheWholeSequence() throws Exception {
    // RSI 7 has its first value at bar 7, so the first whole sequence ends at bar 16.
    JsonNode counts = backtest(shortSpec(17), run).values().path("decision_counts");
    int decided =
        counts.path("buy").asInt() + counts.path("hold").asInt() + counts.path("sell").asInt();
    assertThat(decided).as("at bar 16, filled at bar 17").isEqualTo(1);

    BacktestInputs.assertFails(
        run, shortSpec(16), "RANGE_TOO_SHORT", "need 16 to warm up", "have 17, need 18");
  }

  /** Before features are computed, and whatever the type of the layers. */
  @Test
  void refusesWhatWouldTakeManyHours() {
    int bars = 12_000;
    int units = 256;
    List<RecurrentLayer> layers = new ArrayList<>();
    for (int l = 0; l < 4; l++) {
      int inputs = l == 0 ? BacktestInputs.FEATURES.size() : units;
      layers.add(
          RecurrentType.LSTM.layer(
              inputs,
              units,
              new float[inputs * 4 * units],
              new float[units * 4 * units],
              new float[4 * units]));
    }
    String yaml =
        YAML.replace(
            "{hidden_size: 2, num_layers: 2, sequence_length: 10}",
            "{hidden_size: 256, num_layers: 4, sequence_length: 500}");
    ModelBundle model = model(yaml, new Recurrence(500, layers), new float[3 * units]);
    OperationSpec.Backtest spec =
        BacktestInputs.spec(
            run.give(ModelBundleCodec.encode(model)),
            new DatasetRef("EURUSD", Timeframe.D1, run.give(BacktestInputs.csv(bars))),
            BacktestInputs.FIRST_DAY,
            BacktestInputs.FIRST_DAY.plusDays(bars));

    BacktestInputs.assertFails(
        run, spec, "PARAM_RANGE", "answers at 12000 bars, each from 500 bars", "at most 1e+13");
  }

  @Test
  void aModelOfOtherSequencesThanItsStrategysIsRefused() {
    ModelBundle other =
        BacktestInputs.model(
            YAML, BacktestInputs.FEATURES, LocalDate.of(2022, 1, 1), LocalDate.of(2022, 12, 31));

    BacktestInputs.assertFails(
        run,
        BacktestInputs.spec(run, other, BacktestInputs.csv(BARS)),
        "MODEL_CORRUPT",
        "reads 1 bars for an answer, its strategy says 10");
  }

  /** Up to the day that many after the first. */
  private OperationSpec.Backtest shortSpec(int days) {
    return BacktestInputs.spec(
        run.give(ModelBundleCodec.encode(model())),
        new DatasetRef("EURUSD", Timeframe.D1, run.give(BacktestInputs.csv(BARS))),
        BacktestInputs.FIRST_DAY,
        BacktestInputs.FIRST_DAY.plusDays(days));
  }

  private JsonNode trades(byte[] csv) throws Exception {
    return Tables.artifact(run, backtest(spec(run, csv), run), BacktestHandler.TRADES);
  }

  private static OperationSpec.Backtest spec(InMemoryRun run, byte[] csv) {
    return BacktestInputs.spec(run, model(), csv);
  }

  private static OperationResult backtest(OperationSpec.Backtest spec, InMemoryRun run)
      throws InterruptedException {
    return new BacktestHandler().run(spec, run);
  }

  /** One unit is moved by a low RSI, the other by a high one; both remember for some bars. */
  private static ModelBundle model() {
    Recurrence recurrence =
        new Recurrence(SEQUENCE, List.of(layer(3, new int[] {0, 2}), layer(2, new int[] {0, 1})));
    return model(YAML, recurrence, new float[] {8, 0, 0, 0, 0, 8});
  }

  private static ModelBundle model(String yaml, Recurrence recurrence, float[] weights) {
    DenseLayer output =
        new DenseLayer(
            weights.length / ModelBundle.OUTPUTS,
            ModelBundle.OUTPUTS,
            Activation.SOFTMAX,
            weights,
            new float[] {0, 1.5f, 0});
    return new ModelBundle(
        ModelBundle.formatOf(recurrence, List.of(output)),
        "swing",
        yaml,
        Timeframe.D1,
        List.of(Timeframe.D1),
        List.of("EURUSD"),
        LocalDate.of(2022, 1, 1),
        LocalDate.of(2022, 12, 31),
        BacktestInputs.FEATURES,
        List.of(),
        recurrence,
        List.of(output),
        "0.1.0",
        42,
        Json.mapper().createObjectNode());
  }

  /**
   * @param movedBy which input moves unit 0, and which unit 1
   */
  private static LstmLayer layer(int inputs, int[] movedBy) {
    int columns = LstmLayer.GATES * 2;
    float[] inputWeights = new float[inputs * columns];
    float[] biases = new float[columns];
    for (int unit = 0; unit < 2; unit++) {
      inputWeights[movedBy[unit] * columns + unit] = 4;
      biases[2 + unit] = -1; // forget
      biases[4 + unit] = 2; // output
      biases[6 + unit] = 1; // input
    }
    float[] recurrentWeights = new float[2 * columns];
    Arrays.fill(recurrentWeights, 0.1f);
    return new LstmLayer(inputs, 2, inputWeights, recurrentWeights, biases);
  }
}
