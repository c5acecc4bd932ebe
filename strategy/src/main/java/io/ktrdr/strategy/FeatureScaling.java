package io.ktrdr.strategy;

import static java.util.Objects.requireNonNull;

/**
 * The fitted scale of one feature: {@code (x - offset) / divisor}, calculated in double precision
 * and rounded to a float once. Values beyond those of the training rows are not cut off.
 *
 * @param feature its name
 * @param normalization what was fitted, not {@link Normalization#NONE}
 * @param offset smallest value, or mean, of the training rows
 * @param divisor range, or population standard deviation, of the training rows; positive
 */
public record FeatureScaling(
    String feature, Normalization normalization, double offset, double divisor) {

  public FeatureScaling {
    requireNonNull(feature, "feature is null");
    requireNonNull(normalization, "normalization is null");
    if (normalization == Normalization.NONE
        || !Double.isFinite(offset)
        || !Double.isFinite(divisor)
        || divisor <= 0) {
      throw new IllegalArgumentException(
          "scaling of %s: %s by %s and %s"
              .formatted(feature, normalization.wireName(), offset, divisor));
    }
  }

  /** NaN stays NaN. */
  public float apply(float x) {
    return (float) ((x - offset) / divisor);
  }
}
