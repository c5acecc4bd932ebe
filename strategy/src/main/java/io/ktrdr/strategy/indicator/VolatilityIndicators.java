package io.ktrdr.strategy.indicator;

import static io.ktrdr.strategy.indicator.Parameters.DEVIATION;
import static io.ktrdr.strategy.indicator.Parameters.FIRST;
import static io.ktrdr.strategy.indicator.Parameters.MULTIPLIER;
import static io.ktrdr.strategy.indicator.Parameters.PERIOD;
import static io.ktrdr.strategy.indicator.Parameters.SAMPLE;
import static io.ktrdr.strategy.indicator.Parameters.SEED;
import static io.ktrdr.strategy.indicator.Parameters.SMA;
import static io.ktrdr.strategy.indicator.Parameters.SMOOTHING;
import static io.ktrdr.strategy.indicator.Parameters.WILDER;
import static io.ktrdr.strategy.indicator.Parameters.only;
import static io.ktrdr.strategy.indicator.Parameters.period;
import static io.ktrdr.strategy.indicator.Parameters.real;
import static io.ktrdr.strategy.indicator.Parameters.source;
import static io.ktrdr.strategy.indicator.Parameters.whole;
import static io.ktrdr.strategy.indicator.Parameters.word;

import io.ktrdr.strategy.indicator.IndicatorType.Source;
import java.util.List;

/** Ranges, bands and channels. */
final class VolatilityIndicators {

  /** Place of the price in bands that have closed to a line. */
  private static final double PERCENT_B_FLAT = 0.5;

  private static final String UPPER = "upper";
  private static final String MIDDLE = "middle";
  private static final String LOWER = "lower";
  private static final String DELAY = "delay";
  private static final String ATR_PERIOD = "atr_period";
  private static final int SQUEEZE_ATR_PERIOD = 10;
  private static final String DEVIATION_NOTE =
      "`deviation: population` (default) divides by `period`, as John Bollinger, ta4j, TA-Lib and"
          + " Tulip do; `sample` by `period - 1`.";
  private static final String RANGE_NOTE =
      "The average true range is Wilder's, as in `atr`; `smoothing: sma` takes the mean of the last"
          + " true ranges.";

  private VolatilityIndicators() {}

  static List<IndicatorType> types() {
    return List.of(
        atr(), natr(), bands(), bandWidth(), percentB(), donchian(), keltner(), squeeze());
  }

  private static IndicatorType atr() {
    return averageTrueRange("atr", "averagetruerange")
        .definition(
            "Wilder's average of the true range: the bar's range, widened by a gap from the close"
                + " before.")
        .range("price differences, from 0")
        .formula((prices, p) -> only(AverageRange.seeded(prices, p.integer(PERIOD), p)));
  }

  private static IndicatorType natr() {
    return averageTrueRange("normalizedatr", "natr", "atr_percent")
        .definition("`100 · atr / close`: volatility that compares between symbols.")
        .range("percent, from 0")
        .formula((prices, p) ->
            only(
                Columns.percent(
                    AverageRange.seeded(prices, p.integer(PERIOD), p), prices.close())));
  }

  private static IndicatorType.Builder averageTrueRange(String name, String... aliases) {
    return IndicatorType.named(name, aliases)
        .parameters(
            period(14, 1, 100),
            word(SMOOTHING, WILDER, SMA),
            word(SEED, SMA, FIRST),
            word(AverageRange.FIRST_RANGE, "high_low", AverageRange.NONE))
        .warmup(
            "period - 1, one more with first_range none",
            p -> p.integer(PERIOD) - 1 + AverageRange.firstBar(p))
        .note(
            "`smoothing: wilder` (default) is `(previous · (period - 1) + x) / period`, begun with"
                + " the mean of the first `period` ranges (`seed: sma`, the default; Wilder, Tulip)"
                + " or with the first (`seed: first`). ta4j begins with that of bar `period`."
                + " `smoothing: sma` is the mean of the last `period` ranges.")
        .note(
            "`first_range: high_low` (default) takes `high - low` as the first bar's range, as"
                + " Tulip does; with `none` it has no range, and the averages begin a bar later, as"
                + " in TA-Lib.")
        .requires(
            SEED, "first needs smoothing wilder and first_range high_low", AverageRange::seedFits);
  }

