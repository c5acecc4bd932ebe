package io.ktrdr.training;

import io.ktrdr.protocol.DatasetRef;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.worker.testkit.InMemoryRun;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;

/** A small strategy, and prices that swing so that there is something to learn. */
final class TrainingInputs {

  static final LocalDate FIRST_DAY = LocalDate.of(2020, 1, 1);

  private static final double BASE = 1.1;

  private TrainingInputs() {}

  /** A strategy with the lines given under {@code training}. */
  static String yaml(String trainingLines) {
    return """
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
      architecture: {hidden_layers: [12, 6], activation: relu, dropout: 0.1}
    decisions: {confidence_threshold: 0.4}
    training:
    """
        + trainingLines.indent(2);
  }

  /** Predicts the return of five bars from the RSI as it is. */
  static String regressionYaml() {
    return rawYaml(
            """
            epochs: 30
            learning_rate: 0.01
            labels: {source: forward_return, horizon: 5}
            data_split: {train: 0.7, validation: 0.1, test: 0.2}
            """)
        .replace(
            "decisions: {confidence_threshold: 0.4}",
            """
            decisions:
              output_format: regression
              cost_model: {round_trip_cost: 0.004, min_edge_multiplier: 1.5}\
            """);
  }

  /** The RSI as it is, scaled. */
  static String rawYaml(String trainingLines) {
    return yaml(trainingLines)
        .replace(
            "- {fuzzy_set: rsi, timeframes: all}",
            "- {raw_indicator: rsi_7, normalization: zscore}");
  }

  static final String TRAINING =
      """
      epochs: 6
      batch_size: 32
      learning_rate: 0.01
      labels: {source: zigzag, zigzag_threshold: 0.02}
      data_split: {train: 0.6, validation: 0.2, test: 0.2}
      """;

  static String yaml() {
    return yaml(TRAINING);
  }

  /** Daily bars of a price that swings by a few percent around a base, with a second rhythm. */
  static byte[] csv(int bars) {
    return csv(bars, bars, 1);
  }

  /** As {@link #csv(int)}; from bar {@code changedFrom} on, swings are larger by a factor. */
  static byte[] csv(int bars, int changedFrom, double factor) {
    StringBuilder csv = new StringBuilder("timestamp,open,high,low,close,volume\n");
    double open = price(-1);
    for (int i = 0; i < bars; i++) {
      double close = BASE + (price(i) - BASE) * (i < changedFrom ? 1 : factor);
      csv.append(FIRST_DAY.plusDays(i)).append(',');
      csv.append(
          String.format(
              Locale.ROOT,
              "%.6f,%.6f,%.6f,%.6f,0%n",
              open,
              Math.max(open, close),
              Math.min(open, close),
              close));
      open = close;
    }
    return csv.toString().replace(System.lineSeparator(), "\n").getBytes(StandardCharsets.UTF_8);
  }

  static double price(int i) {
    return BASE * (1 + 0.03 * Math.sin(i / 4.0) + 0.01 * Math.sin(i / 1.3));
  }

  static OperationSpec.Training spec(InMemoryRun run, String yaml, byte[] csv, int bars) {
    return new OperationSpec.Training(
        "swing",
        yaml,
        List.of(new DatasetRef("EURUSD", Timeframe.D1, run.give(csv))),
        List.of(Timeframe.D1),
        FIRST_DAY,
        FIRST_DAY.plusDays(bars - 1L),
        42,
        "0.1.0");
  }
}
