package io.ktrdr.training;

import io.ktrdr.protocol.Progress;
import io.ktrdr.strategy.DenseLayer;
import io.ktrdr.strategy.ModelSpec;
import io.ktrdr.strategy.Recurrence;
import io.ktrdr.strategy.TrainingSettings;
import io.ktrdr.training.TrainedNetwork.Epoch;
import io.ktrdr.worker.OperationFailedException;
import io.ktrdr.worker.RunContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * The learning loop: minibatches in an order shuffled anew for each epoch, a look at the validation
 * part after each, the weights of the best epoch kept.
 *
 * <p>The order comes from {@link Random} seeded with the run's seed, so with one thread everything
 * here is repeatable. The test part never comes here.
 */
final class Trainer {

  /** Share of the whole run that comes before the first epoch. */
  static final double PERCENT_BEFORE_EPOCHS = 5;

  /** Sequences that are judged at a time, so that a cancel is seen between them. */
  private static final int SEQUENCES_AT_A_TIME = 512;

  private final ModelSpec model;
  private final TrainingSettings settings;
  private final long seed;
  private final RunContext context;
  private final Samples train;
  private final Samples validation;
  private final float[] classWeights;
  private final List<Epoch> epochs = new ArrayList<>();

  Trainer(
      ModelSpec model,
      TrainingSettings settings,
      long seed,
      RunContext context,
      Samples train,
      Samples validation) {
    this.model = model;
    this.settings = settings;
    this.seed = seed;
    this.context = context;
    this.train = train;
    this.validation = validation;
    this.classWeights = ClassWeights.of(train.counts(settings.labels().classes()));
  }

  /**
   * Learns until the last epoch or until early stopping says so.
   *
   * @throws OperationFailedException TRAIN_DIVERGED, naming epoch and batch
   */
  TrainedNetwork run() throws InterruptedException {
    try (Network network = new Network(train.columns(), model, settings, classWeights, seed)) {
      return run(network);
    }
  }

  /** The epochs that are finished, oldest first. */
  List<Epoch> epochs() {
    return List.copyOf(epochs);
  }

  private TrainedNetwork run(Network network) throws InterruptedException {
    Random random = new Random(seed);
    int[] order = ascending(train.rows());
    Best best = null;
    LearningRates rates = new LearningRates(settings.learningRate(), settings.schedule());
    double rate = settings.learningRate();
    Patience patience = new Patience(settings.earlyStopping());
    for (int epoch = 1; epoch <= settings.epochs(); epoch++) {
      if (rates.of(epoch) != rate) {
        rate = rates.of(epoch);
        network.learnAt(rate);
      }
      shuffle(order, random);
      learnEpoch(network, order, epoch);
      Assessment onTrain = evaluate(network, train, epoch);
      Assessment onValidation = evaluate(network, validation, epoch);
      requireFinite(onTrain.loss() + onValidation.loss(), epoch, "its end");
      epochs.add(
          new Epoch(
              onTrain.loss(),
              onTrain.accuracy(),
              onValidation.loss(),
              onValidation.accuracy(),
              rate));
      if (best == null || onValidation.loss() < best.validation.loss()) {
        best = new Best(epoch, network.recurrence(), network.layers(), onTrain, onValidation);
      }
      context.report(progress(epoch, best.epoch));
      rates.finished(onValidation.loss());
      if (patience.isOver(onValidation)) {
        break;
      }
    }
    return finished(best);
  }

  private TrainedNetwork finished(@Nullable Best best) {
    if (best == null) {
      throw OperationFailedException.permanent("PARAM_RANGE", "training.epochs must be at least 1");
    }
    return new TrainedNetwork(
        best.recurrence, best.layers, best.epoch, epochs, best.train, best.validation);
  }

