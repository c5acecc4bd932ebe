package io.ktrdr.training;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.strategy.FeatureMatrix;
import io.ktrdr.strategy.Inference;
import io.ktrdr.strategy.ModelBundle;
import java.util.Optional;

/**
 * What a classifier's answers on the test part say beyond how often they are right: how far its
 * probabilities can be believed, and which features it lives on. Computed from the exported model,
 * the way a backtest computes.
 *
 * @param importance nothing where the model is too large for it
 */
record ModelInsight(Calibration calibration, Optional<FeatureImportance> importance) {

  private static final String IMPORTANCE = "feature_importance";

  /**
   * @param between called every few milliseconds; what it throws ends the calculation
   */
  static ModelInsight of(ModelBundle model, Samples test, long seed, Runnable between) {
    int rows =
        FeatureImportance.affordable(
            test.rows(),
            model.featureNames().size(),
            Math.multiplyExact((long) model.parameterCount(), test.sequence()));
    Optional<FeatureImportance> importance =
        rows == 0
            ? Optional.empty()
            : Optional.of(
                FeatureImportance.of(
                    model.featureNames(),
                    test,
                    rows,
                    seed,
                    samples -> probabilities(model, samples, between)));
    return new ModelInsight(
        Calibration.of(probabilities(model, test, between), test.classes()), importance);
  }

  private static float[] probabilities(ModelBundle model, Samples samples, Runnable between) {
    between.run();
    FeatureMatrix features =
        new FeatureMatrix(model.featureNames(), samples.features(), samples.bars(), 0);
    return samples.answersOfRows(Inference.probabilities(model, features, _ -> between.run()));
  }

  /** What the model file keeps. */
  ObjectNode addedTo(ObjectNode training) {
    training.set("calibration", calibration.json());
    if (importance.isPresent()) {
      training.set(IMPORTANCE, importance.get().json());
    } else {
      training.putNull(IMPORTANCE);
      training
          .withObjectProperty("undefined")
          .put(
              IMPORTANCE,
              "%d shuffles of %d rows of each feature would take more than %d multiplications"
                  .formatted(
                      FeatureImportance.SHUFFLES,
                      FeatureImportance.ROWS_MIN,
                      FeatureImportance.MULTIPLICATIONS_MAX));
    }
    return training;
  }

  /** What the result says: the same, and the two figures of the calibration by themselves. */
  ObjectNode addedToResult(ObjectNode values) {
    values.put("expected_calibration_error", calibration.expectedCalibrationError());
    values.put("brier_score", calibration.brierScore());
    return addedTo(values);
  }
}
