package io.ktrdr.strategy;

import io.ktrdr.protocol.Execution;
import io.ktrdr.protocol.Execution.Fill;
import io.ktrdr.protocol.Sizing;
import io.ktrdr.protocol.Sizing.Kind;

/** Reads {@code execution} and {@code sizing}; what is left out has its default. */
final class ExecutionSection {

  private ExecutionSection() {}

  static Execution readExecution(YamlMap map) {
    Execution standard = Execution.DEFAULT;
    Execution execution =
        new Execution(
            Fill.parse(map.word("fill", standard.fill().wireName(), Fill.WORDS)),
            rate(map, "commission_rate", standard.commissionRate()),
            amount(map, "commission_fixed", standard.commissionFixed()),
            amount(map, "commission_per_unit", standard.commissionPerUnit()),
            amount(map, "commission_minimum", standard.commissionMinimum()),
            rate(map, "slippage_rate", standard.slippageRate()),
            amount(map, "slippage_fixed", standard.slippageFixed()),
            amount(map, "spread", standard.spread()),
            amount(map, "short_borrow_rate", standard.shortBorrowRate()),
            map.bool("allow_flip", standard.allowFlip()));
    map.finish("KEY_UNKNOWN");
    return execution;
  }

  /**
   * @param standard what is meant where nothing is said
   */
  static Sizing readSizing(YamlMap map, Sizing standard) {
    Kind kind = Kind.parse(map.word("kind", standard.kind().wireName(), Kind.WORDS));
    if (kind != standard.kind() && !map.has("value")) {
      map.missing("value", "value: 1000");
    }
    Sizing sizing =
        new Sizing(
            kind,
            map.real("value", standard.value(), Interval.above(0, kind.max())),
            map.bool("whole_units", standard.wholeUnits()));
    map.finish("KEY_UNKNOWN");
    return sizing;
  }

  private static double rate(YamlMap map, String key, double standard) {
    return map.real(key, standard, Interval.closed(0, Execution.RATE_MAX));
  }

  private static double amount(YamlMap map, String key, double standard) {
    return map.real(key, standard, Interval.closed(0, Execution.AMOUNT_MAX));
  }
}
