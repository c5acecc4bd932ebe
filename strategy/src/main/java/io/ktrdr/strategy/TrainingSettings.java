package io.ktrdr.strategy;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * How the network is trained. Read from {@code training}, else from {@code model.training}, else
 * the default.
 *
 * @param weightDecay L2 penalty, 0 for none
 * @param gradientClip largest L2 norm of a layer's gradient, 0 for no limit; what is longer is
 *     shortened to it
 * @param earlyStopping null when every epoch is run
 * @param seed of initial weights, dropout and shuffling
 */
public record TrainingSettings(
    int epochs,
    int batchSize,
    double learningRate,
    Optimizer optimizer,
    double weightDecay,
    double gradientClip,
    @Nullable EarlyStopping earlyStopping,
    LearningRateSchedule schedule,
    LossSettings loss,
    LabelSettings labels,
    Split split,
    long seed) {

  /** Fewest rows a class needs among the training rows, and validation and test in all. */
  public static final int ROWS_MIN = 10;

  public TrainingSettings {
    requireNonNull(optimizer, "optimizer is null");
    requireNonNull(schedule, "schedule is null");
    requireNonNull(loss, "loss is null");
    requireNonNull(labels, "labels is null");
    requireNonNull(split, "split is null");
  }

  /**
   * Fewest labelled rows from which every part can have what it needs.
   *
   * @param sequenceLength of the model: validation and test lose the rows whose sequence begins
   *     before them
   */
  public int rowsNeeded(int sequenceLength) {
    double train = labels.classes().count() * ROWS_MIN / split.train();
    double others = (ROWS_MIN + sequenceLength - 2) / Math.min(split.validation(), split.test());
    return (int) Math.max(train, others);
  }

  /** Numbers the network gives for a row: one per class, or a return. */
  public int outputs() {
    return loss.ofReturns() ? 1 : labels.classes().count();
  }

  /** The update rule. */
  public enum Optimizer {
    ADAM,
    SGD,
    RMSPROP
  }

  /** What early stopping looks at, of the validation part. */
  public enum Monitor {
    VAL_LOSS,
    VAL_ACCURACY
  }

  /**
   * Stops when what is monitored has not become better by more than {@code minDelta} for {@code
   * patience} epochs. The weights kept are those of the lowest validation loss in either case.
   */
  public record EarlyStopping(int patience, double minDelta, Monitor monitor) {

    public EarlyStopping {
      requireNonNull(monitor, "monitor is null");
    }
  }

  /**
   * Chronological shares of the labelled rows; the first three add up to 1.
   *
   * @param embargo of training and validation, the newest rows in which no label may end; as a
   *     share of all rows
   */
  public record Split(double train, double validation, double test, double embargo) {}
}
