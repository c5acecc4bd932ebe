package io.ktrdr.training;

import io.ktrdr.strategy.LossSettings;
import java.util.Arrays;

/** How well a network's answers meet the labels of some rows. */
sealed interface Assessment permits Evaluation, ReturnEvaluation {

  /**
   * @param outputs the network's, of all rows
   * @param classWeights one per class; not looked at where returns are predicted
   */
  static Assessment of(float[] outputs, Samples samples, float[] classWeights, LossSettings loss) {
    return switch (loss) {
      case LossSettings.Focal focal ->
          Evaluation.of(outputs, samples.classes(), classWeights, focal.gamma());
      case LossSettings.Huber huber ->
          ReturnEvaluation.of(outputs, samples.returns(), huber.delta(), true);
      case LossSettings.SquaredError _ ->
          ReturnEvaluation.of(outputs, samples.returns(), LossSettings.HUBER_DELTA_DEFAULT, false);
    };
  }

  /** What the training minimises, without the weight penalty: a mean over the rows. */
  double loss();

  /** Share of the rows with the right class, or with a prediction in the right direction. */
  double accuracy();

  /** True when every row got the same answer. */
  boolean collapsed();

  /** Whether all are the same. */
  static boolean allEqual(double[] values) {
    return Arrays.stream(values).allMatch(value -> value == values[0]);
  }
}
