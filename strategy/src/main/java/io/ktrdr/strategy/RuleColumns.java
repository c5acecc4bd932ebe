package io.ktrdr.strategy;

import io.ktrdr.market.BarSeries;
import io.ktrdr.strategy.indicator.IndicatorCache;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * What rules say at the close of each bar of a series, as the sets of bars at which they hold:
 * whether bar {@code i} is in depends on bars {@code 0..i} only. Nothing holds during the rules'
 * warm-up.
 *
 * <p>Immutable by convention: the sets are not copied. Never write to them.
 */
public final class RuleColumns {

  private final BitSet enterLong;
  private final BitSet exitLong;
  private final BitSet enterShort;
  private final BitSet exitShort;

  /** Judges every rule at every bar, computing every indicator. */
  public RuleColumns(Rules rules, BarSeries bars) {
    this(rules, bars, new IndicatorCache());
  }

  /** As the other, of a caller that will not want to stop. */
  public RuleColumns(Rules rules, BarSeries bars, IndicatorCache cache) {
    this(rules, bars, cache, () -> {});
  }

  /**
   * Judges every rule at every bar.
   *
   * @param cache of the process that runs strategies
   * @param between called before each indicator; what it throws ends the judging
   */
  public RuleColumns(Rules rules, BarSeries bars, IndicatorCache cache, Runnable between) {
    ConditionColumns conditions = new ConditionColumns(bars, cache, between);
    int warmup = rules.warmupBars();
    this.enterLong = judged(conditions, rules.enterLong(), warmup);
    this.exitLong = judged(conditions, rules.exitLong(), warmup);
    this.enterShort = judged(conditions, rules.enterShort(), warmup);
    this.exitShort = judged(conditions, rules.exitShort(), warmup);
  }

  public BitSet enterLong() {
    return enterLong;
  }

  public BitSet exitLong() {
    return exitLong;
  }

  public BitSet enterShort() {
    return enterShort;
  }

  public BitSet exitShort() {
    return exitShort;
  }

  private static BitSet judged(
      ConditionColumns conditions, @Nullable Condition condition, int warmup) {
    if (condition == null) {
      return new BitSet();
    }
    BitSet held = conditions.judge(condition);
    held.clear(0, warmup);
    return held;
  }
}
