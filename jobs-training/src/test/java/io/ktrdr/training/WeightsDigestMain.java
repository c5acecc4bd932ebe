package io.ktrdr.training;

import io.ktrdr.strategy.Activation;
import io.ktrdr.strategy.ModelSpec;
import io.ktrdr.strategy.RecurrentType;
import io.ktrdr.strategy.TrainingSettings.Optimizer;
import java.util.List;

/** Trains a little and prints the weights' digest; run in a second process by a test. */
final class WeightsDigestMain {

  private WeightsDigestMain() {}

  public static void main(String[] args) {
    System.out.println(digest());
  }

  static String digest() {
    Samples rows = NetworkTest.samples(256);
    Samples sequences = NetworkTest.sequences(128);
    return digest(rows, new ModelSpec.Mlp(List.of(16, 8), Activation.RELU, 0.3))
        + digest(sequences, recurrent(RecurrentType.LSTM))
        + digest(sequences, recurrent(RecurrentType.GRU));
  }

  private static ModelSpec recurrent(RecurrentType type) {
    return new ModelSpec.Recurrent(type, 6, 2, NetworkTest.SEQUENCE, 0.3);
  }

  private static String digest(Samples samples, ModelSpec shape) {
    float[] weights = {1, 2, 0.5f};
    try (Network network =
        new Network(4, shape, NetworkTest.settings(0.01, Optimizer.ADAM), weights, 42)) {
      for (int i = 0; i < 30; i++) {
        network.learn(NetworkTest.rows(samples), samples.classes());
      }
      return NetworkTest.bundle(network).weightsSha256().hex();
    }
  }
}
