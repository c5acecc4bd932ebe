package io.ktrdr.strategy;

import io.ktrdr.strategy.LabelSettings.TripleBarrier.Volatility;
import java.util.List;
import java.util.Locale;

/** Reads {@code training.labels}. */
final class LabelSection {

  private static final int BARS_MAX = 1000;

  /** That of the indicator {@code atr}. */
  private static final int ATR_PERIOD_MAX = 100;

  /** Those of grammar v3. */
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
          case "regime" -> readRegime();
          default ->
              new LabelSettings.Zigzag(
                  map.real("zigzag_threshold", 0.02, Interval.open(0, 1)),
                  map.whole("label_lookahead", 10, 1, BARS_MAX));
        };
    map.finish("KEY_UNKNOWN");
    return labels;
  }

  private LabelSettings readRegime() {
    Interval multiplier = Interval.above(0, 100);
    int before = map.problemCount();
    double macro = map.real("macro_atr_mult", 3.0, multiplier);
    double micro = map.real("micro_atr_mult", 1.0, multiplier);
    if (micro >= macro && map.problemCount() == before) {
      map.problem(
          map.has("micro_atr_mult") ? "micro_atr_mult" : "macro_atr_mult",
          "PARAM_RANGE",
          "micro_atr_mult is %s and must be smaller than macro_atr_mult, which is %s"
              .formatted(micro, macro));
    }
    return new LabelSettings.Regime(
        macro,
        micro,
        map.whole("atr_period", 14, 1, ATR_PERIOD_MAX),
        map.whole("vol_lookback", 120, 2, BARS_MAX),
        map.real("vol_crisis_threshold", 2.0, Interval.above(1, 100)),
        map.real("progression_tolerance", 0.5, Interval.closed(0, 100)));
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
