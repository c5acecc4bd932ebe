package io.ktrdr.strategy;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * The network's forward pass in plain Java: the backtest worker needs no deep-learning library. The
 * result is the same to the last bit on every machine, which is why exp and tanh are {@link
 * StrictMath}'s. Stateless; any number of threads may call it.
 */
public final class Inference {

  /**
   * Rows that go through a layer together: the innermost loop is then over rows, which a processor
   * takes several at a time, and adds for each row in the same order as if it were alone.
   */
  private static final int BLOCK = 128;

  /** Rows between two looks whether to go on: a millisecond or so. */
  private static final int STRETCH = 8 * BLOCK;

  private Inference() {}

  /** As the other, of a caller that will not want to stop. */
  public static float[] outputs(ModelBundle model, FeatureMatrix features) {
    return outputs(model, features, _ -> {});
  }

  /**
   * The network's answers to every row, its features first scaled as the model says: rows × {@link
   * ModelBundle#outputs()}, row-major. They are the probabilities of {@link ModelBundle#classes},
   * or one predicted return. Rows before {@link ModelBundle#firstAnswered} are NaN: there is
   * nothing to decide on. A row follows from the rows of its own sequence alone.
   *
   * @param between told how many rows are done, after every {@value #STRETCH} of them, of sequences
   *     after every step of {@value #BLOCK}; what it throws ends the calculation
   * @throws ModelInvalidException {@code MODEL_FEATURES_MISMATCH} when the matrix has other columns
   *     than the model was trained on
   */
  public static float[] outputs(ModelBundle model, FeatureMatrix given, IntConsumer between) {
    requireSameFeatures(model.featureNames(), given.names());
    FeatureMatrix features = given.scaled(model.scalings());
    List<DenseLayer> layers = model.layers();
    Recurrence recurrence = model.recurrence();
    RecurrentForward sequences = recurrence == null ? null : RecurrentForward.of(recurrence, BLOCK);
    int firstRow = model.firstAnswered(features);
    int outputs = model.outputs();
    int widest =
        Math.max(
            layers.getFirst().inputs(),
            layers.stream().mapToInt(DenseLayer::outputs).max().orElse(0));
    float[][] in = new float[widest][BLOCK];
    float[][] out = new float[widest][BLOCK];
    float[] result = new float[Math.multiplyExact(features.rows(), outputs)];
    Arrays.fill(result, 0, firstRow * outputs, Float.NaN);
    for (int first = firstRow; first < features.rows(); first += BLOCK) {
      int rows = Math.min(BLOCK, features.rows() - first);
      if (sequences == null) {
        byColumn(features, first, rows, in);
      } else {
        int done = first;
        float[][] said = sequences.outputs(features, first, rows, () -> between.accept(done));
        for (int unit = 0; unit < said.length; unit++) {
          System.arraycopy(said[unit], 0, in[unit], 0, rows);
        }
      }
      for (DenseLayer layer : layers) {
        sum(layer, in, out, rows);
        activate(layer.activation(), out, layer.outputs(), rows);
        float[][] swap = in;
        in = out;
        out = swap;
      }
      for (int r = 0; r < rows; r++) {
        for (int o = 0; o < outputs; o++) {
          result[(first + r) * outputs + o] = in[o][r];
        }
      }
      if ((first + BLOCK - firstRow) % STRETCH == 0) {
        between.accept(first + rows);
      }
    }
    return result;
  }

  private static void byColumn(FeatureMatrix features, int first, int rows, float[][] in) {
    int columns = features.columns();
    for (int i = 0; i < columns; i++) {
      for (int r = 0; r < rows; r++) {
        in[i][r] = features.values()[(first + r) * columns + i];
      }
    }
  }

  private static void sum(DenseLayer layer, float[][] in, float[][] out, int rows) {
    for (int o = 0; o < layer.outputs(); o++) {
      float[] sums = out[o];
      Arrays.fill(sums, 0, rows, layer.biases()[o]);
      addProducts(sums, layer, o, in, rows);
    }
  }

  /**
   * Inputs in fours, each four in one pass over the sums: these are then read and written a quarter
   * as often. Every sum still takes one product after the other, in the order of the inputs.
   */
  private static void addProducts(
      float[] sums, DenseLayer layer, int output, float[][] in, int rows) {
    float[] weights = layer.weights();
    int stride = layer.outputs();
    int i = 0;
    for (int at = output; i + 4 <= layer.inputs(); i += 4, at += 4 * stride) {
      addFourProducts(
          sums,
          weights[at],
          in[i],
          weights[at + stride],
          in[i + 1],
          weights[at + 2 * stride],
          in[i + 2],
          weights[at + 3 * stride],
          in[i + 3],
          rows);
    }
    for (; i < layer.inputs(); i++) {
      addProduct(sums, weights[i * stride + output], in[i], rows);
    }
  }

  private static void addFourProducts(
      float[] sums,
      float weight0,
      float[] x0,
      float weight1,
      float[] x1,
      float weight2,
      float[] x2,
      float weight3,
      float[] x3,
      int rows) {
    for (int r = 0; r < rows; r++) {
      sums[r] = sums[r] + x0[r] * weight0 + x1[r] * weight1 + x2[r] * weight2 + x3[r] * weight3;
    }
  }

  static void addProduct(float[] sums, float weight, float[] x, int rows) {
    for (int r = 0; r < rows; r++) {
      sums[r] += x[r] * weight;
    }
  }

  private static void activate(Activation activation, float[][] x, int outputs, int rows) {
    if (activation == Activation.SOFTMAX) {
      for (int r = 0; r < rows; r++) {
        softmax(x, outputs, r);
      }
    } else {
      for (int o = 0; o < outputs; o++) {
        activate(activation, x[o], rows);
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
          x[i] = tanh(x[i]);
        }
      }
      case SIGMOID -> {
        for (int i = 0; i < n; i++) {
          x[i] = sigmoid(x[i]);
        }
      }
      case SOFTMAX -> throw new IllegalArgumentException("softmax is of a row, not of one output");
      case IDENTITY -> {
        // The sums are the result.
      }
    }
  }

  static float tanh(float x) {
    return (float) StrictMath.tanh(x);
  }

  static float sigmoid(float x) {
    return (float) (1 / (1 + StrictMath.exp(-x)));
  }

  /** Of one row. Shifted by the largest sum, so that exp cannot overflow. */
  private static void softmax(float[][] x, int outputs, int row) {
    float largest = x[0][row];
    for (int o = 1; o < outputs; o++) {
      largest = Math.max(largest, x[o][row]);
    }
    double total = 0;
    for (int o = 0; o < outputs; o++) {
      // Of the largest it is 1, and a third of the work.
      double e = x[o][row] == largest ? 1 : StrictMath.exp((double) x[o][row] - largest);
      x[o][row] = (float) e;
      total += e;
    }
    for (int o = 0; o < outputs; o++) {
      x[o][row] = (float) (x[o][row] / total);
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
