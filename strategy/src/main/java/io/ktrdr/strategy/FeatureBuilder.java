package io.ktrdr.strategy;

import static java.util.Objects.requireNonNull;

import io.ktrdr.market.BarSeries;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.strategy.indicator.IndicatorSpec;
import io.ktrdr.strategy.indicator.PriceColumns;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns bars into what the network sees: indicators, then fuzzy memberships. Training and backtest
 * use this one class, and row {@code i} depends on bars {@code 0..i} only, so a backtest cannot
 * know more than live trading would.
 *
 * <p>The operation's timeframe replaces the strategy's training timeframes. Immutable and
 * thread-safe.
 */
public final class FeatureBuilder {

  private final NeuroFuzzyStrategy strategy;
  private final Timeframe timeframe;
  private final List<FuzzySet> sets = new ArrayList<>();
  private final List<String> names = new ArrayList<>();

  /**
   * @param timeframe the bars of the operation
   * @throws StrategyInvalidException {@code TIMEFRAME_UNSUPPORTED} when an input asks for bars of
   *     another timeframe
   */
  public FeatureBuilder(NeuroFuzzyStrategy strategy, Timeframe timeframe) {
    this.strategy = requireNonNull(strategy, "strategy is null");
    this.timeframe = requireNonNull(timeframe, "timeframe is null");
    for (int i = 0; i < strategy.nnInputs().size(); i++) {
      NnInput input = strategy.nnInputs().get(i);
      requireOwnTimeframe(i, input);
      FuzzySet set = strategy.fuzzySet(input.fuzzySet());
      sets.add(set);
      for (String membership : set.memberships().keySet()) {
        names.add(timeframe + "_" + set.id() + "_" + membership);
      }
    }
  }

  /** {@code {timeframe}_{fuzzy set}_{membership}}: inputs in order, memberships in order. */
  public List<String> names() {
    return List.copyOf(names);
  }

  /** Leading bars without features, however many bars there are. */
  public int warmupBars() {
    return strategy.warmupBars();
  }

  /**
   * One row per bar.
   *
   * @throws IllegalArgumentException when the bars are of another timeframe
   */
  public FeatureMatrix build(BarSeries bars) {
    if (bars.timeframe() != timeframe) {
      throw new IllegalArgumentException(
          "features are for %s bars, these are %s".formatted(timeframe, bars.timeframe()));
    }
    PriceColumns prices = new PriceColumns(bars);
    Map<String, double[][]> computed = new HashMap<>();
    int rows = bars.size();
    float[] values = new float[Math.multiplyExact(rows, names.size())];
    int column = 0;
    for (FuzzySet set : sets) {
      IndicatorSpec spec = indicator(set);
      double[][] outputs =
          computed.computeIfAbsent(spec.id(), _ -> spec.type().compute(prices, spec.parameters()));
      double[] input = outputs[spec.type().outputs().indexOf(set.output())];
      column = fill(values, column, input, set.memberships().values());
    }
    return new FeatureMatrix(names, values, rows, Math.min(rows, warmupBars()));
  }

  private int fill(
      float[] values, int firstColumn, double[] input, Collection<Membership> memberships) {
    int column = firstColumn;
    for (Membership membership : memberships) {
      for (int row = 0; row < input.length; row++) {
        values[row * names.size() + column] = (float) membership.degree(input[row]);
      }
      column++;
    }
    return column;
  }

  private IndicatorSpec indicator(FuzzySet set) {
    return strategy.indicator(set.indicatorId());
  }

  private void requireOwnTimeframe(int index, NnInput input) {
    for (Timeframe wanted : input.timeframes()) {
      if (wanted != timeframe) {
        throw new StrategyInvalidException(
            "nn_inputs[%d].timeframes".formatted(index),
            "TIMEFRAME_UNSUPPORTED",
            "input '%s' needs %s bars, the operation runs on %s; features of one timeframe only are supported: write 'timeframes: all' or run on %s"
                .formatted(input.fuzzySet(), wanted, timeframe, wanted));
      }
    }
  }
}
