package io.ktrdr.protocol;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * How many units an entry of a backtest takes. No position costs more than the equity, short ones
 * neither: what does not fit is refused, and counted.
 *
 * @param kind what {@code value} means
 * @param value above 0
 * @param wholeUnits rounds down to whole units; less than one is refused
 */
public record Sizing(Kind kind, double value, boolean wholeUnits) {

  /** Largest value of a kind that has no own bound. */
  public static final double VALUE_MAX = 1e15;

  /** Returns that {@link Kind#VOLATILITY_TARGET} looks back at. */
  public static final int VOLATILITY_BARS = 20;

  /** What is meant where nothing is said. */
  public static final Sizing DEFAULT = new Sizing(Kind.EQUITY_FRACTION, 1.0, true);

  /** What a sizing's value means. */
  public enum Kind {
    /** That share of the equity, the entry's costs included; at most 1. */
    EQUITY_FRACTION("equity_fraction", 1),
    /** That many units. */
    FIXED_UNITS("fixed_units", VALUE_MAX),
    /** That much money, the entry's costs included. */
    FIXED_CASH("fixed_cash", VALUE_MAX),
    /**
     * The share of the equity that makes the position move by {@code value} a year: {@code value}
     * by the volatility of the bars before, at most 1.
     */
    VOLATILITY_TARGET("volatility_target", 10);

    /** As written in YAML and JSON. */
    public static final List<String> WORDS = Arrays.stream(values()).map(Kind::wireName).toList();

    private final String wireName;
    private final double max;

    Kind(String wireName, double max) {
      this.wireName = wireName;
      this.max = max;
    }

    @JsonValue
    public String wireName() {
      return wireName;
    }

    /** Largest value. */
    public double max() {
      return max;
    }

    public static Optional<Kind> find(String word) {
      return Arrays.stream(values()).filter(kind -> kind.wireName.equals(word)).findFirst();
    }

    /**
     * @throws IllegalArgumentException naming the valid words
     */
    @JsonCreator
    public static Kind parse(String word) {
      return find(word)
          .orElseThrow(() ->
              new IllegalArgumentException("kind '%s' is not one of %s".formatted(word, WORDS)));
    }
  }

  public Sizing {
    requireNonNull(kind, "kind is null");
    if (!(value > 0 && value <= kind.max())) {
      throw new IllegalArgumentException(
          "%s of %s, expected above 0 and up to %s".formatted(kind.wireName(), value, kind.max()));
    }
  }

  /** Bars before it is known how much to take. */
  public int warmupBars() {
    return kind == Kind.VOLATILITY_TARGET ? VOLATILITY_BARS : 0;
  }
}
