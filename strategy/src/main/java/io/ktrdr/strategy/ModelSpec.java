package io.ktrdr.strategy;

import static java.util.Objects.requireNonNull;

import java.util.List;

/** The network's shape. It has an output for each class, through softmax, or one, a return. */
public sealed interface ModelSpec {

  /** Share of a hidden layer's outputs dropped while training, in [0, 1). */
  double dropout();

  /**
   * Bars whose features an answer is made of, its own the newest of them: 1 when it sees only its
   * own.
   */
  int sequenceLength();

  /** Weights and biases of a network with that many features and outputs. */
  long parameters(int inputs, int outputs);

  /**
   * A multi-layer perceptron, which sees one bar.
   *
   * @param hiddenLayers units per hidden layer, at least one layer
   * @param activation of the hidden layers: relu, tanh, sigmoid or leaky_relu
   */
  record Mlp(List<Integer> hiddenLayers, Activation activation, double dropout)
      implements ModelSpec {

    public Mlp {
      hiddenLayers = List.copyOf(hiddenLayers);
      requireNonNull(activation, "activation is null");
    }

    @Override
    public int sequenceLength() {
      return 1;
    }

    @Override
    public long parameters(int inputs, int outputs) {
      long parameters = 0;
      long width = inputs;
      for (int units : hiddenLayers) {
        parameters += (width + 1) * units;
        width = units;
      }
      return parameters + (width + 1) * outputs;
    }
  }

  /**
   * Recurrent layers, which read the last bars one after the other, oldest first, and begin each
   * time from nothing. What the last layer says at the newest bar goes into the outputs.
   *
   * @param type of the layers
   * @param hiddenSize units of each layer
   * @param numLayers at least one
   * @param sequenceLength bars of a sequence, at least two
   */
  record Recurrent(
      RecurrentType type, int hiddenSize, int numLayers, int sequenceLength, double dropout)
      implements ModelSpec {

    public Recurrent {
      requireNonNull(type, "type is null");
    }

    @Override
    public long parameters(int inputs, int outputs) {
      return type.parameters(inputs, hiddenSize)
          + (numLayers - 1) * type.parameters(hiddenSize, hiddenSize)
          + (hiddenSize + 1L) * outputs;
    }
  }
}
