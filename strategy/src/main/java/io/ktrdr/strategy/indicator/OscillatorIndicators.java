package io.ktrdr.strategy.indicator;

import static io.ktrdr.strategy.indicator.Parameters.FIRST;
import static io.ktrdr.strategy.indicator.Parameters.PERIOD;
import static io.ktrdr.strategy.indicator.Parameters.SEED;
import static io.ktrdr.strategy.indicator.Parameters.SMA;
import static io.ktrdr.strategy.indicator.Parameters.SMOOTHING;
import static io.ktrdr.strategy.indicator.Parameters.only;
import static io.ktrdr.strategy.indicator.Parameters.period;
import static io.ktrdr.strategy.indicator.Parameters.source;
import static io.ktrdr.strategy.indicator.Parameters.whole;
import static io.ktrdr.strategy.indicator.Parameters.word;

import io.ktrdr.strategy.indicator.IndicatorType.Source;
import java.util.List;

/** Momentum, bounded or not. */
final class OscillatorIndicators {

  /** What a bounded oscillator says when nothing moved. */
  private static final double RSI_FLAT = 50;

  private static final double STOCHASTIC_FLAT = 50;
  private static final double WILLIAMS_FLAT = -50;

  private static final String SIGNAL_PERIOD = "signal_period";
  private static final String SYMMETRIC = "symmetric";

  /** Bars that vigor is weighted over: 1, 2, 2, 1. */
  private static final int SYMMETRIC_BARS = 4;

  private static final String EHLERS = "ehlers";

  /** Ehlers keeps the place in the range inside ±0.99 by setting it to ±0.999. */
  private static final double FISHER_BOUND = 0.99;

  private static final double FISHER_LIMIT = 0.999;

  /** Ehlers' share of the newest place in the range. */
  private static final double FISHER_NEW = 0.33;

  private static final double FISHER_OLD = 0.67;

  private OscillatorIndicators() {}

  static List<IndicatorType> types() {
    return List.of(rsi(), stochastic(), williamsR(), cci(), roc(), momentum(), rvi(), fisher());
  }

  private static IndicatorType rsi() {
    return IndicatorType.named("rsi", "relativestrengthindex")
        .definition("`100 · up / (up + down)`: Wilder's averages of the rises and of the falls.")
        .parameters(period(14, 2, 100), source(), word(SEED, SMA, FIRST))
        .range("0 to 100; 50 where nothing moved yet")
        .warmup("period", p -> p.integer(PERIOD))
        .note(
            "`seed: sma` (default): the averages begin at bar `period` with the mean of the first"
                + " `period` changes, then `(previous · (period - 1) + x) / period`: Wilder's book,"
                + " TA-Lib and Tulip.")
        .note(
            "`seed: first`: they begin at the first bar, whose rise and fall count as 0 (pandas'"
                + " `ewm(alpha=1/period, adjust=False)` of changes filled with 0). ta4j begins them"
                + " at bar `period` with that bar's change. How they began fades: after some"
                + " hundred bars all agree.")
        .formula((prices, p) -> {
          double[] price = prices.source(p);
          int period = p.integer(PERIOD);
          double[] up = new double[price.length];
          double[] down = new double[price.length];
          for (int i = 1; i < price.length; i++) {
            up[i] = Math.max(0, price[i] - price[i - 1]);
            down[i] = Math.max(0, -(price[i] - price[i - 1]));
          }
          boolean fromFirst = p.word(SEED).equals(FIRST);
          double[] rises =
              fromFirst ? Columns.wilderFromFirst(up, period) : Columns.wilder(up, 1, period);
          double[] falls =
              fromFirst ? Columns.wilderFromFirst(down, period) : Columns.wilder(down, 1, period);
          double[] rsi = Columns.percent(rises, Columns.plus(rises, falls));
          return only(Columns.whereUndefined(rsi, RSI_FLAT));
        });
  }

  private static IndicatorType stochastic() {
    return IndicatorType.named("stochastic", "stoch")
        .definition(
            "`100 · (close - low) / (high - low)` with the lowest low and highest high of"
                + " `k_period` bars; `k` is its mean over `smooth_k`, `d` the mean of k over"
                + " `d_period`.")
        .parameters(
            whole("k_period", 14, 1, 200), whole("d_period", 3, 1, 50), whole("smooth_k", 3, 1, 50))
        .outputs("k", "d")
        .range("0 to 100; 50 where the window is flat")
        .source(Source.EQUALS_TA4J)
        .warmup(
            "k_period + smooth_k + d_period - 3",
            p -> p.integer("k_period") + p.integer("smooth_k") + p.integer("d_period") - 3)
        .note("The slow stochastic; `smooth_k: 1` gives the fast one. TA-Lib and Tulip agree.")
        .formula((prices, p) -> {
          int first = p.integer("k_period") - 1;
          double[] low = Rolling.lowest(prices.low(), p.integer("k_period"));
          double[] above = Columns.minus(prices.close(), low);
          double[] high = Rolling.highest(prices.high(), p.integer("k_period"));
          double[] height = Columns.minus(high, low);
          double[] raw = Columns.share(above, height, 100, STOCHASTIC_FLAT);
          double[] k = Rolling.mean(raw, first, p.integer("smooth_k"));
          return new double[][] {
            k, Rolling.mean(k, first + p.integer("smooth_k") - 1, p.integer("d_period"))
          };
        });
  }

