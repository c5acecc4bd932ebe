package io.ktrdr.strategy;

import java.util.Arrays;

/**
 * The recurrent layers' forward pass over a block of rows, each from a sequence of its own that
 * begins from nothing: a row's answer follows from the rows of its sequence alone, wherever the
 * data begins. Works in arrays of its own; for one thread.
 */
final class LstmForward {

  private final Recurrence recurrence;
  private final int block;

  /** Features of the rows of all sequences, by column. */
  private final float[][] x;

  /** What the first layer's gates get from the features: the same in every sequence of a row. */
  private final float[][] projected;

  /** Sums of one layer's gates. */
  private final float[][] z;

  /** By layer and unit: what was said a step before, and the memory. */
  private final float[][][] h;

  private final float[][][] c;

  LstmForward(Recurrence recurrence, int block) {
    this.recurrence = recurrence;
    this.block = block;
    int span = block + recurrence.sequenceLength() - 1;
    LstmLayer first = recurrence.layers().getFirst();
    int widest = recurrence.layers().stream().mapToInt(LstmLayer::units).max().orElseThrow();
    this.x = new float[first.inputs()][span];
    this.projected = new float[LstmLayer.GATES * first.units()][span];
    this.z = new float[LstmLayer.GATES * widest][block];
    this.h = new float[recurrence.layers().size()][][];
    this.c = new float[recurrence.layers().size()][][];
    for (int l = 0; l < h.length; l++) {
      h[l] = new float[recurrence.layers().get(l).units()][block];
      c[l] = new float[recurrence.layers().get(l).units()][block];
    }
  }

  /**
   * What the last layer says at each of some rows, by unit and row; valid until the next call.
   *
   * @param first row, with a whole sequence behind it
   * @param rows of them, at most a block
   * @param between called after every step of the sequences
   */
  float[][] outputs(FeatureMatrix features, int first, int rows, Runnable between) {
    if (rows > block) {
      throw new IllegalArgumentException("%d rows for a block of %d".formatted(rows, block));
    }
    project(features, first - recurrence.sequenceLength() + 1, rows);
    for (int l = 0; l < h.length; l++) {
      for (int unit = 0; unit < h[l].length; unit++) {
        Arrays.fill(h[l][unit], 0, rows, 0);
        Arrays.fill(c[l][unit], 0, rows, 0);
      }
    }
    for (int step = 0; step < recurrence.sequenceLength(); step++) {
      for (int l = 0; l < h.length; l++) {
        sum(l, step, rows);
        advance(h[l], c[l], rows);
      }
      between.run();
    }
    return h[h.length - 1];
  }

  private void project(FeatureMatrix features, int start, int rows) {
    LstmLayer layer = recurrence.layers().getFirst();
    int span = rows + recurrence.sequenceLength() - 1;
    int columns = features.columns();
    for (int i = 0; i < columns; i++) {
      for (int p = 0; p < span; p++) {
        x[i][p] = features.values()[(start + p) * columns + i];
      }
    }
    int gates = LstmLayer.GATES * layer.units();
    for (int g = 0; g < gates; g++) {
      Arrays.fill(projected[g], 0, span, layer.biases()[g]);
      for (int i = 0; i < columns; i++) {
        Inference.addProduct(projected[g], layer.inputWeights()[i * gates + g], x[i], span);
      }
    }
  }

  /** Biases, then inputs, then what was said before: in this order for every row. */
  private void sum(int l, int step, int rows) {
    LstmLayer layer = recurrence.layers().get(l);
    int gates = LstmLayer.GATES * layer.units();
    for (int g = 0; g < gates; g++) {
      float[] sums = z[g];
      if (l == 0) {
        System.arraycopy(projected[g], step, sums, 0, rows);
      } else {
        Arrays.fill(sums, 0, rows, layer.biases()[g]);
        for (int i = 0; i < layer.inputs(); i++) {
          Inference.addProduct(sums, layer.inputWeights()[i * gates + g], h[l - 1][i], rows);
        }
      }
      if (step > 0) {
        for (int unit = 0; unit < layer.units(); unit++) {
          Inference.addProduct(sums, layer.recurrentWeights()[unit * gates + g], h[l][unit], rows);
        }
      }
    }
  }

  private void advance(float[][] said, float[][] memory, int rows) {
    int units = said.length;
    for (int unit = 0; unit < units; unit++) {
      float[] candidate = z[unit];
      float[] forget = z[units + unit];
      float[] output = z[2 * units + unit];
      float[] input = z[3 * units + unit];
      for (int r = 0; r < rows; r++) {
        memory[unit][r] =
            Inference.sigmoid(forget[r]) * memory[unit][r]
                + Inference.sigmoid(input[r]) * Inference.tanh(candidate[r]);
        said[unit][r] = Inference.sigmoid(output[r]) * Inference.tanh(memory[unit][r]);
      }
    }
  }
}
