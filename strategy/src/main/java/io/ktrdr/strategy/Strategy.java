package io.ktrdr.strategy;

import io.ktrdr.protocol.Execution;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.protocol.Sizing;
import io.ktrdr.strategy.indicator.IndicatorSpec;
import java.util.List;
import java.util.Map;

/**
 * A valid strategy of grammar v3: every reference resolves, every number is in its range. Made only
 * by {@link StrategyParser}.
 */
public sealed interface Strategy permits NeuroFuzzyStrategy, RulesStrategy {

  String name();

  String description();

  /** Of the grammar, e.g. {@code 3.0}. */
  String version();

  /** By id, in the file's order. */
  Map<String, IndicatorSpec> indicators();

  /** Bars before the first decision: what its decisions look at has to warm up. */
  int warmupBars();

  /**
   * Bars before the first decision that are needed in any case, which can be told without the bars.
   * Exact, unless the strategy looks at longer bars.
   */
  int warmupBarsAtLeast();

  /** Used where a request says nothing else. */
  Execution execution();

  /** Used where a request says nothing else. */
  Sizing sizing();

  /** What was accepted and has no effect. */
  List<String> warnings();

  /** The YAML as it was given. */
  String text();

  /** Digest of {@link #text()} in UTF-8. */
  Sha256 textSha256();
}
