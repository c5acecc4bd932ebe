package io.ktrdr.training;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Json;

/**
 * Whether a classifier is right as often as it says. A row's confidence is its largest probability,
 * and it is right when the class of that probability, the first of equals, is its label.
 *
 * <p>Rows fall into {@value #BINS} bins of equal width by confidence: {@code (k/10, (k+1)/10]}, so
 * a confidence on an edge belongs to the bin below it. Expected calibration error: {@code Σ
 * n(bin)/N × |accuracy(bin) − mean confidence(bin)|} over the bins with rows, 0 to 1. Brier score:
 * mean over the rows of {@code Σ (p(class) − [class is the label])²} over all classes, 0 to 2;
 * answering a k-th for each of k classes always gives 1 - 1/k. Rows count once each, whatever the
 * class weights of the training.
 *
 * @param counts rows by bin
 * @param confidenceSums of the rows by bin
 * @param right rows by bin that the classifier is right at
 * @param brierScore of at least one row
 */
// Never compared, so that arrays lack value equality costs nothing.
@SuppressWarnings("ArrayRecordComponent")
record Calibration(
    int rows, int[] counts, double[] confidenceSums, int[] right, double brierScore) {

  static final int BINS = 10;

  /**
   * @param probabilities rows × classes, of at least one row
   * @param classes the labels, one per row
   */
  static Calibration of(float[] probabilities, byte[] classes) {
    int outputs = probabilities.length / classes.length;
    int[] counts = new int[BINS];
    double[] confidenceSums = new double[BINS];
    int[] right = new int[BINS];
    double squares = 0;
    for (int row = 0; row < classes.length; row++) {
      int start = row * outputs;
      int predicted = 0;
      for (int o = 0; o < outputs; o++) {
        predicted = probabilities[start + o] > probabilities[start + predicted] ? o : predicted;
        double miss = probabilities[start + o] - (o == classes[row] ? 1.0 : 0.0);
        squares += miss * miss;
      }
      double confidence = probabilities[start + predicted];
      int bin = bin(confidence);
      counts[bin]++;
      confidenceSums[bin] += confidence;
      right[bin] += predicted == classes[row] ? 1 : 0;
    }
    return new Calibration(classes.length, counts, confidenceSums, right, squares / classes.length);
  }

  /** Ten times a float is exact as a double, so no edge is missed by rounding. */
  private static int bin(double confidence) {
    return Math.clamp((int) Math.ceil(BINS * confidence) - 1, 0, BINS - 1);
  }

  double expectedCalibrationError() {
    double sum = 0;
    for (int bin = 0; bin < BINS; bin++) {
      // n/N × |right/n − confidences/n|, without the n.
      sum += Math.abs(right[bin] - confidenceSums[bin]);
    }
    return sum / rows;
  }

  ObjectNode json() {
    ObjectNode json = Json.mapper().createObjectNode();
    json.put("part", "test").put("rows", rows);
    json.put("expected_calibration_error", expectedCalibrationError());
    json.put("brier_score", brierScore);
    ArrayNode bins = json.putArray("bins");
    boolean empty = false;
    for (int bin = 0; bin < BINS; bin++) {
      ObjectNode one = bins.addObject();
      one.put("above", (double) bin / BINS).put("up_to", (double) (bin + 1) / BINS);
      one.put("count", counts[bin]);
      if (counts[bin] == 0) {
        one.putNull("mean_confidence").putNull("accuracy");
        empty = true;
      } else {
        one.put("mean_confidence", confidenceSums[bin] / counts[bin]);
        one.put("accuracy", (double) right[bin] / counts[bin]);
      }
    }
    if (empty) {
      json.putObject("undefined")
          .put("bins", "a bin without a row has no mean confidence and no accuracy");
    }
    json.putObject("conventions")
        .put("confidence", "largest probability of the row; bins (above, up_to]")
        .put(
            "expected_calibration_error",
            "sum over bins of count/rows * |accuracy - mean_confidence|")
        .put("brier_score", "mean over rows of the sum over the classes of (p - [is label])^2");
    return json;
  }
}
