package io.ktrdr.strategy;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a layer does to its sums. */
public enum Activation {
  RELU,
  TANH,
  SIGMOID,
  LEAKY_RELU,
  SOFTMAX,
  IDENTITY;

  /** Slope of {@link #LEAKY_RELU} below zero, the usual one and DL4J's default. */
  public static final float LEAKY_SLOPE = 0.01f;

  /** As in YAML and JSON, e.g. {@code leaky_relu}. */
  @JsonValue
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<Activation> find(String wireName) {
    return Arrays.stream(values()).filter(a -> a.wireName().equals(wireName)).findFirst();
  }

  /**
   * @throws IllegalArgumentException when there is no such activation
   */
  @JsonCreator
  public static Activation parse(String wireName) {
    return find(wireName)
        .orElseThrow(() -> new IllegalArgumentException("unknown activation '" + wireName + "'"));
  }
}
