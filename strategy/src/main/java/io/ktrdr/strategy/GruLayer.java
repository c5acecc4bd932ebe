package io.ktrdr.strategy;

/**
 * A layer of gated recurrent units, as it was trained: of the two forms in use the one whose reset
 * gate is applied to the product with the recurrent weights, not to what goes into it. At each
 * step, with inputs x and what the layer said a step before, h, zero at first:
 *
 * <pre>
 * a = biases[first three] + x · inputWeights                three gates of `units` columns each
 * s = h · recurrentWeights                                  three gates of `units` columns each
 * r = sigmoid(a[reset] + s[reset])
 * u = sigmoid(a[update] + s[update])
 * n = tanh(a[candidate] + r · (biases[fourth] + s[candidate]))
 * h = u · h + (1 - u) · n
 * </pre>
 *
 * The gates' columns stand in the order reset, update, candidate; column {@code gate · units +
 * unit}. The arrays are kept, not copied: read only.
 *
 * @param units outputs of the layer
 * @param inputWeights inputs × 3 units, row-major
 * @param recurrentWeights units × 3 units, row-major
 * @param biases 4 units: of the three gates, then the one within the product with the reset gate
 */
// Compared by digest or not at all, so that arrays lack value equality costs nothing.
@SuppressWarnings("ArrayRecordComponent")
public record GruLayer(
    int inputs, int units, float[] inputWeights, float[] recurrentWeights, float[] biases)
    implements RecurrentLayer {

  /** Reset, update, candidate. */
  public static final int GATES = 3;

  public GruLayer {
    RecurrentLayer.requireFitting(
        RecurrentType.GRU, inputs, units, inputWeights, recurrentWeights, biases);
  }

  @Override
  public RecurrentType type() {
    return RecurrentType.GRU;
  }
}
