package io.ktrdr.strategy;

import java.util.List;

/**
 * What makes one row of several: layers that read the features of the last bars, oldest first. What
 * the last layer says at the newest bar is what the dense layers are given. Always consistent: the
 * layers are of one type and fit together.
 *
 * @param sequenceLength bars of a sequence, from 2 to {@link #SEQUENCE_MAX}
 * @param layers from 1 to {@link #LAYERS_MAX}
 */
public record Recurrence(int sequenceLength, List<RecurrentLayer> layers) {

  /** Most bars of a sequence. */
  public static final int SEQUENCE_MAX = 500;

  /** Most recurrent layers. */
  public static final int LAYERS_MAX = 4;

  /**
   * @throws IllegalArgumentException when the parts do not fit together
   */
  public Recurrence {
    layers = List.copyOf(layers);
    if (sequenceLength < 2 || sequenceLength > SEQUENCE_MAX) {
      throw new IllegalArgumentException(
          "a sequence of %d bars, there must be 2 to %d".formatted(sequenceLength, SEQUENCE_MAX));
    }
    if (layers.isEmpty() || layers.size() > LAYERS_MAX) {
      throw new IllegalArgumentException(
          "%d recurrent layers, there must be 1 to %d".formatted(layers.size(), LAYERS_MAX));
    }
    for (int i = 1; i < layers.size(); i++) {
      if (layers.get(i).type() != layers.getFirst().type()) {
        throw new IllegalArgumentException("recurrent layers of more than one type");
      }
      if (layers.get(i).inputs() != layers.get(i - 1).units()) {
        throw new IllegalArgumentException(
            "recurrent layer %d takes %d inputs and is given %d"
                .formatted(i, layers.get(i).inputs(), layers.get(i - 1).units()));
      }
    }
  }

  /** What the layers are. */
  public RecurrentType type() {
    return layers.getFirst().type();
  }

  /** Features of a bar. */
  int inputs() {
    return layers.getFirst().inputs();
  }

  /** What the dense layers are given. */
  int outputs() {
    return layers.getLast().units();
  }

  int parameterCount() {
    return layers.stream().mapToInt(RecurrentLayer::parameterCount).sum();
  }
}
