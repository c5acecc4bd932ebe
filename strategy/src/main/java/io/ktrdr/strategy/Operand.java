package io.ktrdr.strategy;

import static java.util.Objects.requireNonNull;

import io.ktrdr.strategy.indicator.IndicatorSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a condition compares: a number at every bar. */
public sealed interface Operand {

  /** Bars before it has a value. */
  int warmupBars();

  /** One output of an indicator. */
  record IndicatorOutput(IndicatorSpec indicator, String output) implements Operand {

    public IndicatorOutput {
      requireNonNull(indicator, "indicator is null");
      requireNonNull(output, "output is null");
    }

    @Override
    public int warmupBars() {
      return indicator.warmupBars();
    }

    @Override
    public String toString() {
      return indicator.type().hasSingleOutput() ? indicator.id() : indicator.id() + "." + output;
    }
  }

  /** A column of the bars. */
  enum Price implements Operand {
    OPEN,
    HIGH,
    LOW,
    CLOSE,
    VOLUME;

    /** As strategies write them. */
    static final List<String> WORDS = Arrays.stream(values()).map(Price::word).toList();

    static Optional<Price> find(String word) {
      return Arrays.stream(values()).filter(price -> price.word().equals(word)).findFirst();
    }

    @Override
    public int warmupBars() {
      return 0;
    }

    private String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    @Override
    public String toString() {
      return word();
    }
  }

  /** The same number at every bar; finite. */
  record Constant(double value) implements Operand {

    public Constant {
      if (!Double.isFinite(value)) {
        throw new IllegalArgumentException("not a number: " + value);
      }
    }

    @Override
    public int warmupBars() {
      return 0;
    }

    @Override
    public String toString() {
      return Double.toString(value);
    }
  }
}