  private static IndicatorType williamsR() {
    return IndicatorType.named("williamsr", "willr")
        .definition(
            "`-100 · (high - close) / (high - low)` with the highest high and lowest low of"
                + " `period` bars.")
        .parameters(period(14, 1, 200))
        .range("-100 to 0; -50 where the window is flat")
        .source(Source.EQUALS_TA4J)
        .warmup("period - 1", p -> p.integer(PERIOD) - 1)
        .formula((prices, p) -> {
          int period = p.integer(PERIOD);
          double[] high = Rolling.highest(prices.high(), period);
          double[] below = Columns.minus(high, prices.close());
          double[] low = Rolling.lowest(prices.low(), period);
          double[] height = Columns.minus(high, low);
          return only(Columns.share(below, height, -100, WILLIAMS_FLAT));
        });
  }

  private static IndicatorType cci() {
    return IndicatorType.named("cci", "commoditychannelindex")
        .definition(
            "`(x - mean) / (0.015 · mean deviation)` of `x = (high + low + close) / 3` over the"
                + " last `period` bars.")
        .parameters(period(20, 2, 100))
        .range("unbounded, mostly -100 to 100; 0 where the window is flat")
        .source(Source.EQUALS_TA4J)
        .warmup("period - 1", p -> p.integer(PERIOD) - 1)
        .note("TA-Lib begins at the same bar, Tulip `period - 1` bars later with the same values.")
        .formula((prices, p) -> {
          int period = p.integer(PERIOD);
          double[] typical = prices.typical();
          double[] mean = Rolling.mean(typical, period);
          double[] deviation = Rolling.meanDeviation(typical, mean, period);
          double[] away = Columns.minus(typical, mean);
          return only(Columns.combine(away, deviation, (a, d) -> d == 0 ? 0 : a / (0.015 * d)));
        });
  }

  private static IndicatorType roc() {
    return IndicatorType.named("roc", "rateofchange")
        .definition("`100 · (x - x[-period]) / x[-period]`.")
        .parameters(period(10, 1, 200), source())
        .range("percent, above -100")
        .source(Source.EQUALS_TA4J)
        .warmup("period", p -> p.integer(PERIOD))
        .note("Tulip gives the fraction, a hundredth of it.")
        .note("0 where `x[-period]` is 0, which only volume can be.")
        .formula((prices, p) -> {
          double[] change = Columns.change(prices.source(p), p.integer(PERIOD));
          return only(
              Columns.whereUndefined(Columns.combine(change, change, (x, _) -> x * 100), 0));
        });
  }

  private static IndicatorType momentum() {
    return IndicatorType.named("momentum")
        .definition("`x - x[-period]`.")
        .parameters(period(10, 1, 200), source())
        .range("price differences, unbounded")
        .warmup("period", p -> p.integer(PERIOD))
        .formula((prices, p) -> only(Columns.difference(prices.source(p), p.integer(PERIOD))));
  }

