package io.ktrdr.strategy.indicator;

import static io.ktrdr.strategy.indicator.Parameters.FIRST;
import static io.ktrdr.strategy.indicator.Parameters.PERIOD;
import static io.ktrdr.strategy.indicator.Parameters.SEED;
import static io.ktrdr.strategy.indicator.Parameters.SMA;
import static io.ktrdr.strategy.indicator.Parameters.TALIB;
import static io.ktrdr.strategy.indicator.Parameters.TULIP;
import static io.ktrdr.strategy.indicator.Parameters.flag;
import static io.ktrdr.strategy.indicator.Parameters.only;
import static io.ktrdr.strategy.indicator.Parameters.period;
import static io.ktrdr.strategy.indicator.Parameters.source;
import static io.ktrdr.strategy.indicator.Parameters.whole;
import static io.ktrdr.strategy.indicator.Parameters.word;

import io.ktrdr.strategy.indicator.IndicatorType.Source;
import java.util.List;
import java.util.function.DoubleBinaryOperator;

/** Moving averages and what is measured against them. */
final class AverageIndicators {

  private static final String ADJUST = "adjust";
  private static final String MA_TYPE = "ma_type";
  private static final String FAST = "fast_period";
  private static final String SLOW = "slow_period";
  private static final String SIGNAL = "signal_period";
  private static final String OF_THE_SOURCE = "within the source's own range";

  private AverageIndicators() {}

  static List<IndicatorType> types() {
    return List.of(sma(), ema(), wma(), distanceFromMa(), macd(), ppo());
  }

  private static IndicatorType sma() {
    return IndicatorType.named("simplemovingaverage", "sma")
        .definition("Mean of the last `period` values.")
        .parameters(period(20, 2, 500), source())
        .range(OF_THE_SOURCE)
        .source(Source.EQUALS_TA4J)
        .warmup("period - 1", p -> p.integer(PERIOD) - 1)
        .note(
            "ta4j also gives a mean of fewer values before `period` are there; here that is the"
                + " warm-up.")
        .note("The sum is exact, so it does not drift however long the series is.")
        .formula((prices, p) -> only(Rolling.mean(prices.source(p), p.integer(PERIOD))));
  }

  private static IndicatorType ema() {
    return IndicatorType.named("exponentialmovingaverage", "ema")
        .definition("`ema = ema[-1] + w · (x - ema[-1])` with `w = 2 / (period + 1)`.")
        .parameters(period(20, 2, 500), source(), flag(ADJUST, false), word(SEED, FIRST, SMA))
        .range(OF_THE_SOURCE)
        .warmup("period - 1", p -> p.integer(PERIOD) - 1)
        .note(
            "`seed: first` (default) begins with the first value, as Tulip and pandas'"
                + " `ewm(span=period, adjust=False)` do; `seed: sma` begins at bar `period - 1`"
                + " with the mean of the first `period` values, as TA-Lib does. ta4j begins at bar"
                + " `period` with that bar's value. How it began fades by `1 - w` a bar, so they"
                + " all agree in the end.")
        .note(
            "`adjust: true` is pandas' `ewm(span=period, adjust=True)`: the weighted mean `Σ (1 -"
                + " w)^k · x[-k] / Σ (1 - w)^k` over all values so far. The recursive form is the"
                + " default because it is the field's, and what models here were trained on.")
        .requires(
            SEED,
            "must be first when adjust is true: that average has no seed",
            p -> !p.flag(ADJUST) || p.word(SEED).equals(FIRST))
        .formula((prices, p) -> {
          double[] price = prices.source(p);
          int period = p.integer(PERIOD);
          return only(
              p.flag(ADJUST)
                  ? Columns.exponentialAdjusted(price, period)
                  : seeded(price, period, p));
        });
  }

  private static IndicatorType wma() {
    return IndicatorType.named("weightedmovingaverage", "wma")
        .definition("Mean of the last `period` values with weights 1 (oldest) … `period` (newest).")
        .parameters(period(20, 2, 500), source())
        .range(OF_THE_SOURCE)
        .source(Source.TA4J)
        .warmup("period - 1", p -> p.integer(PERIOD) - 1)
        .formula((prices, p) -> only(prices.ta4j().wma(prices.source(p), p.integer(PERIOD))));
  }

