package io.ktrdr.strategy;

/**
 * A layer of long short-term memory without peepholes, as it was trained. At each step, with inputs
 * x, what the layer said a step before, h, and its memory c, both zero at first:
 *
 * <pre>
 * z = biases + x · inputWeights + h · recurrentWeights       four gates of `units` columns each
 * c = sigmoid(z[forget]) · c + sigmoid(z[input]) · tanh(z[candidate])
 * h = sigmoid(z[output]) · tanh(c)
 * </pre>
 *
 * The gates' columns stand in the order candidate, forget, output, input; column {@code gate ·
 * units + unit}. The arrays are kept, not copied: read only.
 *
 * @param units outputs of the layer
 * @param inputWeights inputs × 4 units, row-major
 * @param recurrentWeights units × 4 units, row-major
 * @param biases 4 units
 */
// Compared by digest or not at all, so that arrays lack value equality costs nothing.
@SuppressWarnings("ArrayRecordComponent")
public record LstmLayer(
    int inputs, int units, float[] inputWeights, float[] recurrentWeights, float[] biases)
    implements RecurrentLayer {

  /** Candidate, forget, output, input. */
  public static final int GATES = 4;

  public LstmLayer {
    RecurrentLayer.requireFitting(
        RecurrentType.LSTM, inputs, units, inputWeights, recurrentWeights, biases);
  }

  @Override
  public RecurrentType type() {
    return RecurrentType.LSTM;
  }
}
