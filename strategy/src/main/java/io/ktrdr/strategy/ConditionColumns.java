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
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Judges conditions over all bars of a series at once. Before a condition's warm-up the answer is
 * false, and means nothing. Not thread-safe.
 */
final class ConditionColumns {

  private final BarSeries bars;
  private final IndicatorColumns indicators;
  private final Map<Greater, long[]> above = new HashMap<>();

  ConditionColumns(BarSeries bars, IndicatorCache cache, Runnable between) {
    this.bars = bars;
    this.indicators = new IndicatorColumns(bars, cache, between);
  }

  /** The bars at which the condition holds; the caller's own. */
  BitSet judge(Condition condition) {
    BitSet held =
        switch (condition) {
          case Greater(Operand a, Operand b) -> BitSet.valueOf(above(a, b));
          case Crosses(Operand a, Operand b, boolean up) ->
              up ? crosses(above(a, b), above(b, a)) : crosses(above(b, a), above(a, b));
          case All(List<Condition> all) -> all(all);
          case Any(List<Condition> any) -> any(any);
          case Not(Condition one) -> not(judge(one));
          case ForBars(int bars, Condition one) -> forBars(bars, judge(one));
        };
    held.clear(0, condition.warmupBars());
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

  /**
   * Where the first column is above the second, a bit a bar. Both directions of a crossing, and an
   * exit that is the reverse of an entry, ask for the same, so both are found in one pass.
   */
  private long[] above(Operand a, Operand b) {
    Greater pair = new Greater(a, b);
    if (!above.containsKey(pair)) {
      double[] one = column(a);
      double[] other = column(b);
      long[] higher = new long[(one.length + Long.SIZE - 1) / Long.SIZE];
      long[] lower = new long[higher.length];
      compare(one, other, higher, lower);
      above.put(pair, higher);
      above.put(new Greater(b, a), lower);
    }
    return above.get(pair);
  }

  private static void compare(double[] a, double[] b, long[] higher, long[] lower) {
    for (int w = 0; w < higher.length; w++) {
      int first = w * Long.SIZE;
      int end = Math.min(a.length, first + Long.SIZE);
      long up = 0;
      long down = 0;
      for (int i = first; i < end; i++) {
        up |= a[i] > b[i] ? 1L << i : 0;
        down |= a[i] < b[i] ? 1L << i : 0;
      }
      higher[w] = up;
      lower[w] = down;
    }
  }

  /** See {@link Crosses} for ties. What is unknown has no side. */
  private static BitSet crosses(long[] above, long[] below) {
    long[] words = new long[above.length];
    boolean wasBelow = false;
    for (int w = 0; w < words.length; w++) {
      if ((above[w] | below[w]) == -1) {
        words[w] = above[w] & (below[w] << 1 | (wasBelow ? 1 : 0));
        wasBelow = below[w] < 0;
      } else {
        for (int i = 0; i < Long.SIZE; i++) {
          long bar = 1L << i;
          if ((above[w] & bar) != 0) {
            words[w] |= wasBelow ? bar : 0;
            wasBelow = false;
          } else if ((below[w] & bar) != 0) {
            wasBelow = true;
          }
        }
      }
    }
    return BitSet.valueOf(words);
  }

  private BitSet all(List<Condition> conditions) {
    BitSet held = judge(conditions.getFirst());
    for (Condition condition : conditions.subList(1, conditions.size())) {
      held.and(judge(condition));
    }
    return held;
  }

  private BitSet any(List<Condition> conditions) {
    BitSet held = judge(conditions.getFirst());
    for (Condition condition : conditions.subList(1, conditions.size())) {
      held.or(judge(condition));
    }
    return held;
  }

  private BitSet not(BitSet held) {
    held.flip(0, bars.size());
    return held;
  }

  /** Of each streak the first bars do not count. */
  private static BitSet forBars(int bars, BitSet held) {
    int start = held.nextSetBit(0);
    while (start >= 0) {
      int end = held.nextClearBit(start);
      held.clear(start, Math.min(end, start + bars - 1));
      start = held.nextSetBit(end);
    }
    return held;
  }
}