  private static IndicatorType bands() {
    return bollingerType("bollingerbands", "bbands")
        .definition(
            "`middle` = SMA, `upper` and `lower` = middle ± `multiplier` standard deviations of the"
                + " same window.")
        .outputs(UPPER, MIDDLE, LOWER)
        .range("prices; all three equal where the window is flat")
        .formula(VolatilityIndicators::bollinger);
  }

  private static IndicatorType bandWidth() {
    return bollingerType("bollingerbandwidth", "bbwidth")
        .definition("`(upper - lower) / middle` of `bollingerbands`.")
        .range("a fraction, from 0; exactly 0 where the window is flat")
        .note("ta4j gives percent, a hundred times as much.")
        .formula((prices, p) -> {
          double[][] bands = bollinger(prices, p);
          double[] width = width(bands);
          return only(Columns.combine(width, bands[1], (w, middle) -> w == 0 ? 0 : w / middle));
        });
  }

  private static IndicatorType percentB() {
    return bollingerType("percent_b", "percentb", "bollingerpercentb")
        .definition(
            "`(x - lower) / (upper - lower)` of `bollingerbands`: 0 at the lower band, 1 at the"
                + " upper.")
        .range("about 0 to 1, beyond where the price is; 0.5 where the window is flat")
        .formula((prices, p) -> {
          double[][] bands = bollinger(prices, p);
          double[] above = Columns.minus(prices.source(p), bands[2]);
          return only(Columns.share(above, width(bands), 1, PERCENT_B_FLAT));
        });
  }

  private static IndicatorType.Builder bollingerType(String name, String... aliases) {
    return IndicatorType.named(name, aliases)
        .parameters(period(20, 2, 500), real(MULTIPLIER, 2.0, 10), source(), deviationParameter())
        .source(Source.EQUALS_TA4J)
        .warmup("period - 1", p -> p.integer(PERIOD) - 1)
        .note(DEVIATION_NOTE);
  }

  private static IndicatorParameter deviationParameter() {
    return word(DEVIATION, "population", SAMPLE);
  }

  private static double[][] bollinger(PriceColumns prices, IndicatorParameters p) {
    return bollinger(
        prices.source(p), p.integer(PERIOD), p.real(MULTIPLIER), p.word(DEVIATION).equals(SAMPLE));
  }

  private static double[][] bollinger(double[] price, int period, double k, boolean sample) {
    double[] middle = Rolling.mean(price, period);
    double[] deviation = Rolling.deviation(price, middle, period, sample);
    return new double[][] {
      Columns.combine(middle, deviation, (m, s) -> m + k * s),
      middle,
      Columns.combine(middle, deviation, (m, s) -> m - k * s)
    };
  }

  private static double[] width(double[][] bands) {
    return Columns.minus(bands[0], bands[2]);
  }

  private static IndicatorType donchian() {
    return IndicatorType.named("donchianchannels", "donchian")
        .definition(
            "`upper` = highest high, `lower` = lowest low of `period` bars, the last of them"
                + " `delay` bars ago; `middle` is half-way.")
        .parameters(period(20, 1, 500), whole(DELAY, 0, 0, 100))
        .outputs(UPPER, MIDDLE, LOWER)
        .range("prices")
        .source(Source.EQUALS_TA4J)
        .warmup("period + delay - 1", p -> p.integer(PERIOD) + p.integer(DELAY) - 1)
        .note(
            "With `delay: 0` (default) this bar is inside its own channel, so that no close leaves"
                + " it; rules about breakouts need `delay: 1`.")
        .formula((prices, p) -> {
          int delay = p.integer(DELAY);
          double[] upper =
              Columns.delayed(Rolling.highest(prices.high(), p.integer(PERIOD)), delay);
          double[] lower = Columns.delayed(Rolling.lowest(prices.low(), p.integer(PERIOD)), delay);
          return new double[][] {
            upper, Columns.combine(upper, lower, (u, l) -> (u + l) / 2), lower
          };
        });
  }

