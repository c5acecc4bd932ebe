package io.ktrdr.strategy;

import java.util.Arrays;
import java.util.List;

/**
 * The network's forward pass in plain Java: the backtest worker needs no deep-learning library. The
 * result is the same to the last bit on every machine, which is why exp and tanh are {@link
 * StrictMath}'s. Stateless; any number of threads may call it.
 */
public final class Inference {

  /** Rows between two looks whether to go on: some milliseconds. */
  private static final int STRETCH = 1_024;

  private Inference() {}

  /** As the other, of a caller that will not want to stop. */
  public static float[] probabilities(ModelBundle model, FeatureMatrix features) {
    return probabilities(model, features, () -> {});
  }

  /**
   * Class probabilities of every row, rows × {@link ModelBundle#OUTPUTS}, row-major, in the order
   * BUY, HOLD, SELL. Rows before {@link FeatureMatrix#firstUsableRow()} are NaN: there is nothing
   * to decide on.
   *
   * @param between called after every {@value #STRETCH} rows; what it throws ends the calculation
   * @throws ModelInvalidException {@code MODEL_FEATURES_MISMATCH} when the matrix has other columns
   *     than the model was trained on
   */
  public static float[] probabilities(ModelBundle model, FeatureMatrix features, Runnable between) {
    requireSameFeatures(model.featureNames(), features.names());
    List<DenseLayer> layers = model.layers();
    int columns = features.columns();
    int widest = layers.stream().mapToInt(DenseLayer::outputs).max().orElse(0);
    float[] in = new float[Math.max(columns, widest)];
    float[] out = new float[Math.max(columns, widest)];
    float[] result = new float[Math.multiplyExact(features.rows(), ModelBundle.OUTPUTS)];
    Arrays.fill(result, 0, features.firstUsableRow() * ModelBundle.OUTPUTS, Float.NaN);
    for (int row = features.firstUsableRow(); row < features.rows(); row++) {
      System.arraycopy(features.values(), row * columns, in, 0, columns);
      for (int l = 0; l < layers.size(); l++) {
        DenseLayer layer = layers.get(l);
        sum(layer, in, out);
        activate(layer.activation(), out, layer.outputs());
        float[] swap = in;
        in = out;
        out = swap;
      }
      System.arraycopy(in, 0, result, row * ModelBundle.OUTPUTS, ModelBundle.OUTPUTS);
      if (row % STRETCH == 0) {
        between.run();
      }
    }
    return result;
  }

  private static void sum(DenseLayer layer, float[] in, float[] out) {
    int outputs = layer.outputs();
    float[] weights = layer.weights();
    System.arraycopy(layer.biases(), 0, out, 0, outputs);
    for (int i = 0; i < layer.inputs(); i++) {
      float x = in[i];
      int start = i * outputs;
      for (int o = 0; o < outputs; o++) {
        out[o] += x * weights[start + o];
      }
    }
  }

  private static void activate(Activation activation, float[] x, int n) {
    switch (activation) {
      case RELU -> {
        for (int i = 0; i < n; i++) {
          x[i] = Math.max(0, x[i]);
        }
      }
      case LEAKY_RELU -> {
        for (int i = 0; i < n; i++) {
          x[i] = x[i] < 0 ? x[i] * Activation.LEAKY_SLOPE : x[i];
        }
      }
      case TANH -> {
        for (int i = 0; i < n; i++) {
          x[i] = (float) StrictMath.tanh(x[i]);
        }
      }
      case SIGMOID -> {
        for (int i = 0; i < n; i++) {
          x[i] = (float) (1 / (1 + StrictMath.exp(-x[i])));
        }
      }
      case SOFTMAX -> softmax(x, n);
      case IDENTITY -> {
        // The sums are the result.
      }
    }
  }

  /** Shifted by the largest sum, so that exp cannot overflow. */
  private static void softmax(float[] x, int n) {
    float largest = x[0];
    for (int i = 1; i < n; i++) {
      largest = Math.max(largest, x[i]);
    }
    double total = 0;
    for (int i = 0; i < n; i++) {
      double e = StrictMath.exp((double) x[i] - largest);
      x[i] = (float) e;
      total += e;
    }
    for (int i = 0; i < n; i++) {
      x[i] = (float) (x[i] / total);
    }
  }

  /**
   * @throws ModelInvalidException {@code MODEL_FEATURES_MISMATCH} naming what differs
   */
  public static void requireSameFeatures(List<String> expected, List<String> given) {
    if (expected.equals(given)) {
      return;
    }
    List<String> missing = expected.stream().filter(name -> !given.contains(name)).toList();
    List<String> extra = given.stream().filter(name -> !expected.contains(name)).toList();
    throw new ModelInvalidException(
        "MODEL_FEATURES_MISMATCH",
        missing.isEmpty() && extra.isEmpty()
            ? "the features are the model's, in another order: " + given + " for " + expected
            : "the model's features differ: missing %s, unknown %s".formatted(missing, extra));
  }
}
