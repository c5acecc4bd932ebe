package io.ktrdr.strategy;

/**
 * A layer that reads a sequence and says something of each step, from the step's inputs and from
 * what it said a step before. Row-major weights, whose columns are gates of {@code units} each;
 * biases of four times as many. The arrays are kept, not copied: read only.
 */
public sealed interface RecurrentLayer permits LstmLayer, GruLayer {

  /** What kind it is. */
  RecurrentType type();

  /** Numbers it is given at a step. */
  int inputs();

  /** Numbers it says at a step. */
  int units();

  /** For the inputs of a step. */
  float[] inputWeights();

  /** For what was said a step before. */
  float[] recurrentWeights();

  /** See the layer's own description. */
  float[] biases();

  /** Weights and biases together. */
  default int parameterCount() {
    return inputWeights().length + recurrentWeights().length + biases().length;
  }

  /**
   * @throws IllegalArgumentException when the numbers of weights or biases are not those of a layer
   *     of that size
   */
  static void requireFitting(
      RecurrentType type,
      int inputs,
      int units,
      float[] inputWeights,
      float[] recurrentWeights,
      float[] biases) {
    String layer = "%s layer of %d × %d".formatted(type.wireName(), inputs, units);
    if (inputs < 1 || units < 1) {
      throw new IllegalArgumentException("a " + layer);
    }
    long columns = (long) type.gates() * units;
    if (inputWeights.length != inputs * columns
        || recurrentWeights.length != units * columns
        || biases.length != (long) RecurrentType.BIASES * units) {
      throw new IllegalArgumentException(
          "%d and %d weights and %d biases for a %s"
              .formatted(inputWeights.length, recurrentWeights.length, biases.length, layer));
    }
  }
}
