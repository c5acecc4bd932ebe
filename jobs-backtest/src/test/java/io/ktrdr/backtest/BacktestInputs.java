package io.ktrdr.backtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ktrdr.protocol.DatasetRef;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.protocol.Sizing;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.strategy.Activation;
import io.ktrdr.strategy.DenseLayer;
import io.ktrdr.strategy.ModelBundle;
import io.ktrdr.strategy.ModelBundleCodec;
import io.ktrdr.worker.OperationFailedException;
import io.ktrdr.worker.testkit.InMemoryRun;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;

/** A hand-made model that buys a low RSI and sells a high one, and prices that swing. */
final class BacktestInputs {

  static final LocalDate FIRST_DAY = LocalDate.of(2023, 1, 1);

  static final String YAML =
      """
      name: swing
      version: '3.0'
      training_data:
        symbols: {mode: single, symbol: EURUSD}
        timeframes: {mode: single, timeframe: 1d}
        history_required: 100
      indicators:
        rsi_7: {type: rsi, period: 7}
      fuzzy_sets:
        rsi:
          indicator: rsi_7
          low: {type: triangular, parameters: [0, 20, 50]}
          middle: {type: triangular, parameters: [30, 50, 70]}
          high: {type: triangular, parameters: [50, 80, 100]}
      nn_inputs:
        - {fuzzy_set: rsi, timeframes: all}
      model:
        type: mlp
        architecture: {hidden_layers: [4], activation: relu}
      decisions:
        confidence_threshold: 0.5
        allow_short_from_flat: true
        filters: {min_signal_separation: 4}
      """;

  static final List<String> FEATURES = List.of("1d_rsi_low", "1d_rsi_middle", "1d_rsi_high");

  private BacktestInputs() {}

  /** Trained in 2022, before the prices begin. */
  static ModelBundle model() {
    return model(YAML, FEATURES, LocalDate.of(2022, 1, 1), LocalDate.of(2022, 12, 31));
  }

  static ModelBundle model(
      String yaml, List<String> features, LocalDate trainStart, LocalDate trainEnd) {
    return model(yaml, List.of(Timeframe.D1), features, trainStart, trainEnd);
  }

  /**
   * @param timeframes of the features, the base first
   */
  static ModelBundle model(
      String yaml,
      List<Timeframe> timeframes,
      List<String> features,
      LocalDate trainStart,
      LocalDate trainEnd) {
    float[] weights = new float[features.size() * ModelBundle.OUTPUTS];
    weights[0] = 6;
    weights[weights.length - 1] = 6;
    DenseLayer layer =
        new DenseLayer(
            features.size(),
            ModelBundle.OUTPUTS,
            Activation.SOFTMAX,
            weights,
            new float[] {0, 1.5f, 0});
    return new ModelBundle(
        ModelBundle.FORMAT_VERSION,
        "swing",
        yaml,
        timeframes.getFirst(),
        timeframes,
        List.of("EURUSD"),
        trainStart,
        trainEnd,
        features,
        List.of(layer),
        "0.1.0",
        42,
        Json.mapper().createObjectNode());
  }

  static byte[] csv(int bars) {
    return csv(bars, Duration.ofDays(1), bars, 1);
  }

  /** A swinging price; from bar {@code changedFrom} on its swings are larger by a factor. */
  static byte[] csv(int bars, Duration step, int changedFrom, double factor) {
    StringBuilder csv = new StringBuilder("timestamp,open,high,low,close,volume\n");
    Instant time = Instant.parse(FIRST_DAY + "T00:00:00Z");
    double open = 1.1;
    for (int i = 0; i < bars; i++) {
      double swing = 0.03 * Math.sin(i / 4.0) + 0.01 * Math.sin(i / 1.3);
      double close = 1.1 * (1 + swing * (i < changedFrom ? 1 : factor));
      csv.append(
          String.format(
              Locale.ROOT,
              "%s,%.6f,%.6f,%.6f,%.6f,0\n",
              time,
              open,
              Math.max(open, close),
              Math.min(open, close),
              close));
      open = close;
      time = time.plus(step);
    }
    return csv.toString().getBytes(StandardCharsets.UTF_8);
  }

  static OperationSpec.Backtest spec(InMemoryRun run, ModelBundle model, byte[] csv) {
    return spec(
        run.give(ModelBundleCodec.encode(model)),
        new DatasetRef("EURUSD", Timeframe.D1, run.give(csv)),
        LocalDate.of(2023, 3, 1),
        LocalDate.of(2023, 12, 31));
  }

  static OperationSpec.Backtest spec(
      Sha256 model, DatasetRef dataset, LocalDate start, LocalDate end) {
    return new OperationSpec.Backtest(
        "swing",
        new OperationSpec.Decider.Model("swing/1d_v1", model),
        dataset,
        start,
        end,
        100_000,
        Scenario.costs(0.0002, 0.0001),
        new Sizing(Sizing.Kind.EQUITY_FRACTION, 0.95, true),
        "0.1.0");
  }

  /** The run ends for good, with that code and those words. */
  static void assertFails(
      InMemoryRun run, OperationSpec.Backtest spec, String code, String... words) {
    assertThatThrownBy(() -> new BacktestHandler().run(spec, run))
        .isInstanceOfSatisfying(
            OperationFailedException.class,
            e -> {
              assertThat(e.failure().code()).isEqualTo(code);
              assertThat(e.failure().retryable()).isFalse();
              assertThat(e.failure().message()).contains(words);
            });
  }
}