  private void learnEpoch(Network network, int[] order, int epoch) throws InterruptedException {
    boolean ofReturns = settings.loss().ofReturns();
    int batches = Math.ceilDiv(order.length, settings.batchSize());
    for (int batch = 1; batch <= batches; batch++) {
      stopOrInterrupt();
      int start = (batch - 1) * settings.batchSize();
      int rows = Math.min(settings.batchSize(), order.length - start);
      float[] features = new float[rows * train.width()];
      byte[] classes = new byte[rows];
      float[] returns = new float[rows];
      for (int i = 0; i < rows; i++) {
        int row = order[start + i];
        train.copyRow(row, features, i);
        classes[i] = train.classes()[row];
        returns[i] = ofReturns ? (float) train.returns()[row] : 0;
      }
      double loss = ofReturns ? network.learn(features, returns) : network.learn(features, classes);
      requireFinite(loss, epoch, "batch " + batch);
      reportWithin(epoch, "batch %d/%d".formatted(batch, batches));
    }
  }

  private void stopOrInterrupt() throws InterruptedException {
    context.throwIfStopped();
    if (Thread.interrupted()) {
      throw new InterruptedException("interrupted between two batches");
    }
  }

  /** An epoch of sequences may take minutes, in which nobody should think that it hangs. */
  private void reportWithin(int epoch, String where) {
    if (train.sequence() > 1) {
      context.report(
          Progress.of(
              percentage(epoch - 1),
              "Learning epoch %d/%d, %s".formatted(epoch, settings.epochs(), where)));
    }
  }

  private Assessment evaluate(Network network, Samples samples, int epoch)
      throws InterruptedException {
    return Assessment.of(outputs(network, samples, epoch), samples, classWeights, settings.loss());
  }

  private float[] outputs(Network network, Samples samples, int epoch) throws InterruptedException {
    if (samples.sequence() == 1) {
      return network.outputs(samples);
    }
    int perRow = network.outputs();
    float[] outputs = new float[samples.rows() * perRow];
    for (int from = 0; from < samples.rows(); from += SEQUENCES_AT_A_TIME) {
      stopOrInterrupt();
      int to = Math.min(samples.rows(), from + SEQUENCES_AT_A_TIME);
      float[] part = network.outputs(samples, from, to);
      System.arraycopy(part, 0, outputs, from * perRow, part.length);
      reportWithin(epoch, "judging row %d/%d".formatted(to, samples.rows()));
    }
    return outputs;
  }

  private void requireFinite(double loss, int epoch, String where) {
    if (!Double.isFinite(loss)) {
      throw OperationFailedException.permanent(
          "TRAIN_DIVERGED",
          "the loss is %s in epoch %d of %d, %s: lower training.learning_rate (now %s)"
              .formatted(loss, epoch, settings.epochs(), where, settings.learningRate()));
    }
  }

  private double percentage(int epochsDone) {
    return PERCENT_BEFORE_EPOCHS + (99 - PERCENT_BEFORE_EPOCHS) * epochsDone / settings.epochs();
  }

  private Progress progress(int epoch, int bestEpoch) {
    Epoch figures = epochs.getLast();
    int total = settings.epochs();
    return new Progress(
        percentage(epoch),
        "Epoch %d/%d".formatted(epoch, total),
        0,
        0,
        epoch,
        total,
        "epoch " + epoch,
        Map.of(
            "train_loss", figures.trainLoss(),
            "train_accuracy", figures.trainAccuracy(),
            "val_loss", figures.valLoss(),
            "val_accuracy", figures.valAccuracy(),
            "learning_rate", figures.learningRate(),
            "best_epoch", bestEpoch));
  }

  private static int[] ascending(int n) {
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      order[i] = i;
    }
    return order;
  }

  private static void shuffle(int[] order, Random random) {
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int kept = order[i];
      order[i] = order[j];
      order[j] = kept;
    }
  }

  private record Best(
      int epoch,
      @Nullable Recurrence recurrence,
      List<DenseLayer> layers,
      Assessment train,
      Assessment validation) {}
}