  private static IndicatorType keltner() {
    return IndicatorType.named("keltnerchannels", "keltner")
        .definition(
            "`middle` = EMA of the close over `period`, `upper` and `lower` = middle ± `multiplier`"
                + " · the average true range over `atr_period`.")
        .parameters(
            period(20, 2, 500),
            whole(ATR_PERIOD, 10, 1, 100),
            real(MULTIPLIER, 2.0, 10),
            word(SMOOTHING, WILDER, SMA),
            word(SEED, FIRST, SMA))
        .outputs(UPPER, MIDDLE, LOWER)
        .range("prices; all three equal where nothing moves")
        .warmup(
            "max(period, atr_period) - 1",
            p -> Math.max(p.integer(PERIOD), p.integer(ATR_PERIOD)) - 1)
        .note(RANGE_NOTE)
        .note("`seed` is the EMA's: see `exponentialmovingaverage`.")
        .formula((prices, p) -> {
          int period = p.integer(PERIOD);
          double[] middle =
              p.word(SEED).equals(FIRST)
                  ? Columns.exponential(prices.close(), period)
                  : Columns.exponentialFromMean(prices.close(), 0, period);
          return channel(
              middle, AverageRange.of(prices, p.integer(ATR_PERIOD), p), p.real(MULTIPLIER));
        });
  }

  private static double[][] channel(double[] middle, double[] range, double k) {
    return new double[][] {
      Columns.combine(middle, range, (m, r) -> m + k * r),
      middle,
      Columns.combine(middle, range, (m, r) -> m - k * r)
    };
  }

  private static IndicatorType squeeze() {
    return IndicatorType.named("squeezeintensity", "squeeze")
        .definition(
            "How far the Bollinger bands are inside the Keltner channel: `max(0, min(kc_upper -"
                + " bb_upper, bb_lower - kc_lower) / (kc_upper - kc_lower))`; the channel is that"
                + " of `keltnerchannels` with `atr_period: 10`.")
        .parameters(
            whole("bb_period", 20, 2, 100),
            real("bb_multiplier", 2.0, 5),
            whole("kc_period", 20, 2, 100),
            real("kc_multiplier", 2.0, 5),
            source(),
            word(SMOOTHING, WILDER, SMA),
            deviationParameter())
        .range("0 (no squeeze) to 0.5 (bands closed in the channel's middle); 0 where it is flat")
        .warmup(
            "max(bb_period, kc_period, 10) - 1",
            p ->
                Math.max(
                        SQUEEZE_ATR_PERIOD,
                        Math.max(p.integer("bb_period"), p.integer("kc_period")))
                    - 1)
        .note("`source` is the Bollinger bands'; the channel follows the close.")
        .note(RANGE_NOTE)
        .note(DEVIATION_NOTE)
        .formula((prices, p) -> {
          double[][] bands =
              bollinger(
                  prices.source(p),
                  p.integer("bb_period"),
                  p.real("bb_multiplier"),
                  p.word(DEVIATION).equals(SAMPLE));
          double[][] channel =
              channel(
                  Columns.exponential(prices.close(), p.integer("kc_period")),
                  AverageRange.of(prices, SQUEEZE_ATR_PERIOD, p),
                  p.real("kc_multiplier"));
          double[] above = Columns.minus(channel[0], bands[0]);
          double[] below = Columns.minus(bands[2], channel[2]);
          return only(
              Columns.combine(
                  Columns.combine(above, below, Math::min),
                  width(channel),
                  (inside, width) -> width > 0 ? Math.max(0, inside / width) : 0));
        });
  }
}
