package io.ktrdr.training;

/**
 * How well predictions meet labels.
 *
 * <p>Loss: mean over the rows of {@code weight(label) × (1 - p)^gamma × -ln p}, p of the label,
 * what the training minimises, without the weight penalty; gamma is 0 but for the focal loss.
 * Precision, recall and F1 are means over the classes weighted by their rows, 0 for a class never
 * predicted. Balanced accuracy: plain mean of the recalls of the classes that occur. Majority
 * baseline: accuracy of always answering the most frequent class.
 *
 * @param confusion rows by true class, then by predicted class
 */
// Never compared, so that arrays lack value equality costs nothing.
@SuppressWarnings("ArrayRecordComponent")
record Evaluation(int rows, double loss, int[][] confusion) implements Assessment {

  /** Smallest probability a loss is computed from. */
  private static final double PROBABILITY_MIN = 1e-10;

  /**
   * @param probabilities rows × classes
   * @param classWeights one per class
   */
  static Evaluation of(float[] probabilities, byte[] classes, float[] classWeights, double gamma) {
    int outputs = classWeights.length;
    int[][] confusion = new int[outputs][outputs];
    double loss = 0;
    for (int row = 0; row < classes.length; row++) {
      int start = row * outputs;
      int predicted = 0;
      for (int o = 1; o < outputs; o++) {
        predicted = probabilities[start + o] > probabilities[start + predicted] ? o : predicted;
      }
      confusion[classes[row]][predicted]++;
      double p = Math.max(probabilities[start + classes[row]], PROBABILITY_MIN);
      loss -= classWeights[classes[row]] * Math.pow(Math.max(1 - p, 0), gamma) * Math.log(p);
    }
    return new Evaluation(classes.length, loss / classes.length, confusion);
  }

  @Override
  public double accuracy() {
    int right = 0;
    for (int c = 0; c < confusion.length; c++) {
      right += confusion[c][c];
    }
    return (double) right / rows;
  }

  double precision() {
    return weighted((c, right) -> safe(right, predicted(c)));
  }

  double recall() {
    return weighted((c, right) -> safe(right, actual(c)));
  }

  double f1() {
    return weighted((c, right) -> safe(2.0 * right, predicted(c) + actual(c)));
  }

  double balancedAccuracy() {
    double sum = 0;
    int present = 0;
    for (int c = 0; c < confusion.length; c++) {
      if (actual(c) > 0) {
        sum += (double) confusion[c][c] / actual(c);
        present++;
      }
    }
    return sum / present;
  }

  double majorityBaseline() {
    int most = 0;
    for (int c = 0; c < confusion.length; c++) {
      most = Math.max(most, actual(c));
    }
    return (double) most / rows;
  }

  @Override
  public boolean collapsed() {
    for (int c = 0; c < confusion.length; c++) {
      if (predicted(c) == rows) {
        return true;
      }
    }
    return false;
  }

  private int actual(int c) {
    int sum = 0;
    for (int count : confusion[c]) {
      sum += count;
    }
    return sum;
  }

  private int predicted(int c) {
    int sum = 0;
    for (int[] row : confusion) {
      sum += row[c];
    }
    return sum;
  }

  private double weighted(ClassFigure figure) {
    double sum = 0;
    for (int c = 0; c < confusion.length; c++) {
      sum += figure.of(c, confusion[c][c]) * actual(c);
    }
    return sum / rows;
  }

  private static double safe(double above, int below) {
    return below == 0 ? 0 : above / below;
  }

  private interface ClassFigure {
    double of(int c, int right);
  }
}
