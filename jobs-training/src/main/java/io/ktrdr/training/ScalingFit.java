package io.ktrdr.training;

import io.ktrdr.strategy.FeatureScaling;
import io.ktrdr.strategy.Normalization;
import io.ktrdr.worker.OperationFailedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Reads the scale of raw features off the training rows. Validation, test and rows dropped between
 * the parts are not looked at.
 */
final class ScalingFit {

  private ScalingFit() {}

  /**
   * @param names of all features, the columns of {@code train}
   * @param wanted features to be scaled, in the order of {@code names}
   * @param train rows as they are, of all symbols together
   * @throws OperationFailedException FEATURE_CONSTANT when a feature has no scale
   */
  static List<FeatureScaling> of(
      List<String> names, Map<String, Normalization> wanted, Samples train) {
    List<FeatureScaling> scalings = new ArrayList<>();
    wanted.forEach((feature, normalization) -> {
      int column = names.indexOf(feature);
      scalings.add(
          switch (normalization) {
            case MINMAX -> minmax(feature, train, column);
            case ZSCORE -> zscore(feature, train, column);
            case NONE -> throw new IllegalArgumentException(feature + " is not to be scaled");
          });
    });
    return scalings;
  }

  private static FeatureScaling minmax(String feature, Samples train, int column) {
    float min = Float.POSITIVE_INFINITY;
    float max = Float.NEGATIVE_INFINITY;
    for (int row = 0; row < train.rows(); row++) {
      min = Math.min(min, value(train, row, column));
      max = Math.max(max, value(train, row, column));
    }
    requireVaried(feature, train, min, (double) max - min);
    return new FeatureScaling(feature, Normalization.MINMAX, min, (double) max - min);
  }

  private static FeatureScaling zscore(String feature, Samples train, int column) {
    double first = value(train, 0, column);
    double sum = 0;
    for (int row = 0; row < train.rows(); row++) {
      sum += value(train, row, column) - first;
    }
    double mean = first + sum / train.rows();
    double squares = 0;
    for (int row = 0; row < train.rows(); row++) {
      double distance = value(train, row, column) - mean;
      squares += distance * distance;
    }
    boolean varied = false;
    for (int row = 1; row < train.rows(); row++) {
      varied |= value(train, row, column) != value(train, 0, column);
    }
    double deviation = Math.sqrt(squares / train.rows());
    requireVaried(feature, train, first, varied ? deviation : 0);
    return new FeatureScaling(feature, Normalization.ZSCORE, mean, deviation);
  }

  /** Of the row's own bar. */
  private static float value(Samples samples, int row, int column) {
    return samples.features()[samples.lastBars()[row] * samples.columns() + column];
  }

  private static void requireVaried(String feature, Samples train, double value, double spread) {
    if (!(spread > 0)) {
      throw OperationFailedException.permanent(
          "FEATURE_CONSTANT",
          ("%s is %s in all %d training rows, so that it has no scale and tells nothing: leave the"
                  + " input out, or choose other data")
              .formatted(feature, value, train.rows()));
    }
  }
}
