package io.ktrdr.strategy;

/** Of {@link LstmLayer}s, which remember beside what they say. */
final class LstmForward extends RecurrentForward {

  /** By layer and unit. */
  private final float[][][] memory;

  LstmForward(Recurrence recurrence, int block) {
    super(recurrence, block);
    this.memory = perUnit(recurrence, block);
  }

  @Override
  void begin(int rows) {
    clear(memory, rows);
  }

  @Override
  int recurrentSum(int column, int units) {
    return column;
  }

  @Override
  void advance(int layer, float[][] z, float[][] said, int rows) {
    int units = said.length;
    for (int unit = 0; unit < units; unit++) {
      float[] candidate = z[unit];
      float[] forget = z[units + unit];
      float[] output = z[2 * units + unit];
      float[] input = z[3 * units + unit];
      float[] c = memory[layer][unit];
      for (int r = 0; r < rows; r++) {
        c[r] =
            Inference.sigmoid(forget[r]) * c[r]
                + Inference.sigmoid(input[r]) * Inference.tanh(candidate[r]);
        said[unit][r] = Inference.sigmoid(output[r]) * Inference.tanh(c[r]);
      }
    }
  }
}
