package io.ktrdr.strategy;

import io.ktrdr.strategy.LabelSettings.TripleBarrier.Volatility;
import java.util.List;
import java.util.Locale;

/** Reads {@code training.labels}. */
final class LabelSection {

  private static final int BARS_MAX = 1000;

  /** Those of grammar v3, also the ones that are refused. */
  private static final List<String> SOURCES =
      List.of("zigzag", "forward_return", "triple_barrier", "context", "regime");

  private final YamlMap map;
  private final boolean regression;

  LabelSection(YamlMap map, boolean regression) {
    this.map = map;
    this.regression = regression;
  }

  LabelSettings read() {
    String standard = regression ? "forward_return" : "zigzag";
    String source = map.word("source", standard, SOURCES);
    boolean ofReturns = source.equals("forward_return");
    if (source.equals("regime")) {
      map.problem(
          "source",
          "LABELS_UNSUPPORTED",
          "'%s' cannot be trained on; there are: zigzag, triple_barrier, context, forward_return"
              .formatted(source));
      // Its own keys are known there, not here: to call them unknown would only add noise.
      return new LabelSettings.ForwardReturn(1);
    }
    if (ofReturns != regression) {
      map.problem(
          "source",
          "VALUE_INVALID",
          regression
              ? "'%s' are classes; with decisions.output_format: regression write forward_return"
                  .formatted(source)
              : "'forward_return' is a number; write decisions.output_format: regression, or"
                  + " another source");
    }
    LabelSettings labels =
        switch (source) {
          case "forward_return" ->
              new LabelSettings.ForwardReturn(map.whole("horizon", 20, 1, BARS_MAX));
          case "triple_barrier" -> readTripleBarrier();
          case "context" ->
              new LabelSettings.Context(
                  map.whole("horizon", 5, 1, BARS_MAX),
                  map.real("bullish_threshold", 0.005, Interval.above(0, 100)),
                  map.real("bearish_threshold", -0.005, Interval.open(-1, 0)));
          default ->
              new LabelSettings.Zigzag(
                  map.real("zigzag_threshold", 0.02, Interval.open(0, 1)),
                  map.whole("label_lookahead", 10, 1, BARS_MAX));
        };
    map.finish("KEY_UNKNOWN");
    return labels;
  }

  private LabelSettings readTripleBarrier() {
    for (String key : List.of("compute_weights", "cusum_threshold", "cusum_multiplier")) {
      if (map.has(key)) {
        map.problem(key, "FEATURE_UNSUPPORTED", "not supported yet; remove it");
      }
    }
    return new LabelSettings.TripleBarrier(
        map.real("pt_multiplier", 2.0, Interval.above(0, 100)),
        map.real("sl_multiplier", 1.5, Interval.above(0, 100)),
        map.whole("max_holding_period", 50, 1, BARS_MAX),
        map.whole("vol_span", 50, 2, BARS_MAX),
        Volatility.valueOf(
            map.word("vol_method", "atr", List.of("atr", "close")).toUpperCase(Locale.ROOT)));
  }
}
