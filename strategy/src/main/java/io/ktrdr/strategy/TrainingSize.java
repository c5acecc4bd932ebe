package io.ktrdr.strategy;

import java.util.Locale;
import java.util.Optional;

/**
 * What a training may take at most: one rule for the parser, for the API, which refuses what would
 * keep a worker for days, and for the worker, which counts the rows itself. Said in multiply-adds,
 * so that it does not depend on the machine.
 */
public final class TrainingSize {

  /** Most work of a training in multiply-adds, see {@link #tooLong}: hours of one core. */
  public static final double WORK_MAX = 5e13;

  /** Most units of a batch's sequences together, which learning keeps of each step. */
  public static final long BATCH_UNITS_MAX = 1L << 24;

  /** What one layer's step costs beside its multiply-adds, forward and back, in multiply-adds. */
  private static final double STEP_OVERHEAD = 2e6;

  private TrainingSize() {}

  /** Why a batch would not fit into memory; empty when it does. */
  static Optional<String> tooLargeBatch(ModelSpec model, TrainingSettings settings) {
    if (!(model instanceof ModelSpec.Recurrent shape)) {
      return Optional.empty();
    }
    long units =
        (long) settings.batchSize()
            * shape.sequenceLength()
            * shape.hiddenSize()
            * shape.numLayers();
    return units <= BATCH_UNITS_MAX
        ? Optional.empty()
        : Optional.of(
            "batch_size %d × sequence_length %d × hidden_size %d × num_layers %d is %d, at most %d: lower one of them"
                .formatted(
                    settings.batchSize(),
                    shape.sequenceLength(),
                    shape.hiddenSize(),
                    shape.numLayers(),
                    units,
                    BATCH_UNITS_MAX));
  }

  /** Why the model would be larger than any that is read; empty when it would not. */
  public static Optional<String> tooManyParameters(
      ModelSpec model, TrainingSettings settings, int inputs) {
    long parameters = model.parameters(inputs, settings.outputs());
    return parameters <= ModelBundle.PARAMETERS_MAX
        ? Optional.empty()
        : Optional.of(
            "model.architecture: %d features make %d parameters of it, at most %d: use fewer units or fewer inputs"
                .formatted(inputs, parameters, ModelBundle.PARAMETERS_MAX));
  }

  /**
   * Why sequences would take too long to learn; empty when they would not, and always for a model
   * that sees one bar.
   *
   * @param rows to learn from
   */
  public static Optional<String> tooLong(
      ModelSpec model, TrainingSettings settings, int inputs, long rows) {
    if (!(model instanceof ModelSpec.Recurrent shape)) {
      return Optional.empty();
    }
    long parameters = shape.parameters(inputs, settings.outputs());
    double steps = Math.ceil((double) rows / settings.batchSize()) * shape.numLayers();
    double work =
        (double) settings.epochs()
            * shape.sequenceLength()
            * (steps * STEP_OVERHEAD + (double) rows * parameters);
    return work <= WORK_MAX
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "model.architecture: %d epochs of %d sequences of %d bars through %d parameters are"
                    + " %.1e multiply-adds, at most %.0e: use fewer epochs, units or bars a"
                    + " sequence, a larger batch_size, or a shorter range",
                settings.epochs(),
                rows,
                shape.sequenceLength(),
                parameters,
                work,
                WORK_MAX));
  }
}
