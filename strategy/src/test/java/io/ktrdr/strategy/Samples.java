package io.ktrdr.strategy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Strategies for tests. */
final class Samples {

  /** The smallest valid strategy, in block style so that tests can replace single lines. */
  static final String MINIMAL =
      """
      name: minimal
      training_data:
        symbols: {mode: single, symbol: EURUSD}
        timeframes: {mode: single, timeframe: 1d}
      indicators:
        rsi_14: {type: rsi, period: 14}
      fuzzy_sets:
        rsi:
          indicator: rsi_14
          low: [0, 20, 40]
          high: {type: trapezoidal, parameters: [60, 80, 100, 100]}
      nn_inputs:
        - fuzzy_set: rsi
      model:
        type: mlp
      """;

  private Samples() {}

  static String shippedYaml() {
    return shippedYaml("neuro_mean_reversion");
  }

  static String shippedYaml(String name) {
    return text(Path.of("..", "strategies", name + ".yaml"));
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
