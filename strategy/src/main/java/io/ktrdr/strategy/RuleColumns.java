package io.ktrdr.strategy;

import io.ktrdr.market.BarSeries;
import io.ktrdr.strategy.indicator.IndicatorCache;
import org.jspecify.annotations.Nullable;

/**
 * What rules say at the close of each bar of a series: bar {@code i} depends on bars {@code 0..i}
 * only. Nothing holds during the rules' warm-up.
 *
 * <p>Immutable by convention: the columns are not copied. Never write to them.
 */
public final class RuleColumns {

  private final boolean[] enterLong;
  private final boolean[] exitLong;
  private final boolean[] enterShort;
  private final boolean[] exitShort;

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
    int warmup = Math.min(bars.size(), rules.warmupBars());
    this.enterLong = judged(conditions, rules.enterLong(), bars.size(), warmup);
    this.exitLong = judged(conditions, rules.exitLong(), bars.size(), warmup);
    this.enterShort = judged(conditions, rules.enterShort(), bars.size(), warmup);
    this.exitShort = judged(conditions, rules.exitShort(), bars.size(), warmup);
  }

  public boolean[] enterLong() {
    return enterLong;
  }

  public boolean[] exitLong() {
    return exitLong;
  }

  public boolean[] enterShort() {
    return enterShort;
  }

  public boolean[] exitShort() {
    return exitShort;
  }

  private static boolean[] judged(
      ConditionColumns conditions, @Nullable Condition condition, int size, int warmup) {
    boolean[] held = new boolean[size];
    if (condition != null) {
      System.arraycopy(conditions.judge(condition), warmup, held, warmup, size - warmup);
    }
    return held;
  }
}
