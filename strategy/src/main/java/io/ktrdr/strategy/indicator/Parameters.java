package io.ktrdr.strategy.indicator;

import java.util.List;

/** Parameters that several types have, so that they mean the same everywhere. */
final class Parameters {

  static final String PERIOD = "period";
  static final String MULTIPLIER = "multiplier";
  static final String SEED = "seed";
  static final String SMOOTHING = "smoothing";
  static final String DEVIATION = "deviation";

  static final String FIRST = "first";
  static final String SMA = "sma";
  static final String WILDER = "wilder";
  static final String TALIB = "talib";
  static final String TULIP = "tulip";
  static final String SAMPLE = "sample";

  private Parameters() {}

  static IndicatorParameter period(int standard, int min, int max) {
    return whole(PERIOD, standard, min, max);
  }

  static IndicatorParameter whole(String name, int standard, int min, int max) {
    return new IndicatorParameter.Whole(name, standard, min, max);
  }

  /** Above 0. */
  static IndicatorParameter real(String name, double standard, double max) {
    return new IndicatorParameter.Real(name, standard, 0, max);
  }

  static IndicatorParameter flag(String name, boolean standard) {
    return new IndicatorParameter.Flag(name, standard);
  }

  static IndicatorParameter source() {
    return new IndicatorParameter.Word("source", "close", PriceColumns.SOURCES);
  }

  /** The first of the words is the default. */
  static IndicatorParameter word(String name, String... choices) {
    return new IndicatorParameter.Word(name, choices[0], List.of(choices));
  }

  static double[][] only(double[] column) {
    return new double[][] {column};
  }
}
