package io.ktrdr.training;

import io.ktrdr.strategy.LearningRateSchedule;
import io.ktrdr.strategy.LearningRateSchedule.ReduceOnPlateau;

/** The learning rate of each epoch. Remembers the losses it was told; one per training. */
final class LearningRates {

  private final double first;
  private final LearningRateSchedule schedule;
  private double reduced;
  private double lowest = Double.POSITIVE_INFINITY;
  private int noBetter;

  LearningRates(double first, LearningRateSchedule schedule) {
    this.first = first;
    this.schedule = schedule;
    this.reduced = first;
  }

  /**
   * @param epoch from 1; all before it have been {@link #finished}
   */
  double of(int epoch) {
    return switch (schedule) {
      case LearningRateSchedule.Constant() -> first;
      case LearningRateSchedule.Step(int epochs, double gamma) -> {
        int steps = (epoch - 1) / epochs;
        yield first * StrictMath.pow(gamma, steps);
      }
      case LearningRateSchedule.Exponential(double gamma) ->
          first * StrictMath.pow(gamma, epoch - 1);
      case ReduceOnPlateau _ -> reduced;
    };
  }

  /** An epoch has ended with that loss of the validation part. */
  void finished(double validationLoss) {
    if (!(schedule instanceof ReduceOnPlateau plateau)) {
      return;
    }
    if (validationLoss < lowest * ReduceOnPlateau.BETTER) {
      lowest = validationLoss;
      noBetter = 0;
      return;
    }
    noBetter++;
    if (noBetter > plateau.patience()) {
      reduced *= plateau.factor();
      noBetter = 0;
    }
  }
}
