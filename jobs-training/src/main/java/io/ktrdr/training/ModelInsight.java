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
 * @param calibration nothing of a model that predicts returns
 * @param importance nothing of such a model, and where the model is too large for it
 */
record ModelInsight(Optional<Calibration> calibration, Optional<FeatureImportance> importance) {

  private static final String CALIBRATION = "calibration";
  private static final String IMPORTANCE = "feature_importance";
  private static final String NO_CLASSES = "the model predicts returns, it has no classes";

  /**
   * @param between called every few milliseconds; what it throws ends the calculation
   */
  static ModelInsight of(ModelBundle model, Samples test, long seed, Runnable between) {
    if (model.predictsReturns()) {
      return new ModelInsight(Optional.empty(), Optional.empty());
    }
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
    Calibration calibration = Calibration.of(probabilities(model, test, between), test.classes());
    return new ModelInsight(Optional.of(calibration), importance);
  }

  private static float[] probabilities(ModelBundle model, Samples samples, Runnable between) {
    between.run();
    FeatureMatrix features =
        new FeatureMatrix(model.featureNames(), samples.features(), samples.bars(), 0);
    return samples.answersOfRows(
        Inference.outputs(model, features, _ -> between.run()), model.outputs());
  }

  /** What the model file keeps. */
  ObjectNode addedTo(ObjectNode training) {
    if (calibration.isPresent()) {
      training.set(CALIBRATION, calibration.get().json());
    } else {
      putUndefined(training, CALIBRATION, NO_CLASSES);
    }
    if (importance.isPresent()) {
      training.set(IMPORTANCE, importance.get().json());
    } else {
      putUndefined(training, IMPORTANCE, calibration.isEmpty() ? NO_CLASSES : tooLarge());
    }
    return training;
  }

  private static String tooLarge() {
    return "%d shuffles of %d rows of each feature would take more than %d multiplications"
        .formatted(
            FeatureImportance.SHUFFLES,
            FeatureImportance.ROWS_MIN,
            FeatureImportance.MULTIPLICATIONS_MAX);
  }

  private static void putUndefined(ObjectNode json, String name, String why) {
    json.putNull(name);
    json.withObjectProperty("undefined").put(name, why);
  }

  /** What the result says: the same, and the two figures of the calibration by themselves. */
  ObjectNode addedToResult(ObjectNode values) {
    calibration.ifPresent(known ->
        values
            .put("expected_calibration_error", known.expectedCalibrationError())
            .put("brier_score", known.brierScore()));
    return addedTo(values);
  }
}
