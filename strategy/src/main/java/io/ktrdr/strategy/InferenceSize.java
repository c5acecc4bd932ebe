package io.ktrdr.strategy;

import java.util.Locale;
import java.util.Optional;

/**
 * What a model's answers may take at most, see {@link TrainingSize}. Said in multiply-adds, so that
 * it does not depend on the machine.
 */
public final class InferenceSize {

  /** Most multiply-adds of all answers together. */
  public static final double WORK_MAX = 1e13;

  private InferenceSize() {}

  /**
   * Why the answers would take too long; empty when they would not.
   *
   * @param sequenceLength bars that each answer is made of
   * @param parameters of the model
   * @param bars to answer at
   */
  public static Optional<String> tooLong(int sequenceLength, long parameters, long bars) {
    double work = (double) bars * sequenceLength * parameters;
    return work <= WORK_MAX
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "answers at %d bars, each from %d bars through %d parameters, are %.1e"
                    + " multiply-adds, at most %.0e: choose a shorter range, or train a model with"
                    + " fewer units or bars a sequence",
                bars,
                sequenceLength,
                parameters,
                work,
                WORK_MAX));
  }
}
