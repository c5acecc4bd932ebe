package io.ktrdr.training;

import io.ktrdr.strategy.CostModel;

/**
 * How well predicted returns meet those that came.
 *
 * <p>Errors are predicted minus actual; MAE, RMSE and Huber loss are over all rows. Directional
 * accuracy: share of the rows whose prediction has the sign of the return, 0 being a sign of its
 * own. Majority baseline: directional accuracy of always answering the most frequent sign. Zero
 * baselines: the errors of always answering 0.
 *
 * @param loss what the training minimised
 * @param huberDelta of the Huber loss
 */
// Never compared, so that arrays lack value equality costs nothing.
@SuppressWarnings("ArrayRecordComponent")
record ReturnEvaluation(double loss, double huberDelta, float[] predicted, double[] actual)
    implements Assessment {

  /**
   * @param huber whether that was minimised; else the squared error
   */
  static ReturnEvaluation of(float[] predicted, double[] actual, double huberDelta, boolean huber) {
    ReturnEvaluation bare = new ReturnEvaluation(Double.NaN, huberDelta, predicted, actual);
    double loss = huber ? bare.huberLoss() : bare.squaredError();
    return new ReturnEvaluation(loss, huberDelta, predicted, actual);
  }

  /** {@code ½e²} up to {@code delta}, {@code delta · (|e| - ½delta)} beyond. */
  static double huber(double error, double delta) {
    double size = Math.abs(error);
    return size <= delta ? 0.5 * error * error : delta * (size - 0.5 * delta);
  }

  @Override
  public double accuracy() {
    return directionalAccuracy();
  }

  double directionalAccuracy() {
    return mean((p, a) -> Math.signum(p) == Math.signum(a) ? 1 : 0);
  }

  double majorityBaseline() {
    double up = mean((_, a) -> a > 0 ? 1 : 0);
    double down = mean((_, a) -> a < 0 ? 1 : 0);
    return Math.max(Math.max(up, down), mean((_, a) -> a == 0 ? 1 : 0));
  }

  double meanAbsoluteError() {
    return mean((p, a) -> Math.abs(p - a));
  }

  double rootMeanSquaredError() {
    return Math.sqrt(squaredError());
  }

  double huberLoss() {
    return mean((p, a) -> huber(p - a, huberDelta));
  }

  double zeroMeanAbsoluteError() {
    return mean((_, a) -> Math.abs(a));
  }

  double zeroRootMeanSquaredError() {
    return Math.sqrt(mean((_, a) -> a * a));
  }

  /** Rows whose prediction is a BUY, HOLD and SELL by these costs. */
  int[] signals(CostModel costs) {
    int[] counts = new int[3];
    for (float p : predicted) {
      counts[p > costs.threshold() ? 0 : p < -costs.threshold() ? 2 : 1]++;
    }
    return counts;
  }

  @Override
  public boolean collapsed() {
    for (float p : predicted) {
      if (p != predicted[0]) {
        return false;
      }
    }
    return true;
  }

  private double squaredError() {
    return mean((p, a) -> (p - a) * (p - a));
  }

  private double mean(Figure figure) {
    double sum = 0;
    for (int row = 0; row < actual.length; row++) {
      sum += figure.of(predicted[row], actual[row]);
    }
    return sum / actual.length;
  }

  private interface Figure {
    double of(double predicted, double actual);
  }
}
