package io.ktrdr.training;

import io.ktrdr.strategy.LossSettings;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.ILossFunction;

/**
 * The losses ND4J does not have, row by row in double precision. Gradients are by the sums before
 * the last activation, not yet divided by the rows: DL4J does that.
 */
final class RowLoss implements ILossFunction {

  private static final long serialVersionUID = 1;

  /** Smallest probability a logarithm is taken of. */
  private static final double PROBABILITY_MIN = 1e-10;

  private final transient Row row;
  private final String name;

  /** One row's loss. */
  private interface Row {

    /**
     * @param answer the network's, after its last activation
     * @param gradient to be filled
     */
    double of(double[] answer, double[] wanted, double[] gradient);
  }

  private RowLoss(String name, Row row) {
    this.name = name;
    this.row = row;
  }

  /** Of an output that is its sum. */
  static RowLoss huber(LossSettings.Huber huber) {
    double delta = huber.delta();
    return new RowLoss(
        "huber",
        (answer, wanted, gradient) -> {
          double error = answer[0] - wanted[0];
          gradient[0] = Math.clamp(error, -delta, delta);
          return ReturnEvaluation.huber(error, delta);
        });
  }

  /**
   * Of softmax outputs.
   *
   * @param weights of the classes
   */
  static RowLoss focal(LossSettings.Focal focal, float[] weights) {
    double gamma = focal.gamma();
    return new RowLoss(
        "focal",
        (answer, wanted, gradient) -> {
          int right = 0;
          while (wanted[right] == 0) {
            right++;
          }
          double p = Math.max(answer[right], PROBABILITY_MIN);
          double rest = Math.max(1 - p, 0);
          double log = Math.log(p);
          // d loss / d p, times p: what the softmax's slope p · ([j is right] - p_j) is times.
          double slope = gamma == 0 || rest == 0 ? 0 : gamma * Math.pow(rest, gamma - 1) * p * log;
          slope = weights[right] * (slope - Math.pow(rest, gamma));
          for (int j = 0; j < gradient.length; j++) {
            gradient[j] = slope * ((j == right ? 1 : 0) - answer[j]);
          }
          return -weights[right] * Math.pow(rest, gamma) * log;
        });
  }

  @Override
  public double computeScore(
      INDArray labels,
      INDArray preOutput,
      IActivation activation,
      @Nullable INDArray mask,
      boolean average) {
    return computeGradientAndScore(labels, preOutput, activation, mask, average).getFirst();
  }

  @Override
  public INDArray computeScoreArray(
      INDArray labels, INDArray preOutput, IActivation activation, @Nullable INDArray mask) {
    double[] scores = new double[(int) labels.size(0)];
    run(labels, preOutput, activation, mask, scores);
    return Nd4j.createFromArray(scores).castTo(preOutput.dataType()).reshape(scores.length, 1);
  }

  @Override
  public INDArray computeGradient(
      INDArray labels, INDArray preOutput, IActivation activation, @Nullable INDArray mask) {
    return run(labels, preOutput, activation, mask, new double[(int) labels.size(0)]);
  }

  @Override
  public Pair<Double, INDArray> computeGradientAndScore(
      INDArray labels,
      INDArray preOutput,
      IActivation activation,
      @Nullable INDArray mask,
      boolean average) {
    double[] scores = new double[(int) labels.size(0)];
    INDArray gradient = run(labels, preOutput, activation, mask, scores);
    double sum = 0;
    for (double score : scores) {
      sum += score;
    }
    return Pair.of(average ? sum / scores.length : sum, gradient);
  }

  private INDArray run(
      INDArray labels,
      INDArray preOutput,
      IActivation activation,
      @Nullable INDArray mask,
      double[] scores) {
    if (mask != null) {
      throw new IllegalArgumentException("rows are not masked here");
    }
    int rows = (int) labels.size(0);
    int outputs = (int) labels.size(1);
    double[][] answers = activation.getActivation(preOutput.dup(), true).toDoubleMatrix();
    double[][] wanted = labels.toDoubleMatrix();
    double[] gradient = new double[outputs];
    float[] gradients = new float[rows * outputs];
    for (int r = 0; r < rows; r++) {
      scores[r] = row.of(answers[r], wanted[r], gradient);
      for (int o = 0; o < outputs; o++) {
        gradients[r * outputs + o] = (float) gradient[o];
      }
    }
    return Nd4j.createFromArray(gradients).reshape(rows, outputs);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String toString() {
    return name;
  }
}
