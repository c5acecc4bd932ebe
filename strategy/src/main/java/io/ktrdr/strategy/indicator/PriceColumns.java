package io.ktrdr.strategy.indicator;

import io.ktrdr.market.BarSeries;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The bars one feature build works on. Indicators share it, so ta4j's copy of the bars is made
 * once. Not thread-safe: one per build.
 */
public final class PriceColumns {

  static final List<String> SOURCES = List.of("close", "open", "high", "low");

  private final BarSeries bars;
  private @Nullable Ta4jColumns ta4j;

  public PriceColumns(BarSeries bars) {
    this.bars = bars;
  }

  public int size() {
    return bars.size();
  }

  public BarSeries bars() {
    return bars;
  }

  /** Made when it is first asked for: columns that are cached do not need it. */
  Ta4jColumns ta4j() {
    Ta4jColumns made = ta4j == null ? new Ta4jColumns(bars) : ta4j;
    ta4j = made;
    return made;
  }

  double[] high() {
    return bars.high();
  }

  double[] low() {
    return bars.low();
  }

  double[] close() {
    return bars.close();
  }

  /** The price column that the parameter {@code source} names. */
  double[] source(IndicatorParameters parameters) {
    return switch (parameters.word("source")) {
      case "open" -> bars.open();
      case "high" -> bars.high();
      case "low" -> bars.low();
      case "close" -> bars.close();
      default -> throw new IllegalArgumentException("source " + parameters.word("source"));
    };
  }
}
