package io.ktrdr.training;

import io.ktrdr.strategy.TrainingSettings.EarlyStopping;
import org.jspecify.annotations.Nullable;

/** Counts the epochs in which the validation part has not become better; one per training. */
final class Patience {

  private final @Nullable EarlyStopping settings;
  private double best = Double.NEGATIVE_INFINITY;
  private int noBetter;

  /**
   * @param settings null to go on for ever
   */
  Patience(@Nullable EarlyStopping settings) {
    this.settings = settings;
  }

  /** Counts an epoch; whether it is to be the last. */
  boolean isOver(Assessment validation) {
    if (settings == null) {
      return false;
    }
    double score =
        switch (settings.monitor()) {
          case VAL_LOSS -> -validation.loss();
          case VAL_ACCURACY -> validation.accuracy();
        };
    if (score > best + settings.minDelta()) {
      best = score;
      noBetter = 0;
    } else {
      noBetter++;
    }
    return noBetter >= settings.patience();
  }
}
