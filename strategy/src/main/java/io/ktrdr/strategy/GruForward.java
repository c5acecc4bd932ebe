package io.ktrdr.strategy;

/** Of {@link GruLayer}s, which remember nothing but what they say. */
final class GruForward extends RecurrentForward {

  GruForward(Recurrence recurrence, int block) {
    super(recurrence, block);
  }

  @Override
  void begin(int rows) {
    // What was said before is all there is.
  }

  /** The candidate's is a sum of its own, which the reset gate is applied to. */
  @Override
  int recurrentSum(int column, int units) {
    return column < 2 * units ? column : column + units;
  }

  @Override
  void advance(int layer, float[][] z, float[][] said, int rows) {
    int units = said.length;
    for (int unit = 0; unit < units; unit++) {
      float[] reset = z[unit];
      float[] update = z[units + unit];
      float[] fromInputs = z[2 * units + unit];
      float[] fromBefore = z[3 * units + unit];
      float[] h = said[unit];
      for (int r = 0; r < rows; r++) {
        float candidate =
            Inference.tanh(fromInputs[r] + Inference.sigmoid(reset[r]) * fromBefore[r]);
        float kept = Inference.sigmoid(update[r]);
        h[r] = kept * h[r] + (1 - kept) * candidate;
      }
    }
  }
}
