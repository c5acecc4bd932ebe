package io.ktrdr.strategy.indicator;

import static java.util.Objects.requireNonNull;

/**
 * One configured indicator.
 *
 * @param id as the strategy names it
 * @param parameters every parameter of the type, defaults filled in
 */
public record IndicatorSpec(String id, IndicatorType type, IndicatorParameters parameters) {

  public IndicatorSpec {
    requireNonNull(id, "id is null");
    requireNonNull(type, "type is null");
    requireNonNull(parameters, "parameters is null");
  }

  /** Bars before the first value of every output. */
  public int warmupBars() {
    return type.warmupBars(parameters);
  }
}
