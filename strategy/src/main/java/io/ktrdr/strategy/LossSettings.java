package io.ktrdr.strategy;

/** What training makes small. */
public sealed interface LossSettings {

  /** Error up to which the Huber loss is a square, when nobody says another. */
  double HUBER_DELTA_DEFAULT = 0.01;

  /** Whether it is of a predicted return; else of the probabilities of classes. */
  default boolean ofReturns() {
    return switch (this) {
      case Focal _ -> false;
      case Huber _, SquaredError _ -> true;
    };
  }

  /**
   * {@code -weight · (1 - p)^gamma · ln p} of the right class's probability p: what the network is
   * sure of counts little. With gamma 0 it is the cross-entropy.
   */
  record Focal(double gamma) implements LossSettings {}

  /** {@code ½e²} up to an error of {@code delta}, {@code delta · (|e| - ½delta)} beyond. */
  record Huber(double delta) implements LossSettings {}

  /** {@code e²}. */
  record SquaredError() implements LossSettings {}
}
