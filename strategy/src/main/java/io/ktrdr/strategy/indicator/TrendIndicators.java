package io.ktrdr.strategy.indicator;

import static io.ktrdr.strategy.indicator.Parameters.MULTIPLIER;
import static io.ktrdr.strategy.indicator.Parameters.PERIOD;
import static io.ktrdr.strategy.indicator.Parameters.SMA;
import static io.ktrdr.strategy.indicator.Parameters.SMOOTHING;
import static io.ktrdr.strategy.indicator.Parameters.TALIB;
import static io.ktrdr.strategy.indicator.Parameters.TULIP;
import static io.ktrdr.strategy.indicator.Parameters.WILDER;
import static io.ktrdr.strategy.indicator.Parameters.flag;
import static io.ktrdr.strategy.indicator.Parameters.only;
import static io.ktrdr.strategy.indicator.Parameters.period;
import static io.ktrdr.strategy.indicator.Parameters.real;
import static io.ktrdr.strategy.indicator.Parameters.source;
import static io.ktrdr.strategy.indicator.Parameters.whole;
import static io.ktrdr.strategy.indicator.Parameters.word;

import io.ktrdr.strategy.indicator.IndicatorType.Source;
import java.util.List;

/** Direction, and where it turned. */
final class TrendIndicators {

  private static final String WINDOW = "window";
  private static final String DISPLACEMENT = "displacement";
  private static final String CONVENTION = "convention";
  private static final String INITIAL_AF = "initial_af";
  private static final String MAX_AF = "max_af";

  private TrendIndicators() {}

  static List<IndicatorType> types() {
    return List.of(
        DirectionalMovement.type(), aroon(), superTrend(), parabolicSar(), ichimoku(), zigzag());
  }

  private static IndicatorType aroon() {
    return IndicatorType.named("aroon")
        .definition(
            "`up = 100 · (period - bars since the highest high) / period`, `down` the same of the"
                + " lowest low, `oscillator = up - down`. Of equal highs the newest counts.")
        .parameters(
            period(14, 1, 200),
            flag("include_oscillator", false),
            word(WINDOW, "period_plus_1", PERIOD))
        .outputs("up", "down", "oscillator")
        .range(
            "up, down 0 to 100, with `window: period` 100 / period to 100; oscillator -100 to 100")
        .source(Source.EQUALS_TA4J)
        .warmup(
            "period, one less with window period",
            p -> p.word(WINDOW).equals(PERIOD) ? p.integer(PERIOD) - 1 : p.integer(PERIOD))
        .note(
            "`window: period_plus_1` (default) looks back `period` bars from this one, so that the"
                + " values reach 0: ta4j, TA-Lib and Tulip. `window: period` looks at `period`"
                + " bars, this one included.")
        .note(
            "`include_oscillator` is taken for strategies that name it; the oscillator is always"
                + " there.")
        .formula((prices, p) -> {
          int period = p.integer(PERIOD);
          int window = p.word(WINDOW).equals(PERIOD) ? period : period + 1;
          double[] up = recency(Rolling.highestAt(prices.high(), window), period);
          double[] down = recency(Rolling.lowestAt(prices.low(), window), period);
          return new double[][] {up, down, Columns.minus(up, down)};
        });
  }

  private static double[] recency(int[] at, int period) {
    double[] result = new double[at.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = 100.0 * (period - (i - at[i])) / period;
    }
    return result;
  }

  private static IndicatorType superTrend() {
    return IndicatorType.named("supertrend")
        .definition(
            "Bands `(high + low) / 2 ± multiplier · average true range`; the lower may only rise,"
                + " and the upper only fall, until the close before was beyond it. `trend` is the"
                + " lower band while `direction` is 1 and the upper while it is -1; the direction"
                + " turns when the close is beyond the band it follows.")
        .parameters(
            period(10, 2, 200),
            real(MULTIPLIER, 3.0, 10),
            word(SMOOTHING, WILDER, SMA),
            word("start", "up", "down"))
        .outputs("trend", "direction")
        .range("trend prices; direction 1 or -1")
        .warmup("period - 1", p -> p.integer(PERIOD) - 1)
        .note(
            "The average true range is Wilder's, as in `atr`; `smoothing: sma` takes the mean of"
                + " the last true ranges.")
        .note(
            "The first bar with a band has the direction `start`: nothing before it says which;"
                + " charts differ until the first turn. A close on the band does not turn it.")
        .formula((prices, p) ->
            superTrend(
                prices, AverageRange.of(prices, p.integer(PERIOD), p), p.integer(PERIOD) - 1, p));
  }

  private static double[][] superTrend(
      PriceColumns prices, double[] range, int first, IndicatorParameters p) {
    double[] close = prices.close();
    double[] median = prices.median();
    double k = p.real(MULTIPLIER);
    double[] trend = Rolling.unknown(close.length);
    double[] direction = Rolling.unknown(close.length);
    boolean up = p.word("start").equals("up");
    double upper = 0;
    double lower = 0;
    for (int i = first; i < close.length; i++) {
      double newUpper = median[i] + k * range[i];
      double newLower = median[i] - k * range[i];
      boolean begins = i == first;
      upper = begins || newUpper < upper || close[i - 1] > upper ? newUpper : upper;
      lower = begins || newLower > lower || close[i - 1] < lower ? newLower : lower;
      if (!begins) {
        up = up ? close[i] >= lower : close[i] > upper;
      }
      trend[i] = up ? lower : upper;
      direction[i] = up ? 1 : -1;
    }
    return new double[][] {trend, direction};
  }

