package io.ktrdr.strategy;

import io.ktrdr.market.BarSeries;
import io.ktrdr.strategy.Condition.All;
import io.ktrdr.strategy.Condition.Any;
import io.ktrdr.strategy.Condition.Crosses;
import io.ktrdr.strategy.Condition.ForBars;
import io.ktrdr.strategy.Condition.Greater;
import io.ktrdr.strategy.Condition.Not;
import io.ktrdr.strategy.indicator.IndicatorSpec;
import io.ktrdr.strategy.indicator.PriceColumns;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Judges conditions over all bars of a series at once. Before a condition's warm-up the answer is
 * false, and means nothing. Each indicator is computed once. Not thread-safe.
 */
final class ConditionColumns {

  private final PriceColumns prices;
  private final Map<String, double[][]> computed = new HashMap<>();

  ConditionColumns(BarSeries bars) {
    this.prices = new PriceColumns(bars);
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
          computed
              .computeIfAbsent(spec.id(), _ -> spec.type().compute(prices, spec.parameters()))[
              spec.type().outputs().indexOf(output)];
      case Operand.Price price ->
          switch (price) {
            case OPEN -> prices.bars().open();
            case HIGH -> prices.bars().high();
            case LOW -> prices.bars().low();
            case CLOSE -> prices.bars().close();
            case VOLUME -> prices.bars().volume();
          };
      case Operand.Constant(double value) -> {
        double[] column = new double[prices.size()];
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
