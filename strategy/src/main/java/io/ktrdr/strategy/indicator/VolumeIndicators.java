package io.ktrdr.strategy.indicator;

import static io.ktrdr.strategy.indicator.Parameters.PERIOD;
import static io.ktrdr.strategy.indicator.Parameters.SEED;
import static io.ktrdr.strategy.indicator.Parameters.flag;
import static io.ktrdr.strategy.indicator.Parameters.only;
import static io.ktrdr.strategy.indicator.Parameters.period;
import static io.ktrdr.strategy.indicator.Parameters.word;

import io.ktrdr.strategy.indicator.IndicatorType.Source;
import java.util.List;

/** What volume says. Volume may be 0 throughout, as FX files have it. */
final class VolumeIndicators {

  private static final double MONEY_FLOW_FLAT = 50;
  private static final int CMF_MOMENTUM = 5;
  private static final int CMF_SIGNAL = 9;
  private static final int AD_CHANGE = 10;
  private static final int AD_MOMENTUM = 21;
  private static final int AD_AVERAGE = 50;

  private VolumeIndicators() {}

  static List<IndicatorType> types() {
    return List.of(obv(), mfi(), cmf(), adLine(), vwap(), volumeRatio());
  }

  private static IndicatorType obv() {
    return IndicatorType.named("obv", "onbalancevolume")
        .definition("Running total of volume, added on a higher close, taken off on a lower one.")
        .parameters(word(SEED, "zero", "volume"))
        .range("volume, unbounded")
        .source(Source.TA4J)
        .note(
            "`seed: zero` (default) begins with 0, as ta4j and Tulip do; `seed: volume` with the"
                + " first bar's volume, as TA-Lib does.")
        .formula((prices, p) -> {
          double[] obv = prices.ta4j().onBalanceVolume();
          if (p.word(SEED).equals("volume") && obv.length > 0) {
            double first = prices.volume()[0];
            return only(Columns.combine(obv, obv, (x, _) -> x + first));
          }
          return only(obv);
        });
  }

  private static IndicatorType mfi() {
    return IndicatorType.named("mfi", "moneyflowindex")
        .definition(
            "`100 · in / (in + out)`: sums over `period` bars of `typical · volume` where the"
                + " typical price `(high + low + close) / 3` rose, and where it fell.")
        .parameters(period(14, 1, 100))
        .range("0 to 100; 50 where no money flowed")
        .warmup("period", p -> p.integer(PERIOD))
        .note(
            "Flows count as they are: ta4j takes one below 1 as 1, and TA-Lib has 0 where both add"
                + " up to less than 1.")
        .formula((prices, p) -> {
          double[] typical = prices.typical();
          double[] in = new double[typical.length];
          double[] out = new double[typical.length];
          for (int i = 1; i < typical.length; i++) {
            double flow = typical[i] * prices.volume()[i];
            in[i] = typical[i] > typical[i - 1] ? flow : 0;
            out[i] = typical[i] < typical[i - 1] ? flow : 0;
          }
          return only(
              Columns.combine(
                  sumOfPositive(in, 1, p.integer(PERIOD)),
                  sumOfPositive(out, 1, p.integer(PERIOD)),
                  (i, o) -> i + o == 0 ? MONEY_FLOW_FLAT : 100 * (i / (i + o))));
        });
  }

  private static IndicatorType cmf() {
    return IndicatorType.named("cmf", "chaikinmoneyflow")
        .definition(
            "`cmf = Σ mf_volume / Σ volume` over `period` bars; `mf_multiplier = ((close - low) -"
                + " (high - close)) / (high - low)`, `mf_volume = mf_multiplier · volume`,"
                + " `momentum = cmf - cmf[-5]`, `signal` = EMA of cmf over 9 that begins with its"
                + " first value, `histogram = cmf - signal`; `above_zero` and `below_zero` are 1 or"
                + " 0.")
        .parameters(period(21, 2, 500))
        .outputs(
            "cmf",
            "mf_multiplier",
            "mf_volume",
            "momentum",
            "signal",
            "histogram",
            "above_zero",
            "below_zero")
        .range("cmf, mf_multiplier, signal -1 to 1; momentum, histogram -2 to 2; mf_volume volume")
        .warmup("period + 4", p -> p.integer(PERIOD) - 1 + CMF_MOMENTUM)
        .note("The multiplier is 0 where `high = low`, cmf 0 where the window has no volume.")
        .formula((prices, p) -> chaikin(prices, p.integer(PERIOD)));
  }

  private static double[][] chaikin(PriceColumns prices, int period) {
    double[] multiplier = multiplier(prices);
    double[] flow = Columns.combine(multiplier, prices.volume(), (m, v) -> m * v);
    double[] cmf =
        Columns.combine(
            Rolling.sum(flow, 0, period),
            sumOfPositive(prices.volume(), 0, period),
            (f, v) -> v == 0 ? 0 : f / v);
    double[] signal = Columns.exponential(cmf, period - 1, CMF_SIGNAL);
    return new double[][] {
      cmf,
      multiplier,
      flow,
      Columns.difference(cmf, CMF_MOMENTUM),
      signal,
      Columns.minus(cmf, signal),
      Columns.combine(cmf, cmf, (x, _) -> x > 0 ? 1 : 0),
      Columns.combine(cmf, cmf, (x, _) -> x < 0 ? 1 : 0)
    };
  }

