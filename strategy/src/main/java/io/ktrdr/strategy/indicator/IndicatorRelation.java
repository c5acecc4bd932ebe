package io.ktrdr.strategy.indicator;

import static java.util.Objects.requireNonNull;

import java.util.function.Predicate;

/**
 * What has to hold between parameters that are each in range.
 *
 * @param parameter the one to blame when it does not
 * @param rule after the parameter's name, e.g. {@code must be below slow_period}
 */
public record IndicatorRelation(
    String parameter, String rule, Predicate<IndicatorParameters> check) {

  public IndicatorRelation {
    requireNonNull(parameter, "parameter is null");
    requireNonNull(rule, "rule is null");
    requireNonNull(check, "check is null");
  }

  public boolean holds(IndicatorParameters values) {
    return check.test(values);
  }
}
