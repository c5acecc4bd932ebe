package io.ktrdr.strategy;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The classes a network tells apart, in the order of its outputs, and what each of them asks a
 * trader to do.
 */
public enum LabelClasses {

  /** What to do: buy, hold, sell. */
  SIGNALS("buy", "hold", "sell"),

  /**
   * How prices move. A rising trend asks to buy, a falling one to sell, the others to do nothing.
   */
  REGIMES("trending_up", "trending_down", "ranging", "volatile");

  public static final int TRENDING_UP = 0;
  public static final int TRENDING_DOWN = 1;
  public static final int RANGING = 2;
  public static final int VOLATILE = 3;

  // List.of gives one that cannot change, which its type does not say.
  @SuppressWarnings("ImmutableEnumChecker")
  private final List<String> names;

  private final int count;

  LabelClasses(String... names) {
    this.names = List.of(names);
    this.count = names.length;
  }

  /** Of networks with that many outputs. Each number of them is of one kind. */
  static LabelClasses ofOutputs(int outputs) {
    return Arrays.stream(values())
        .filter(classes -> classes.count() == outputs)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(outputs + " outputs"));
  }

  /** How many outputs a network has for them. */
  public int count() {
    return count;
  }

  /** As in JSON, one per output, e.g. {@code trending_up}. */
  public List<String> names() {
    return names;
  }

  /** As people read them, e.g. {@code TRENDING_UP}. */
  public String title(int output) {
    return names.get(output).toUpperCase(Locale.ROOT);
  }

  /**
   * What a class asks to do: {@link ModelBundle#BUY}, {@link ModelBundle#HOLD} or {@link
   * ModelBundle#SELL}.
   */
  public int signalOf(int output) {
    return switch (this) {
      case SIGNALS -> output;
      case REGIMES ->
          switch (output) {
            case TRENDING_UP -> ModelBundle.BUY;
            case TRENDING_DOWN -> ModelBundle.SELL;
            default -> ModelBundle.HOLD;
          };
    };
  }
}
