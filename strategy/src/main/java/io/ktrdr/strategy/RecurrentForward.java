package io.ktrdr.strategy;

import java.util.Arrays;

/**
 * The recurrent layers' forward pass over a block of rows, each from a sequence of its own that
 * begins from nothing: a row's answer follows from the rows of its sequence alone, wherever the
 * data begins. Works in arrays of its own; for one thread.
 */
abstract sealed class RecurrentForward permits LstmForward, GruForward {

  private final Recurrence recurrence;
  private final int block;

  /** Features of the rows of all sequences, by column. */
  private final float[][] x;

  /** What the first layer's sums get from the features: the same in every sequence of a row. */
  private final float[][] projected;

  /** One layer's sums, in the order of its biases. */
  private final float[][] z;

  /** By layer and unit: what was said a step before. */
  private final float[][][] h;

  RecurrentForward(Recurrence recurrence, int block) {
    this.recurrence = recurrence;
    this.block = block;
    int span = block + recurrence.sequenceLength() - 1;
    RecurrentLayer first = recurrence.layers().getFirst();
    int widest = recurrence.layers().stream().mapToInt(RecurrentLayer::units).max().orElseThrow();
    this.x = new float[first.inputs()][span];
    this.projected = new float[RecurrentType.BIASES * first.units()][span];
    this.z = new float[RecurrentType.BIASES * widest][block];
    this.h = perUnit(recurrence, block);
  }

  static RecurrentForward of(Recurrence recurrence, int block) {
    return switch (recurrence.type()) {
      case LSTM -> new LstmForward(recurrence, block);
      case GRU -> new GruForward(recurrence, block);
    };
  }

  /** By layer, unit and row. */
  static float[][][] perUnit(Recurrence recurrence, int block) {
    float[][][] values = new float[recurrence.layers().size()][][];
    for (int l = 0; l < values.length; l++) {
      values[l] = new float[recurrence.layers().get(l).units()][block];
    }
    return values;
  }

  static void clear(float[][][] values, int rows) {
    for (float[][] layer : values) {
      for (float[] unit : layer) {
        Arrays.fill(unit, 0, rows, 0);
      }
    }
  }

  /** Before the first step of a block's sequences. */
  abstract void begin(int rows);

  /** Which sum a column of the recurrent weights goes into. */
  abstract int recurrentSum(int column, int units);

  /**
   * One step of a layer.
   *
   * @param z its sums, in the order of its biases
   * @param said what it said a step before, to become what it says now
   */
  abstract void advance(int layer, float[][] z, float[][] said, int rows);

  /**
   * What the last layer says at each of some rows, by unit and row; valid until the next call.
   *
   * @param first row, with a whole sequence behind it
   * @param rows of them, at most a block
   * @param between called after every step of the sequences
   */
  final float[][] outputs(FeatureMatrix features, int first, int rows, Runnable between) {
    if (rows > block) {
      throw new IllegalArgumentException("%d rows for a block of %d".formatted(rows, block));
    }
    project(features, first - recurrence.sequenceLength() + 1, rows);
    clear(h, rows);
    begin(rows);
    for (int step = 0; step < recurrence.sequenceLength(); step++) {
      for (int l = 0; l < h.length; l++) {
        sum(l, step, rows);
        advance(l, z, h[l], rows);
      }
      between.run();
    }
    return h[h.length - 1];
  }

  private void project(FeatureMatrix features, int start, int rows) {
    RecurrentLayer layer = recurrence.layers().getFirst();
    int span = rows + recurrence.sequenceLength() - 1;
    int columns = features.columns();
    for (int i = 0; i < columns; i++) {
      for (int p = 0; p < span; p++) {
        x[i][p] = features.values()[(start + p) * columns + i];
      }
    }
    addInputs(layer, projected, x, span);
  }

  /** Biases, then inputs, then what was said before: in this order for every row. */
  private void sum(int l, int step, int rows) {
    RecurrentLayer layer = recurrence.layers().get(l);
    if (l > 0) {
      addInputs(layer, z, h[l - 1], rows);
    } else {
      for (int s = 0; s < projected.length; s++) {
        System.arraycopy(projected[s], step, z[s], 0, rows);
      }
    }
    if (step > 0) {
      int columns = layer.type().gates() * layer.units();
      for (int c = 0; c < columns; c++) {
        float[] sums = z[recurrentSum(c, layer.units())];
        for (int unit = 0; unit < layer.units(); unit++) {
          Inference.addProduct(
              sums, layer.recurrentWeights()[unit * columns + c], h[l][unit], rows);
        }
      }
    }
  }

  private static void addInputs(RecurrentLayer layer, float[][] sums, float[][] inputs, int n) {
    int columns = layer.type().gates() * layer.units();
    for (int s = 0; s < layer.biases().length; s++) {
      Arrays.fill(sums[s], 0, n, layer.biases()[s]);
    }
    for (int c = 0; c < columns; c++) {
      for (int i = 0; i < layer.inputs(); i++) {
        Inference.addProduct(sums[c], layer.inputWeights()[i * columns + c], inputs[i], n);
      }
    }
  }
}
