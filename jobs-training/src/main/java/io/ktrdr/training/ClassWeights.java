package io.ktrdr.training;

/**
 * How much a class counts in the loss: {@code 1 / rows}, scaled so that the weights add up to the
 * number of classes. A class without rows weighs nothing.
 */
final class ClassWeights {

  private ClassWeights() {}

  static float[] of(int[] counts) {
    double sum = 0;
    for (int count : counts) {
      sum += count == 0 ? 0 : 1.0 / count;
    }
    float[] weights = new float[counts.length];
    for (int i = 0; i < counts.length; i++) {
      weights[i] = counts[i] == 0 ? 0 : (float) (counts.length / (counts[i] * sum));
    }
    return weights;
  }
}
