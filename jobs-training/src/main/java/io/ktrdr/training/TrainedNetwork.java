package io.ktrdr.training;

import io.ktrdr.strategy.DenseLayer;
import io.ktrdr.strategy.Recurrence;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What training came to.
 *
 * @param recurrence weights of the best epoch; null where a row is a bar
 * @param layers weights of the best epoch
 * @param bestEpoch from 1: the one with the lowest validation loss, the first of equals
 * @param epochs one entry per epoch that was run
 * @param train of the best epoch
 * @param validation of the best epoch
 */
record TrainedNetwork(
    @Nullable Recurrence recurrence,
    List<DenseLayer> layers,
    int bestEpoch,
    List<Epoch> epochs,
    Assessment train,
    Assessment validation) {

  TrainedNetwork {
    layers = List.copyOf(layers);
    epochs = List.copyOf(epochs);
  }

  /**
   * Figures at the end of one epoch, without dropout.
   *
   * @param learningRate the epoch's
   */
  record Epoch(
      double trainLoss,
      double trainAccuracy,
      double valLoss,
      double valAccuracy,
      double learningRate) {}
}
