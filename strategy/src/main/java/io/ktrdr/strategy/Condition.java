package io.ktrdr.strategy;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * Something that holds at a bar's close or does not. Judged by {@link ConditionColumns}; depends on
 * this bar and earlier ones only.
 */
public sealed interface Condition {

  /** Bars before it can be judged. */
  int warmupBars();

  /**
   * {@code a} has come to the other side of {@code b}: it is above now (below, for {@code down}),
   * and when the two last differed, it was below (above). A tie is no side: going up to {@code b},
   * resting on it and going on is one crossing, at the bar that leaves it; touching it and turning
   * back is none. This is the rule of ta4j's CrossedUpIndicatorRule; others count the touch.
   */
  record Crosses(Operand a, Operand b, boolean up) implements Condition {

    public Crosses {
      requireNonNull(a, "a is null");
      requireNonNull(b, "b is null");
    }

    @Override
    public int warmupBars() {
      return Math.max(a.warmupBars(), b.warmupBars()) + 1;
    }

    @Override
    public String toString() {
      return "%s crosses %s %s".formatted(a, up ? "above" : "below", b);
    }
  }

  /** {@code a > b}, strictly. */
  record Greater(Operand a, Operand b) implements Condition {

    public Greater {
      requireNonNull(a, "a is null");
      requireNonNull(b, "b is null");
    }

    @Override
    public int warmupBars() {
      return Math.max(a.warmupBars(), b.warmupBars());
    }

    @Override
    public String toString() {
      return a + " > " + b;
    }
  }

  /** All of them hold; at least one. */
  record All(List<Condition> conditions) implements Condition {

    public All {
      conditions = List.copyOf(conditions);
    }

    @Override
    public int warmupBars() {
      return longest(conditions);
    }
  }

  /** One of them holds, or more; at least one. */
  record Any(List<Condition> conditions) implements Condition {

    public Any {
      conditions = List.copyOf(conditions);
    }

    @Override
    public int warmupBars() {
      return longest(conditions);
    }
  }

  /** It does not hold. */
  record Not(Condition condition) implements Condition {

    public Not {
      requireNonNull(condition, "condition is null");
    }

    @Override
    public int warmupBars() {
      return condition.warmupBars();
    }
  }

  /** It has held at this bar and the {@code bars - 1} before it. */
  record ForBars(int bars, Condition condition) implements Condition {

    public ForBars {
      requireNonNull(condition, "condition is null");
      if (bars < 1) {
        throw new IllegalArgumentException("for %d bars".formatted(bars));
      }
    }

    @Override
    public int warmupBars() {
      return condition.warmupBars() + bars - 1;
    }
  }

  private static int longest(List<Condition> conditions) {
    return conditions.stream().mapToInt(Condition::warmupBars).max().orElseThrow();
  }
}
