package io.ktrdr.strategy;

import io.ktrdr.market.BarSeries;
import io.ktrdr.strategy.Condition.All;
import io.ktrdr.strategy.Condition.Any;
import io.ktrdr.strategy.Condition.Crosses;
import io.ktrdr.strategy.Condition.ForBars;
import io.ktrdr.strategy.Condition.Greater;
import io.ktrdr.strategy.Condition.Not;
import io.ktrdr.strategy.indicator.IndicatorCache;
import io.ktrdr.strategy.indicator.IndicatorColumns;
import io.ktrdr.strategy.indicator.IndicatorSpec;
import java.util.Arrays;
import java.util.List;

/**
 * Judges conditions over all bars of a series at once. Before a condition's warm-up the answer is
 * false, and means nothing. Not thread-safe.
 */
final class ConditionColumns {

  private final BarSeries bars;
  private final IndicatorColumns indicators;

  ConditionColumns(BarSeries bars, IndicatorCache cache, Runnable between) {
    this.bars = bars;
    this.indicators = new IndicatorColumns(bars, cache, between);
  }

  /** Whether the condition holds, for each bar. */
  boolean[] judge(Condition condition) {
    boolean[] held =
        switch (condition) {
          case Greater(Operand a, Operand b) -> greater(column(a), column(b));
          case Crosses(Operand a, Operand b, boolean up) ->
              up ? crosses(column(a), column(b)) : crosses(column(b), column(a));
          case All(List<Condition> all) -> all(all);
          case Any(List<Condition> any) -> any(any);
          case Not(Condition one) -> not(judge(one));
          case ForBars(int bars, Condition one) -> forBars(bars, judge(one), one.warmupBars());
        };
    Arrays.fill(held, 0, Math.min(held.length, condition.warmupBars()), false);
    return held;
  }

  private double[] column(Operand operand) {
    return switch (operand) {
      case Operand.IndicatorOutput(IndicatorSpec spec, String output) ->
          indicators.column(spec, output);
      case Operand.Price price ->
          switch (price) {
            case OPEN -> bars.open();
            case HIGH -> bars.high();
            case LOW -> bars.low();
            case CLOSE -> bars.close();
            case VOLUME -> bars.volume();
          };
      case Operand.Constant(double value) -> {
        double[] column = new double[bars.size()];
        Arrays.fill(column, value);
        yield column;
      }
    };
  }

  private static boolean[] greater(double[] a, double[] b) {
    boolean[] held = new boolean[a.length];
    for (int i = 0; i < held.length; i++) {
      held[i] = a[i] > b[i];
    }
    return held;
  }

  /** See {@link Crosses} for ties. What is unknown has no side. */
  private static boolean[] crosses(double[] a, double[] b) {
    boolean[] held = new boolean[a.length];
    boolean wasBelow = false;
    for (int i = 0; i < held.length; i++) {
      if (a[i] > b[i]) {
        held[i] = wasBelow;
        wasBelow = false;
      } else if (a[i] < b[i]) {
        wasBelow = true;
      }
    }
    return held;
  }

  private boolean[] all(List<Condition> conditions) {
    boolean[] held = judge(conditions.getFirst());
    for (Condition condition : conditions.subList(1, conditions.size())) {
      boolean[] other = judge(condition);
      for (int i = 0; i < held.length; i++) {
        held[i] &= other[i];
      }
    }
    return held;
  }

  private boolean[] any(List<Condition> conditions) {
    boolean[] held = judge(conditions.getFirst());
    for (Condition condition : conditions.subList(1, conditions.size())) {
      boolean[] other = judge(condition);
      for (int i = 0; i < held.length; i++) {
        held[i] |= other[i];
      }
    }
    return held;
  }

  private static boolean[] not(boolean[] held) {
    for (int i = 0; i < held.length; i++) {
      held[i] = !held[i];
    }
    return held;
  }

  private static boolean[] forBars(int bars, boolean[] held, int from) {
    int streak = 0;
    for (int i = from; i < held.length; i++) {
      streak = held[i] ? streak + 1 : 0;
      held[i] = streak >= bars;
    }
    return held;
  }
}
