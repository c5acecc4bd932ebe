package io.ktrdr.api.report;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * One axis of a chart: what lies at its two ends.
 *
 * @param logarithmic equal ratios are equal distances; both ends are above 0
 */
record Scale(double low, double high, boolean logarithmic) {

  private static final int TICKS = 5;

  /** From here on a logarithmic axis says 1, 2, 5, 10 … */
  private static final double DECADES_FROM = 8;

  /** Up to here it says the 2 and the 5 as well. */
  private static final double SHORT = 1_000;

  private static final double ROOM = 0.04;

  /** The two values are the two ends. */
  static Scale of(double least, double most) {
    return new Scale(least, most > least ? most : least + 1, false);
  }

  /** A little more on both sides. */
  static Scale roomy(double least, double most) {
    double room = most > least ? ROOM * (most - least) : Math.max(1e-9, Math.abs(most) * 0.01);
    return new Scale(least - room, most + room, false);
  }

  /** Logarithmic, with a little more on both sides; both values are above 0. */
  static Scale logarithmic(double least, double most) {
    double factor = most > least ? Math.pow(most / least, ROOM) : 1.01;
    return new Scale(least / factor, most * factor, true);
  }

  /** Where a value lies: 0 is the lower end, 1 the upper. */
  double at(double value) {
    return logarithmic
        ? Math.log(value / low) / Math.log(high / low)
        : (value - low) / (high - low);
  }

  /** Round values between the ends, {@value #TICKS} or a few more. */
  double[] ticks() {
    return logarithmic && high / low > DECADES_FROM ? decades() : linear();
  }

  private double[] linear() {
    double rough = (high - low) / TICKS;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double step = power;
    for (double factor : new double[] {2, 5, 10}) {
      if (factor * power <= rough * 1.01) {
        step = factor * power;
      }
    }
    double first = Math.ceil(low / step);
    double[] ticks = new double[(int) (Math.floor(high / step) - first) + 1];
    for (int i = 0; i < ticks.length; i++) {
      ticks[i] = (first + i) * step;
    }
    return ticks;
  }

  /** 1, 2 and 5 of each power of ten, or, over many of them, some of the powers. */
  private double[] decades() {
    int from = (int) Math.floor(Math.log10(low));
    int to = (int) Math.ceil(Math.log10(high));
    int every = 1 + (to - from) / TICKS;
    double[] factors = high / low <= SHORT ? new double[] {1, 2, 5} : new double[] {1};
    return IntStream.rangeClosed(from, to)
        .filter(power -> (power - from) % every == 0)
        .boxed()
        .flatMapToDouble(
            power -> Arrays.stream(factors).map(factor -> factor * Math.pow(10, power)))
        .filter(value -> value >= low && value <= high)
        .toArray();
  }
}