  private static IndicatorType distanceFromMa() {
    return IndicatorType.named("distancefromma")
        .definition("`100 · (x - average) / average`, average being the SMA or EMA of x.")
        .parameters(
            period(20, 2, 500), word(MA_TYPE, "SMA", "EMA"), source(), word(SEED, FIRST, SMA))
        .range("percent, unbounded")
        .warmup("period - 1", p -> p.integer(PERIOD) - 1)
        .note("`seed` is the EMA's: see `exponentialmovingaverage`.")
        .note("0 where the average is 0, which only volume can have.")
        .requires(
            SEED,
            "must be first when ma_type is SMA: that average has no seed",
            p -> p.word(MA_TYPE).equals("EMA") || p.word(SEED).equals(FIRST))
        .formula((prices, p) -> {
          double[] price = prices.source(p);
          int period = p.integer(PERIOD);
          double[] average =
              p.word(MA_TYPE).equals("SMA")
                  ? Rolling.mean(price, period)
                  : seeded(price, period, p);
          return only(
              Columns.whereUndefined(
                  Columns.combine(price, average, (x, mean) -> 100 * (x - mean) / mean), 0));
        });
  }

  private static double[] seeded(double[] price, int period, IndicatorParameters p) {
    return p.word(SEED).equals(FIRST)
        ? Columns.exponential(price, period)
        : Columns.exponentialFromMean(price, 0, period);
  }

  private static IndicatorType macd() {
    return convergence("macd")
        .definition(
            "`line = ema(fast_period) - ema(slow_period)`, `signal` = EMA of the line over"
                + " `signal_period`, `histogram = line - signal`.")
        .range("price differences, unbounded")
        .formula((prices, p) -> lineAndSignal(prices.source(p), p, (fast, slow) -> fast - slow));
  }

  private static IndicatorType ppo() {
    return convergence("percentagepriceoscillator", "ppo")
        .definition(
            "MACD in percent of the slow average: `line = 100 · (fast - slow) / slow`; `signal` and"
                + " `histogram` as in `macd`. Comparable between symbols, which MACD is not.")
        .range("percent, unbounded")
        .note("0 where the slow average is 0, which only volume can have.")
        .formula((prices, p) ->
            lineAndSignal(
                prices.source(p), p, (fast, slow) -> slow == 0 ? 0 : 100 * (fast - slow) / slow));
  }

  private static IndicatorType.Builder convergence(String name, String... aliases) {
    return IndicatorType.named(name, aliases)
        .parameters(
            whole(FAST, 12, 1, 200),
            whole(SLOW, 26, 2, 500),
            whole(SIGNAL, 9, 1, 200),
            source(),
            word(SEED, FIRST, SMA, TULIP, TALIB))
        .outputs("line", "signal", "histogram")
        .warmup("slow_period + signal_period - 2", p -> p.integer(SLOW) + p.integer(SIGNAL) - 2)
        .note(
            "`seed: first` (default): every average begins at the first bar with the first value,"
                + " as pandas' `ewm(adjust=False)` does. ta4j begins later, see"
                + " `exponentialmovingaverage`.")
        .note(
            "`seed: sma`: every average begins with the mean of its first values, the fast one at"
                + " bar `fast_period - 1`, the slow one at `slow_period - 1`, the signal with the"
                + " first `signal_period` lines (the usual spreadsheet).")
        .note(
            "`seed: talib`: as `sma`, but the fast average begins at bar `slow_period - 1`, too,"
                + " with the mean of the last `fast_period` values (TA-Lib's MACD).")
        .note(
            "`seed: tulip`: as `first`, but the signal begins with the line of bar"
                + " `slow_period - 1` (Tulip).")
        .requires(FAST, "must be below slow_period", p -> p.integer(FAST) < p.integer(SLOW));
  }

  private static double[][] lineAndSignal(
      double[] price, IndicatorParameters p, DoubleBinaryOperator gap) {
    int fast = p.integer(FAST);
    int slow = p.integer(SLOW);
    int signalPeriod = p.integer(SIGNAL);
    int firstLine = slow - 1;
    return switch (p.word(SEED)) {
      case SMA, TALIB -> {
        int firstOfFast = p.word(SEED).equals(TALIB) ? slow - fast : 0;
        double[] line =
            Columns.combine(
                Columns.exponentialFromMean(price, firstOfFast, fast),
                Columns.exponentialFromMean(price, 0, slow),
                gap);
        yield withSignal(line, Columns.exponentialFromMean(line, firstLine, signalPeriod));
      }
      default -> {
        double[] line =
            Columns.combine(
                Columns.exponential(price, fast), Columns.exponential(price, slow), gap);
        int first = p.word(SEED).equals(TULIP) ? firstLine : 0;
        yield withSignal(line, Columns.exponential(line, first, signalPeriod));
      }
    };
  }

  private static double[][] withSignal(double[] line, double[] signal) {
    return new double[][] {line, signal, Columns.minus(line, signal)};
  }
}
