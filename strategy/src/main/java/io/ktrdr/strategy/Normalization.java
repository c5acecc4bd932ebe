package io.ktrdr.strategy;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How the values of a raw input are brought to a scale. What it takes is read off the training rows
 * and no others, and kept in the model, see {@link FeatureScaling}.
 */
public enum Normalization {
  /** As they are. */
  NONE,
  /** {@code (x - min) / (max - min)}: 0 to 1 on the training rows, and what follows elsewhere. */
  MINMAX,
  /** {@code (x - mean) / std}, of the population: the mean of the squares is over all rows. */
  ZSCORE;

  /** As in YAML and JSON, e.g. {@code zscore}. */
  @JsonValue
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * @throws IllegalArgumentException when there is no such normalization
   */
  @JsonCreator
  public static Normalization parse(String wireName) {
    return Arrays.stream(values())
        .filter(normalization -> normalization.wireName().equals(wireName))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("unknown normalization '" + wireName + "'"));
  }

  static List<String> wireNames() {
    return Arrays.stream(values()).map(Normalization::wireName).toList();
  }
}
