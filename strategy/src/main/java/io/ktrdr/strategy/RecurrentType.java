package io.ktrdr.strategy;

/** The kinds of layers that read sequences. */
public enum RecurrentType {
  /** Long short-term memory, see {@link LstmLayer}. */
  LSTM("lstm", LstmLayer.GATES),
  /** Gated recurrent units, see {@link GruLayer}. */
  GRU("gru", GruLayer.GATES);

  /** Parts of the biases of a layer, each of as many as it has units. */
  static final int BIASES = 4;

  private final String wireName;
  private final int gates;

  RecurrentType(String wireName, int gates) {
    this.wireName = wireName;
    this.gates = gates;
  }

  /** As it is written in strategies and models, e.g. {@code lstm}. */
  public String wireName() {
    return wireName;
  }

  /**
   * @throws IllegalArgumentException when there is no such type
   */
  static RecurrentType parse(String text) {
    for (RecurrentType type : values()) {
      if (type.wireName.equals(text)) {
        return type;
      }
    }
    throw new IllegalArgumentException("no recurrent layers are of type '" + text + "'");
  }

  /** Columns of a layer's weights, by unit. */
  int gates() {
    return gates;
  }

  /** Weights and biases of a layer. */
  long parameters(long inputs, long units) {
    return gates * units * (inputs + units) + BIASES * units;
  }

  /**
   * @param inputWeights inputs × gates · units, row-major
   * @param recurrentWeights units × gates · units, row-major
   * @param biases 4 · units
   * @throws IllegalArgumentException when the numbers of weights or biases are others
   */
  public RecurrentLayer layer(
      int inputs, int units, float[] inputWeights, float[] recurrentWeights, float[] biases) {
    return switch (this) {
      case LSTM -> new LstmLayer(inputs, units, inputWeights, recurrentWeights, biases);
      case GRU -> new GruLayer(inputs, units, inputWeights, recurrentWeights, biases);
    };
  }
}
