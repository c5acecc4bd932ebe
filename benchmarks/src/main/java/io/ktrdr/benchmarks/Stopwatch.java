package io.ktrdr.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;

/** Repeats work in this JVM and tells how long each repetition took. */
final class Stopwatch {

  /** Results end here, so that no work is thrown away as unused. */
  @SuppressWarnings("UnusedVariable") // Written so that it has to be computed.
  private static volatile double sink;

  private Stopwatch() {}

  /**
   * Seconds of each repetition.
   *
   * @param warmUp repetitions before those that are measured
   */
  static List<Double> seconds(int warmUp, int repeats, DoubleSupplier work) {
    List<Double> seconds = new ArrayList<>();
    for (int i = -warmUp; i < repeats; i++) {
      long begun = System.nanoTime();
      sink = work.getAsDouble();
      long taken = System.nanoTime() - begun;
      if (i >= 0) {
        seconds.add(taken / 1e9);
      }
    }
    return seconds;
  }
}
