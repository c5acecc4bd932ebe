package io.ktrdr.strategy.indicator;

/**
 * Wilder's parabolic stop over one series, in the two ways it is computed. One use each: the state
 * is that of the run.
 */
final class ParabolicStop {

  private final double[] high;
  private final double[] low;
  private final double initial;
  private final double step;
  private final double max;

  private boolean isLong;
  private double stop;
  private double extreme;
  private double speed;

  ParabolicStop(double[] high, double[] low, double initial, double step, double max) {
    this.high = high;
    this.low = low;
    this.initial = initial;
    this.step = step;
    this.max = max;
    this.speed = initial;
  }

  double[] tulip() {
    double[] result = Rolling.unknown(high.length);
    if (high.length < 2) {
      return result;
    }
    isLong = high[0] + low[0] <= high[1] + low[1];
    extreme = isLong ? high[0] : low[0];
    stop = isLong ? low[0] : high[0];
    for (int i = 1; i < high.length; i++) {
      stop += (extreme - stop) * speed;
      keepOutside(i - 1);
      keepOutside(Math.max(0, i - 2));
      follow(i);
      if (isLong ? low[i] < stop : high[i] > stop) {
        turn(i);
      }
      result[i] = stop;
    }
    return result;
  }

  double[] talib() {
    double[] result = Rolling.unknown(high.length);
    if (high.length < 2) {
      return result;
    }
    double fall = low[0] - low[1];
    isLong = !(fall > 0 && fall > high[1] - high[0]);
    extreme = isLong ? high[1] : low[1];
    stop = isLong ? low[0] : high[0];
    for (int i = 1; i < high.length; i++) {
      // The first bar is held against itself, not against the one the stop was taken from.
      int before = Math.max(1, i - 1);
      if (isLong ? low[i] <= stop : high[i] >= stop) {
        turn(i);
        keepOutside(before);
        keepOutside(i);
        result[i] = stop;
      } else {
        result[i] = stop;
        follow(i);
      }
      stop += (extreme - stop) * speed;
      keepOutside(before);
      keepOutside(i);
    }
    return result;
  }

  /** The stop of a long position is not above that bar's low, of a short one not below its high. */
  private void keepOutside(int bar) {
    stop = isLong ? Math.min(stop, low[bar]) : Math.max(stop, high[bar]);
  }

  private void follow(int bar) {
    if (isLong ? high[bar] > extreme : low[bar] < extreme) {
      extreme = isLong ? high[bar] : low[bar];
      speed = Math.min(max, speed + step);
    }
  }

  private void turn(int bar) {
    isLong = !isLong;
    stop = extreme;
    extreme = isLong ? high[bar] : low[bar];
    speed = initial;
  }
}
