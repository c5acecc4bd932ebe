package io.ktrdr.api.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/**
 * The days the model of a backtest was trained on, both inclusive, UTC.
 *
 * <p>A bar belongs to the day it opens on.
 */
record TrainingRange(LocalDate start, LocalDate end) {

  /** Empty without a model, and in results of earlier versions. */
  static Optional<TrainingRange> of(JsonNode result) {
    try {
      return result.has("training_start") && result.has("training_end")
          ? Optional.of(
              new TrainingRange(
                  LocalDate.parse(result.path("training_start").asText()),
                  LocalDate.parse(result.path("training_end").asText())))
          : Optional.empty();
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /** In epoch seconds. */
  long from() {
    return start.atStartOfDay().toEpochSecond(ZoneOffset.UTC);
  }

  /** In epoch seconds, exclusive. */
  long to() {
    return end.plusDays(1).atStartOfDay().toEpochSecond(ZoneOffset.UTC);
  }

  boolean contains(long epochSeconds) {
    return epochSeconds >= from() && epochSeconds < to();
  }
}
