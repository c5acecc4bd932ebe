package io.ktrdr.strategy;

import static java.util.Objects.requireNonNull;

/**
 * A fully connected layer: {@code out[o] = activation(biases[o] + Σ in[i] · weights[i · outputs +
 * o])}. The arrays are kept, not copied: read only.
 *
 * @param weights inputs × outputs, row-major
 * @param biases one per output
 */
// Compared by digest or not at all, so that arrays lack value equality costs nothing.
@SuppressWarnings("ArrayRecordComponent")
public record DenseLayer(
    int inputs, int outputs, Activation activation, float[] weights, float[] biases) {

  public DenseLayer {
    requireNonNull(activation, "activation is null");
    if (inputs < 1 || outputs < 1) {
      throw new IllegalArgumentException("a layer of " + inputs + " × " + outputs);
    }
    if (weights.length != (long) inputs * outputs || biases.length != outputs) {
      throw new IllegalArgumentException(
          "%d weights and %d biases for a layer of %d × %d"
              .formatted(weights.length, biases.length, inputs, outputs));
    }
  }
}
