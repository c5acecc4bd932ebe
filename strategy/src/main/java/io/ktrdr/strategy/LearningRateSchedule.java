package io.ktrdr.strategy;

/** How the learning rate changes from epoch to epoch. Epochs count from 1. */
public sealed interface LearningRateSchedule {

  /** It stays. */
  record Constant() implements LearningRateSchedule {}

  /** Times {@code gamma} after every {@code epochs}: rate · gamma^⌊(epoch - 1) / epochs⌋. */
  record Step(int epochs, double gamma) implements LearningRateSchedule {}

  /** Times {@code gamma} after every epoch: rate · gamma^(epoch - 1). */
  record Exponential(double gamma) implements LearningRateSchedule {}

  /**
   * Times {@code factor} when more than {@code patience} epochs in a row were no better. Better is
   * a validation loss below {@value #BETTER} of the lowest before; counting begins anew then and
   * after each reduction.
   */
  record ReduceOnPlateau(double factor, int patience) implements LearningRateSchedule {

    /** Share of the lowest loss before that has to be fallen below. */
    public static final double BETTER = 1 - 1e-4;
  }
}
