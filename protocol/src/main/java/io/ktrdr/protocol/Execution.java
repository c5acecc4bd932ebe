package io.ktrdr.protocol;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * When a backtest's orders are filled and what that costs. Money is in the quote currency.
 *
 * @param fill at which price a decision is carried out
 * @param commissionRate fraction of the traded value, per side
 * @param commissionFixed money for each order
 * @param commissionPerUnit money for each unit of an order
 * @param commissionMinimum least an order costs: rate, fixed and per unit together
 * @param slippageRate fraction of the price, per side, against the trader
 * @param slippageFixed price difference, per side, against the trader
 * @param spread between bid and ask, as a price difference; each side pays half of it
 * @param shortBorrowRate what a short position costs a year, as a fraction of its value
 * @param allowFlip whether a signal for the other side turns a position around at one fill
 */
public record Execution(
    Fill fill,
    double commissionRate,
    double commissionFixed,
    double commissionPerUnit,
    double commissionMinimum,
    double slippageRate,
    double slippageFixed,
    double spread,
    double shortBorrowRate,
    boolean allowFlip) {

  /** Largest rate. A whole price would leave nothing of a sale. */
  public static final double RATE_MAX = 0.99;

  /** Largest amount of money or price difference. */
  public static final double AMOUNT_MAX = 1e12;

  /** What is meant where nothing is said. */
  public static final Execution DEFAULT =
      new Execution(Fill.NEXT_OPEN, 0.001, 0, 0, 0, 0.0005, 0, 0, 0, true);

  /** No costs at all. */
  public static final Execution FREE = new Execution(Fill.NEXT_OPEN, 0, 0, 0, 0, 0, 0, 0, 0, true);

  /** When what is decided at a bar's close is filled. */
  public enum Fill {
    /** At the next bar's open. */
    NEXT_OPEN("next_open"),
    /** At that very close, which nobody can trade at any more once it is known. */
    SAME_CLOSE("same_close");

    /** As written in YAML and JSON. */
    public static final List<String> WORDS = Arrays.stream(values()).map(Fill::wireName).toList();

    private final String wireName;

    Fill(String wireName) {
      this.wireName = wireName;
    }

    @JsonValue
    public String wireName() {
      return wireName;
    }

    public static Optional<Fill> find(String word) {
      return Arrays.stream(values()).filter(fill -> fill.wireName.equals(word)).findFirst();
    }

    /**
     * @throws IllegalArgumentException naming the valid words
     */
    @JsonCreator
    public static Fill parse(String word) {
      return find(word)
          .orElseThrow(() ->
              new IllegalArgumentException("fill '%s' is not one of %s".formatted(word, WORDS)));
    }
  }

  public Execution {
    requireNonNull(fill, "fill is null");
    requireWithin("commission_rate", commissionRate, RATE_MAX);
    requireWithin("commission_fixed", commissionFixed, AMOUNT_MAX);
    requireWithin("commission_per_unit", commissionPerUnit, AMOUNT_MAX);
    requireWithin("commission_minimum", commissionMinimum, AMOUNT_MAX);
    requireWithin("slippage_rate", slippageRate, RATE_MAX);
    requireWithin("slippage_fixed", slippageFixed, AMOUNT_MAX);
    requireWithin("spread", spread, AMOUNT_MAX);
    requireWithin("short_borrow_rate", shortBorrowRate, AMOUNT_MAX);
  }

  private static void requireWithin(String name, double value, double max) {
    if (!(value >= 0 && value <= max)) {
      throw new IllegalArgumentException("%s is %s, expected 0 to %s".formatted(name, value, max));
    }
  }
}
