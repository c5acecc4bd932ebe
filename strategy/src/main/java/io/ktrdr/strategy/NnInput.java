package io.ktrdr.strategy;

import static java.util.Objects.requireNonNull;

import io.ktrdr.protocol.Timeframe;
import java.util.List;

/**
 * One entry of {@code nn_inputs}: all memberships of a fuzzy set, on each timeframe.
 *
 * @param fuzzySet a key of the strategy's fuzzy sets
 * @param timeframes empty for {@code all}
 */
public record NnInput(String fuzzySet, List<Timeframe> timeframes) {

  public NnInput {
    requireNonNull(fuzzySet, "fuzzySet is null");
    timeframes = List.copyOf(timeframes);
  }

  /** Whether the file says {@code timeframes: all}, or nothing. */
  public boolean allTimeframes() {
    return timeframes.isEmpty();
  }
}
