package io.ktrdr.training;

import io.ktrdr.strategy.Activation;
import io.ktrdr.strategy.ModelSpec;
import io.ktrdr.strategy.TrainingSettings.Optimizer;
import java.util.List;

/** Trains a little and prints the weights' digest; run in a second process by a test. */
final class WeightsDigestMain {

  private WeightsDigestMain() {}

  public static void main(String[] args) {
    System.out.println(digest());
  }

  static String digest() {
    Samples samples = NetworkTest.samples(256);
    ModelSpec shape = new ModelSpec(List.of(16, 8), Activation.RELU, 0.3);
    float[] weights = {1, 2, 0.5f};
    try (Network network =
        new Network(4, shape, NetworkTest.settings(0.01, Optimizer.ADAM), weights, 42)) {
      for (int i = 0; i < 30; i++) {
        network.learn(samples.features(), samples.classes());
      }
      return NetworkTest.bundle(network).weightsSha256().hex();
    }
  }
}
