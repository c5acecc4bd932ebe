package io.ktrdr.strategy.indicator;

import io.ktrdr.market.BarSeries;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The bars that indicators are computed over. They share it, so ta4j's copy of the bars is made at
 * most once, and only when an indicator needs it. Not thread-safe: one per build.
 */
public final class PriceColumns {

  static final List<String> SOURCES =
      List.of("close", "open", "high", "low", "volume", "hl2", "hlc3", "ohlc4");

  private final BarSeries bars;
  private final Runnable between;
  private @Nullable Ta4jColumns ta4j;

  /** As the other, of a caller that will not want to stop. */
  public PriceColumns(BarSeries bars) {
    this(bars, () -> {});
  }

  /**
   * @param between called now and then by what takes long; what it throws ends the computing
   */
  PriceColumns(BarSeries bars, Runnable between) {
    this.bars = bars;
    this.between = between;
  }

  public int size() {
    return bars.size();
  }

  public BarSeries bars() {
    return bars;
  }

  /** Made when it is first asked for: columns that are cached do not need it. */
  Ta4jColumns ta4j() {
    Ta4jColumns made = ta4j == null ? new Ta4jColumns(bars, between) : ta4j;
    ta4j = made;
    return made;
  }

  double[] open() {
    return bars.open();
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

  double[] volume() {
    return bars.volume();
  }

  /** (high + low) / 2. */
  double[] median() {
    return Columns.combine(high(), low(), (h, l) -> (h + l) / 2);
  }

  /** (high + low + close) / 3. */
  double[] typical() {
    double[] result = new double[size()];
    for (int i = 0; i < result.length; i++) {
      result[i] = (high()[i] + low()[i] + close()[i]) / 3;
    }
    return result;
  }

  /** The column that the parameter {@code source} names. */
  double[] source(IndicatorParameters parameters) {
    return switch (parameters.word("source")) {
      case "open" -> bars.open();
      case "high" -> bars.high();
      case "low" -> bars.low();
      case "close" -> bars.close();
      case "volume" -> bars.volume();
      case "hl2" -> median();
      case "hlc3" -> typical();
      case "ohlc4" -> {
        double[] result = new double[size()];
        for (int i = 0; i < result.length; i++) {
          result[i] = (open()[i] + high()[i] + low()[i] + close()[i]) / 4;
        }
        yield result;
      }
      default -> throw new IllegalArgumentException("source " + parameters.word("source"));
    };
  }
}