  private static IndicatorType rvi() {
    return IndicatorType.named("rvi", "relativevigorindex")
        .definition(
            "Relative vigor: `rvi = sma(v, period) / sma(r, period)` where v is `close - open` and"
                + " r is `high - low`, both weighted 1, 2, 2, 1 over four bars; `signal` smooths"
                + " it.")
        .parameters(
            period(10, 4, 100),
            whole(SIGNAL_PERIOD, 4, 1, 50),
            word("signal_smoothing", SMA, SYMMETRIC))
        .outputs("rvi", "signal")
        .range("-1 to 1; 0 where the window is flat")
        .warmup("period + signal_period + 1", p -> p.integer(PERIOD) + p.integer(SIGNAL_PERIOD) + 1)
        .note(
            "`signal_smoothing: sma` (default) is the mean of the last `signal_period` values;"
                + " `symmetric` is the usual signal of weights 1, 2, 2, 1 over four.")
        .requires(
            SIGNAL_PERIOD,
            "must be 4 when signal_smoothing is symmetric: its weights are 1, 2, 2, 1",
            p ->
                !p.word("signal_smoothing").equals(SYMMETRIC)
                    || p.integer(SIGNAL_PERIOD) == SYMMETRIC_BARS)
        .formula((prices, p) -> {
          int period = p.integer(PERIOD);
          int first = SYMMETRIC_BARS - 1;
          double[] vigor = symmetric(Columns.minus(prices.close(), prices.open()), 0);
          double[] range = symmetric(Columns.minus(prices.high(), prices.low()), 0);
          double[] rvi =
              Columns.combine(
                  Rolling.mean(vigor, first, period),
                  Rolling.mean(range, first, period),
                  (v, r) -> r == 0 ? 0 : v / r);
          int firstRvi = first + period - 1;
          return new double[][] {
            rvi,
            p.word("signal_smoothing").equals(SMA)
                ? Rolling.mean(rvi, firstRvi, p.integer(SIGNAL_PERIOD))
                : symmetric(rvi, firstRvi)
          };
        });
  }

  private static double[] symmetric(double[] x, int first) {
    double[] result = Rolling.unknown(x.length);
    for (int i = first + SYMMETRIC_BARS - 1; i < x.length; i++) {
      result[i] = (x[i] + 2 * x[i - 1] + 2 * x[i - 2] + x[i - 3]) / 6;
    }
    return result;
  }

  private static IndicatorType fisher() {
    return IndicatorType.named("fishertransform", "fisher")
        .definition(
            "`0.5 · ln((1 + x) / (1 - x))` where x is the place, from -1 to 1, of `(high + low) /"
                + " 2` between the lowest low and the highest high of `period` bars; `signal` is"
                + " the value of the bar before.")
        .parameters(
            period(10, 2, 100), whole(SMOOTHING, 3, 1, 20), word("method", "smoothed", EHLERS))
        .outputs("fisher", "signal")
        .range("-3.81 to 3.81, with `method: ehlers` -7.61 to 7.61; 0 where the window is flat")
        .warmup("period", p -> p.integer(PERIOD))
        .note(
            "`method: smoothed` (default): x is kept inside ±0.999, and an EMA over `smoothing`"
                + " that begins with the first value smooths the result.")
        .note(
            "`method: ehlers` is John Ehlers' own, and Tulip's: the place is that between the"
                + " lowest and the highest `(high + low) / 2`; x = 0.33 · place + 0.67 · x[-1], set"
                + " to ±0.999 beyond ±0.99; fisher = 0.5 · ln(…) + 0.5 · fisher[-1]; both begin"
                + " with 0.")
        .requires(
            SMOOTHING,
            "is of no use with method ehlers, which smooths in its own way; leave it out",
            p -> p.word("method").equals("smoothed") || p.integer(SMOOTHING) == 3)
        .formula((prices, p) -> {
          int period = p.integer(PERIOD);
          double[] fisher;
          if (p.word("method").equals(EHLERS)) {
            double[] median = prices.median();
            fisher = ehlers(place(median, median, median, period), period - 1);
          } else {
            double[] place = place(prices.median(), prices.high(), prices.low(), period);
            double[] raw = Columns.combine(place, place, (x, _) -> transform(limited(x)));
            fisher = Columns.exponential(raw, period - 1, p.integer(SMOOTHING));
          }
          return new double[][] {fisher, Columns.delayed(fisher, 1)};
        });
  }

  /** From -1 where x is at the lowest low of the window to 1 at the highest high. */
  private static double[] place(double[] x, double[] high, double[] low, int period) {
    double[] lowest = Rolling.lowest(low, period);
    double[] height = Columns.minus(Rolling.highest(high, period), lowest);
    double[] above = Columns.minus(x, lowest);
    return Columns.combine(above, height, (a, h) -> h == 0 ? 0 : 2 * (a / h) - 1);
  }

  private static double limited(double x) {
    return Math.clamp(x, -FISHER_LIMIT, FISHER_LIMIT);
  }

  private static double transform(double x) {
    return 0.5 * Math.log((1 + x) / (1 - x));
  }

  private static double[] ehlers(double[] place, int first) {
    double[] fisher = Rolling.unknown(place.length);
    double x = 0;
    double previous = 0;
    for (int i = first; i < place.length; i++) {
      x = FISHER_NEW * place[i] + FISHER_OLD * x;
      if (Math.abs(x) > FISHER_BOUND) {
        x = Math.copySign(FISHER_LIMIT, x);
      }
      previous = transform(x) + 0.5 * previous;
      fisher[i] = previous;
    }
    return fisher;
  }
}
