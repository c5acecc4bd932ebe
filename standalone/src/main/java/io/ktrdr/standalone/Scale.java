package io.ktrdr.standalone;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * How many workers of each kind to run.
 *
 * @param backtest workers running backtests
 * @param training workers training models
 */
record Scale(int backtest, int training) {

  /** More processes than this on one machine is a slip of the finger. */
  static final int WORKERS_MAX = 64;

  /** One of each. */
  static final Scale DEFAULT = new Scale(1, 1);

  /**
   * Reads {@code backtest-worker=5}-like words; what is not named stays one.
   *
   * @throws StandaloneException {@code SCALE_INVALID}
   */
  static Scale parse(List<String> words) {
    Map<WorkerKind, Integer> counts = new EnumMap<>(WorkerKind.class);
    for (String word : words) {
      String[] parts = word.split("=", -1);
      WorkerKind kind = WorkerKind.ofService(parts[0]).orElseThrow(() -> invalid(word));
      counts.put(kind, parts.length == 2 ? count(word, parts[1]) : count(word, ""));
    }
    return new Scale(
        counts.getOrDefault(WorkerKind.BACKTEST, DEFAULT.backtest),
        counts.getOrDefault(WorkerKind.TRAINING, DEFAULT.training));
  }

  int of(WorkerKind kind) {
    return switch (kind) {
      case BACKTEST -> backtest;
      case TRAINING -> training;
    };
  }

  private static int count(String word, String number) {
    if (!number.matches("\\d{1,3}") || Integer.parseInt(number) > WORKERS_MAX) {
      throw invalid(word);
    }
    return Integer.parseInt(number);
  }

  private static StandaloneException invalid(String word) {
    return new StandaloneException(
        "SCALE_INVALID",
        "--scale "
            + word
            + " is not understood. Write <service>=<number up to "
            + WORKERS_MAX
            + ">; services: "
            + String.join(", ", WorkerKind.services())
            + ".");
  }
}