  private static IndicatorType parabolicSar() {
    return IndicatorType.named("parabolicsar", "psar", "sar")
        .definition(
            "Wilder's stop and reverse: `sar = sar[-1] + af · (extreme - sar[-1])`, never inside"
                + " the ranges of the two bars before; af begins at `initial_af` and grows by"
                + " `step_af` at each new extreme, up to `max_af`; reached, the stop jumps to the"
                + " extreme and changes sides.")
        .parameters(
            real(INITIAL_AF, 0.02, 1),
            real("step_af", 0.02, 1),
            real(MAX_AF, 0.2, 10),
            word(CONVENTION, TULIP, TALIB))
        .range("prices")
        .warmup("1", _ -> 1)
        .note(
            "`convention: tulip` (default): long at first when the second bar's middle is not below"
                + " the first's; the stop begins at the first low with the first high as extreme;"
                + " it turns when a low is below the stop.")
        .note(
            "`convention: talib`: long at first unless the low falls more than the high rises; the"
                + " extreme is the second bar's; it turns when a low is on or below the stop, and"
                + " the new stop is kept outside this bar and the one before.")
        .note(
            "The conventions differ in how they begin and in ties, and agree after a turn or two.")
        .requires(INITIAL_AF, "must not be above max_af", p -> p.real(INITIAL_AF) <= p.real(MAX_AF))
        .formula((prices, p) -> {
          ParabolicStop stop =
              new ParabolicStop(
                  prices.high(),
                  prices.low(),
                  p.real(INITIAL_AF),
                  p.real("step_af"),
                  p.real(MAX_AF));
          return only(p.word(CONVENTION).equals(TULIP) ? stop.tulip() : stop.talib());
        });
  }

  private static IndicatorType ichimoku() {
    return IndicatorType.named("ichimoku")
        .definition(
            "Middles of highest high and lowest low: `tenkan` over `tenkan_period`, `kijun` over"
                + " `kijun_period`; the cloud at this bar, drawn `displacement` bars ago: `senkou_a"
                + " = (tenkan + kijun) / 2`, `senkou_b` the middle over `senkou_b_period`;"
                + " `chikou`: see below.")
        .parameters(
            whole("tenkan_period", 9, 1, 50),
            whole("kijun_period", 26, 1, 100),
            whole("senkou_b_period", 52, 1, 200),
            whole(DISPLACEMENT, 26, 1, 100))
        .outputs("tenkan", "kijun", "senkou_a", "senkou_b", "chikou")
        .range("prices")
        .warmup(
            "max(tenkan_period, kijun_period, senkou_b_period) + displacement - 1",
            p ->
                Math.max(
                        Math.max(p.integer("tenkan_period"), p.integer("kijun_period")),
                        p.integer("senkou_b_period"))
                    + p.integer(DISPLACEMENT)
                    - 1)
        .note(
            "Charts draw the chikou span by writing today's close `displacement` bars back, so"
                + " there it shows the future. Here `chikou` is what is known: the close of"
                + " `displacement` bars ago, which the span is read against; `{greater: [close,"
                + " id.chikou]}` is \"chikou above the price\".")
        .note("Charts that shift by `displacement - 1` have the cloud one bar earlier.")
        .formula((prices, p) -> {
          int shift = p.integer(DISPLACEMENT);
          double[] tenkan = middle(prices, p.integer("tenkan_period"));
          double[] kijun = middle(prices, p.integer("kijun_period"));
          double[] spanA = Columns.combine(tenkan, kijun, (t, k) -> (t + k) / 2);
          double[] spanB = middle(prices, p.integer("senkou_b_period"));
          return new double[][] {
            tenkan,
            kijun,
            Columns.delayed(spanA, shift),
            Columns.delayed(spanB, shift),
            Columns.delayed(prices.close(), shift)
          };
        });
  }

  private static double[] middle(PriceColumns prices, int period) {
    return Columns.combine(
        Rolling.highest(prices.high(), period),
        Rolling.lowest(prices.low(), period),
        (h, l) -> (h + l) / 2);
  }

  private static IndicatorType zigzag() {
    return IndicatorType.named("zigzag")
        .definition(
            "The last confirmed turning point: a high (low) is confirmed at the bar whose value is"
                + " `threshold` or more, as a fraction of it, below (above) it. The first value"
                + " counts as one until then.")
        .parameters(real("threshold", 0.05, 1), source())
        .range("values of the source at its turning points")
        .note(
            "The zigzag of charts is drawn back to where the turn was, which was not known then: it"
                + " repaints, and serves here for labels only (`training.labels.source: zigzag`)."
                + " As an indicator it steps to the new turning point at the bar that confirms it.")
        .formula((prices, p) -> only(confirmedTurns(prices.source(p), p.real("threshold"))));
  }

  private static double[] confirmedTurns(double[] price, double threshold) {
    double[] result = new double[price.length];
    if (price.length == 0) {
      return result;
    }
    int direction = 0;
    double confirmed = price[0];
    double extreme = price[0];
    for (int i = 0; i < price.length; i++) {
      double x = price[i];
      double change = x - extreme;
      double needed = threshold * extreme;
      if (direction == 0) {
        if (Math.abs(change) >= needed && change != 0) {
          direction = change > 0 ? 1 : -1;
          extreme = x;
        }
      } else if (direction * change > 0) {
        extreme = x;
      } else if (-direction * change >= needed && change != 0) {
        confirmed = extreme;
        direction = -direction;
        extreme = x;
      }
      result[i] = confirmed;
    }
    return result;
  }
}