  private static IndicatorType adLine() {
    return IndicatorType.named("adline", "accumulationdistribution")
        .definition(
            "Accumulation/distribution: `line` is the running total of `mf_volume` (see `cmf`),"
                + " from the first bar on; `roc_10` its change over 10 bars in percent of the line"
                + " then, `momentum_21` its change over 21 bars, `relative_strength = 100 · (line /"
                + " mean - 1)` with the mean of its last 50 values, or as many as there are.")
        .outputs("line", "mf_multiplier", "mf_volume", "roc_10", "momentum_21", "relative_strength")
        .range("mf_multiplier -1 to 1; roc_10, relative_strength percent; the rest volume")
        .warmup("21", _ -> AD_MOMENTUM)
        .note("0 where the line or the mean divided by is 0; where it is negative, the sign turns.")
        .formula((prices, _) -> {
          double[] multiplier = multiplier(prices);
          double[] flow = Columns.combine(multiplier, prices.volume(), (m, v) -> m * v);
          double[] line = runningTotal(flow);
          double[] before = Columns.delayed(line, AD_CHANGE);
          double[] mean = Rolling.meanOfUpTo(line, AD_AVERAGE);
          return new double[][] {
            line,
            multiplier,
            flow,
            Columns.whereUndefined(Columns.combine(line, before, (x, b) -> 100 * (x - b) / b), 0),
            Columns.difference(line, AD_MOMENTUM),
            Columns.whereUndefined(Columns.combine(line, mean, (x, m) -> 100 * (x / m - 1)), 0)
          };
        });
  }

  /** The line of accumulation and distribution. */
  static double[] runningTotal(double[] flow) {
    double[] line = new double[flow.length];
    ExactSum total = new ExactSum();
    for (int i = 0; i < line.length; i++) {
      total.add(flow[i]);
      line[i] = total.value();
    }
    return line;
  }

  /** Place of the close in its bar, -1 at the low, 1 at the high. */
  static double[] multiplier(PriceColumns prices) {
    double[] result = new double[prices.size()];
    for (int i = 0; i < result.length; i++) {
      double high = prices.high()[i];
      double low = prices.low()[i];
      double close = prices.close()[i];
      result[i] = high == low ? 0 : ((close - low) - (high - close)) / (high - low);
    }
    return result;
  }

  private static IndicatorType vwap() {
    return IndicatorType.named("vwap", "volumeweightedaverageprice")
        .definition(
            "`Σ x · volume / Σ volume` over the last `period` bars, or over all so far with"
                + " `period: 0`; x is `(high + low + close) / 3`, or the close with"
                + " `use_typical_price: false`.")
        .parameters(period(20, 0, 500), flag("use_typical_price", true))
        .range("within the window's prices")
        .warmup("period - 1, and 0 with period 0", p -> Math.max(0, p.integer(PERIOD) - 1))
        .note("Where the window has no volume, every bar counts the same.")
        .note("It does not begin anew each day: a rolling window is the default.")
        .formula((prices, p) -> {
          double[] price = p.flag("use_typical_price") ? prices.typical() : prices.close();
          int period = p.integer(PERIOD) == 0 ? Math.max(1, price.length) : p.integer(PERIOD);
          return only(weighted(price, prices.volume(), period));
        });
  }

  private static double[] weighted(double[] price, double[] volume, int period) {
    double[] plain = Rolling.meanOfUpTo(price, period);
    double[] result = new double[price.length];
    ExactSum money = new ExactSum();
    ExactSum units = new ExactSum();
    int traded = 0;
    for (int i = 0; i < result.length; i++) {
      money.add(price[i] * volume[i]);
      units.add(volume[i]);
      traded += volume[i] > 0 ? 1 : 0;
      if (i >= period) {
        money.add(-(price[i - period] * volume[i - period]));
        units.add(-volume[i - period]);
        traded -= volume[i - period] > 0 ? 1 : 0;
      }
      result[i] = traded == 0 ? plain[i] : money.value() / units.value();
    }
    return result;
  }

  private static IndicatorType volumeRatio() {
    return IndicatorType.named("volumeratio")
        .definition("Volume in units of its mean over the last `period` bars, this one included.")
        .parameters(period(20, 2, 500))
        .range("0 to `period`; 1 where the window has no volume")
        .warmup("period - 1", p -> p.integer(PERIOD) - 1)
        .formula((prices, p) -> {
          int period = p.integer(PERIOD);
          double[] sum = sumOfPositive(prices.volume(), 0, period);
          return only(
              Columns.combine(prices.volume(), sum, (v, s) -> s == 0 ? 1 : v / (s / period)));
        });
  }

  /** {@link Rolling#sum} of values that are not negative; exactly 0 when all of them are. */
  private static double[] sumOfPositive(double[] column, int first, int period) {
    double[] result = Rolling.sum(column, first, period);
    int positive = 0;
    for (int i = first; i < result.length; i++) {
      positive += column[i] > 0 ? 1 : 0;
      if (i - first >= period) {
        positive -= column[i - period] > 0 ? 1 : 0;
      }
      if (positive == 0 && i - first >= period - 1) {
        result[i] = 0;
      }
    }
    return result;
  }
}
