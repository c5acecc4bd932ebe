package io.ktrdr.api.operation;

import io.ktrdr.api.http.RequestBody;
import io.ktrdr.protocol.Execution;
import io.ktrdr.protocol.Execution.Fill;
import io.ktrdr.protocol.Sizing;
import io.ktrdr.protocol.Sizing.Kind;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Function;

/**
 * What a backtest request says of {@code execution} and {@code sizing}. It wins over the strategy;
 * what it leaves out is the strategy's. {@code commission} and {@code slippage} are the guide's
 * words for the two rates.
 */
final class ExecutionFields {

  private static final Set<String> EXECUTION =
      Set.of(
          "fill",
          "commission_rate",
          "commission_fixed",
          "commission_per_unit",
          "commission_minimum",
          "slippage_rate",
          "slippage_fixed",
          "spread",
          "short_borrow_rate",
          "allow_flip");
  private static final Set<String> SIZING = Set.of("kind", "value", "whole_units");

  private final RequestBody body;
  private final Optional<RequestBody> execution;
  private final Optional<RequestBody> sizing;
  private final Optional<Fill> fill;
  private final OptionalDouble commissionRate;
  private final OptionalDouble commissionFixed;
  private final OptionalDouble commissionPerUnit;
  private final OptionalDouble commissionMinimum;
  private final OptionalDouble slippageRate;
  private final OptionalDouble slippageFixed;
  private final OptionalDouble spread;
  private final OptionalDouble shortBorrowRate;
  private final Optional<Boolean> allowFlip;
  private final Optional<Kind> kind;
  private final OptionalDouble value;
  private final Optional<Boolean> wholeUnits;

  /** Reads them; what is wrong is noted in {@code body}. */
  ExecutionFields(RequestBody body) {
    this.body = body;
    this.execution = body.object("execution", EXECUTION);
    this.sizing = body.object("sizing", SIZING);
    this.fill = word(execution, "fill", Fill::find, Fill.WORDS);
    this.commissionRate = rate("commission", "commission_rate");
    this.commissionFixed = amount("commission_fixed");
    this.commissionPerUnit = amount("commission_per_unit");
    this.commissionMinimum = amount("commission_minimum");
    this.slippageRate = rate("slippage", "slippage_rate");
    this.slippageFixed = amount("slippage_fixed");
    this.spread = amount("spread");
    this.shortBorrowRate = amount("short_borrow_rate");
    this.allowFlip = execution.flatMap(inside -> inside.choice("allow_flip"));
    this.kind = word(sizing, "kind", Kind::find, Kind.WORDS);
    this.value = number(sizing, "value", 0, Sizing.VALUE_MAX);
    this.wholeUnits = sizing.flatMap(inside -> inside.choice("whole_units"));
  }

  /** What is asked for, over what the strategy says. */
  Execution over(Execution strategy) {
    return new Execution(
        fill.orElse(strategy.fill()),
        commissionRate.orElse(strategy.commissionRate()),
        commissionFixed.orElse(strategy.commissionFixed()),
        commissionPerUnit.orElse(strategy.commissionPerUnit()),
        commissionMinimum.orElse(strategy.commissionMinimum()),
        slippageRate.orElse(strategy.slippageRate()),
        slippageFixed.orElse(strategy.slippageFixed()),
        spread.orElse(strategy.spread()),
        shortBorrowRate.orElse(strategy.shortBorrowRate()),
        allowFlip.orElse(strategy.allowFlip()));
  }

  /**
   * What is asked for, over what the strategy says. A value that does not go with its kind is noted
   * in the body, and the answer is the strategy's.
   */
  Sizing over(Sizing strategy) {
    Kind asked = kind.orElse(strategy.kind());
    if (asked != strategy.kind() && value.isEmpty()) {
      sizing.ifPresent(inside ->
          inside.error("value", "FIELD_REQUIRED", "is required with kind " + asked.wireName()));
      return strategy;
    }
    double amount = value.orElse(strategy.value());
    if (!(amount > 0 && amount <= asked.max())) {
      sizing.ifPresent(inside ->
          inside.error(
              "value",
              "PARAM_RANGE",
              "is %s, expected above 0 and up to %s for %s"
                  .formatted(amount, asked.max(), asked.wireName())));
      return strategy;
    }
    return new Sizing(asked, amount, wholeUnits.orElse(strategy.wholeUnits()));
  }

  private OptionalDouble rate(String guideName, String name) {
    OptionalDouble old = body.number(guideName, 0, Execution.RATE_MAX);
    OptionalDouble rate = number(execution, name, 0, Execution.RATE_MAX);
    if (old.isPresent() && rate.isPresent()) {
      body.error(guideName, "FIELD_CONFLICT", "is execution/%s, too; say it once".formatted(name));
    }
    return rate.isPresent() ? rate : old;
  }

  private OptionalDouble amount(String name) {
    return number(execution, name, 0, Execution.AMOUNT_MAX);
  }

  private static OptionalDouble number(
      Optional<RequestBody> inside, String name, double min, double max) {
    return inside.isEmpty() ? OptionalDouble.empty() : inside.get().number(name, min, max);
  }

  private static <T> Optional<T> word(
      Optional<RequestBody> inside,
      String name,
      Function<String, Optional<T>> find,
      List<String> words) {
    Optional<String> text = inside.flatMap(object -> object.text(name));
    Optional<T> found = text.flatMap(find);
    if (text.isPresent() && found.isEmpty()) {
      inside
          .get()
          .error(
              name,
              "PARAM_RANGE",
              "is '%s', valid are: %s".formatted(text.get(), String.join(", ", words)));
    }
    return found;
  }
}
