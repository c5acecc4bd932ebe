package io.ktrdr.strategy;

import static java.util.Objects.requireNonNull;

import io.ktrdr.protocol.Timeframe;
import java.util.List;

/** One entry of {@code nn_inputs}, on each of its timeframes. */
public sealed interface NnInput {

  /** Empty for {@code all}. */
  List<Timeframe> timeframes();

  /** What the file names: a fuzzy set, or an indicator. */
  String reference();

  /** Whether the file says {@code timeframes: all}, or nothing. */
  default boolean allTimeframes() {
    return timeframes().isEmpty();
  }

  /**
   * All memberships of a fuzzy set.
   *
   * @param fuzzySet a key of the strategy's fuzzy sets
   */
  record Words(String fuzzySet, List<Timeframe> timeframes) implements NnInput {

    public Words {
      requireNonNull(fuzzySet, "fuzzySet is null");
      timeframes = List.copyOf(timeframes);
    }

    @Override
    public String reference() {
      return fuzzySet;
    }
  }

  /**
   * An indicator's values as they are, or on the scale of the training rows.
   *
   * @param reference {@code id} or {@code id.output}, as the file writes it
   * @param indicatorId a key of the strategy's indicators
   * @param output of the indicator; its first one unless the file names another
   */
  record Raw(
      String reference,
      String indicatorId,
      String output,
      Normalization normalization,
      List<Timeframe> timeframes)
      implements NnInput {

    public Raw {
      requireNonNull(reference, "reference is null");
      requireNonNull(indicatorId, "indicatorId is null");
      requireNonNull(output, "output is null");
      requireNonNull(normalization, "normalization is null");
      timeframes = List.copyOf(timeframes);
    }
  }
}
