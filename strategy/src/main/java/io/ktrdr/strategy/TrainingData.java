package io.ktrdr.strategy;

import static java.util.Objects.requireNonNull;

import io.ktrdr.protocol.Timeframe;
import java.util.List;

/**
 * What a strategy would be trained on when a request names nothing else.
 *
 * @param symbols at least one
 * @param timeframes at least one
 * @param baseTimeframe the model's bar clock, one of {@code timeframes}
 * @param historyRequired fewest bars to train on
 */
public record TrainingData(
    List<String> symbols,
    List<Timeframe> timeframes,
    Timeframe baseTimeframe,
    int historyRequired) {

  public TrainingData {
    symbols = List.copyOf(symbols);
    timeframes = List.copyOf(timeframes);
    requireNonNull(baseTimeframe, "baseTimeframe is null");
  }
}
