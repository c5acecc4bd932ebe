package io.ktrdr.strategy;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * The network's shape: a multi-layer perceptron with three outputs, BUY, HOLD and SELL.
 *
 * @param hiddenLayers units per hidden layer, at least one layer
 * @param activation of the hidden layers: relu, tanh, sigmoid or leaky_relu
 * @param dropout share of a hidden layer's outputs dropped while training, in [0, 1)
 */
public record ModelSpec(List<Integer> hiddenLayers, Activation activation, double dropout) {

  public ModelSpec {
    hiddenLayers = List.copyOf(hiddenLayers);
    requireNonNull(activation, "activation is null");
  }
}
