package io.ktrdr.api.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.ktrdr.market.BarSeries;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.Timeframe;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a report computes by itself, against calculations written separately. */
class ReportFiguresTest {

  private static final Instant DAY_ONE = Instant.parse("2020-01-01T00:00:00Z");
  private static final MathContext DIGITS = MathContext.DECIMAL128;
  private static final Offset<Double> EXACT = within(1e-9);

  @ParameterizedTest
  @ValueSource(ints = {300, 5_000})
  void rollingFiguresAreThoseOfEachWindowAlone(int bars) {
    Random random = new Random(7);
    double[] equity = walk(random, bars, 100_000);
    double[] prices = walk(random, bars, 1.1);
    Curve curve = curve(equity, prices);

    Rolling rolling = Rolling.of(curve).orElseThrow();

    assertThat(rolling.window()).isEqualTo(126);
    assertThat(rolling.step()).isEqualTo(bars == 300 ? 1 : 2);
    assertThat(rolling.times()).hasSizeLessThanOrEqualTo(Rolling.POINTS_MAX);
    assertThat(rolling.times()[rolling.times().length - 1]).isEqualTo(curve.times()[bars - 1]);
    double periods = (bars - 1) / ((bars - 1) / 365.25);
    for (int i = 0; i < rolling.times().length; i += 37) {
      int end = (int) ((rolling.times()[i] - DAY_ONE.getEpochSecond()) / 86_400);
      BigDecimal[] r = changes(equity, end - 126, end);
      BigDecimal[] b = changes(prices, end - 126, end);
      double deviation = Math.sqrt(covariance(r, r) / 125);
      assertThat(rolling.volatility()[i]).isCloseTo(deviation * Math.sqrt(periods), EXACT);
      assertThat(rolling.sharpe()[i])
          .isCloseTo(mean(r).doubleValue() / deviation * Math.sqrt(periods), EXACT);
      assertThat(rolling.beta()[i]).isCloseTo(covariance(r, b) / covariance(b, b), EXACT);
    }
  }

  @Test
  void shortRunsHaveASmallerWindowOrNone() {
    double[] few = walk(new Random(1), 40, 100);
    double[] some = walk(new Random(1), 101, 100);

    assertThat(Rolling.of(curve(few, few))).isEmpty();
    assertThat(Rolling.of(curve(some, some)).orElseThrow().window()).isEqualTo(50);
  }

  @Test
  void rollingFiguresOfWhatDoesNotMoveAreNotDefined() {
    double[] flat = new double[60];
    Arrays.fill(flat, 100);
    Rolling rolling = Rolling.of(curve(flat, flat)).orElseThrow();

    assertThat(rolling.volatility()).containsOnly(0);
    assertThat(Rolling.any(rolling.sharpe())).isFalse();
    assertThat(Rolling.any(rolling.beta())).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 59, 60, 61, 1_000, 10_007})
  void candlesKeepEveryExtremeHoweverManyBarsTheyMerge(int bars) {
    BarSeries series = series(bars);
    Candles candles = Candles.of(series, 0, bars, 60);

    assertThat(candles.size()).isLessThanOrEqualTo(60);
    assertThat(Arrays.stream(candles.high()).max()).isEqualTo(Arrays.stream(series.high()).max());
    assertThat(Arrays.stream(candles.low()).min()).isEqualTo(Arrays.stream(series.low()).min());
    assertThat(candles.open()[0]).isEqualTo(series.open()[0]);
    assertThat(candles.close()[candles.size() - 1]).isEqualTo(series.close()[bars - 1]);
    assertThat(candles.first()[0]).isZero();
    assertThat(candles.last()[candles.size() - 1]).isEqualTo(bars - 1);
    for (int i = 1; i < candles.size(); i++) {
      assertThat(candles.first()[i]).isEqualTo(candles.last()[i - 1] + 1);
    }
  }

  @Test
  void linesKeepEveryExtremeAndBreakWhereThereIsNoNumber() {
    double[] values = walk(new Random(3), 5_000, 100);
    values[1_234] = 1;
    values[3_210] = 1_000;
    Arrays.fill(values, 4_000, 4_100, Double.NaN);
    long[] places = IntStream.range(0, values.length).asLongStream().toArray();

    String svg =
        new Chart("t", "a", Chart.WIDE, 234, Scale.of(0, 5_000), Scale.of(0, 1_000))
            .line("x", places, values)
            .svg();

    // 10 above, 24 below, 200 between: 1,000 is at 10, 1 is at 209.8.
    assertThat(svg).contains(",10.0", ",209.8").doesNotContain("NaN");
    assertThat(svg.chars().filter(c -> c == 'M').count()).isEqualTo(2);
    assertThat(svg.chars().filter(c -> c == 'L').count()).isLessThan(2L * Chart.COLUMNS);
  }

  @Test
  void trailingStopFollowsTheBarsBeforeAndNotItsOwn() {
    BarSeries bars = series(new double[] {100, 110, 120, 115}, new double[] {99, 105, 110, 90});
    StopLevels levels = new StopLevels(0.2, 0.5, 0.1);

    assertThat(levels.stops(trade("LONG", 100), bars, 0, 3))
        .containsExactly(new double[] {90, 90, 99, 108}, within(1e-12));
    assertThat(levels.target(trade("LONG", 100))).isEqualTo(150);
    assertThat(levels.stops(trade("SHORT", 100), bars, 0, 3))
        .containsExactly(new double[] {110, 108.9, 108.9, 108.9}, within(1e-12));
    assertThat(levels.target(trade("SHORT", 100))).isEqualTo(50);
    assertThat(StopLevels.of(Json.mapper().createObjectNode()).stops(trade("LONG", 9), bars, 1, 2))
        .containsOnly(Double.NEGATIVE_INFINITY);
  }

  @Test
  void resamplingTradesThatAreAllEqualChangesNothing() {
    List<TradeRow> trades = new ArrayList<>();
    double capital = 1_000;
    for (int i = 0; i < 150; i++) {
      trades.add(trade("LONG", 100, capital * 0.01));
      capital *= 1.01;
    }

    Resample fan = Resample.of(1_000, trades).orElseThrow();

    int last = fan.at().length - 1;
    assertThat(fan.at()[last]).isEqualTo(150);
    assertThat(fan.low()[last]).isCloseTo(capital, within(1e-6));
    assertThat(fan.high()).containsExactly(fan.actual(), within(1e-6));
    assertThat(fan.losing()).isZero();
    assertThat(fan.drawdowns()).containsOnly(0);
  }

  @Test
  void resamplingIsTheSameEachTimeAndAroundWhatTheTradesEarn() {
    Random random = new Random(5);
    List<TradeRow> trades = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      trades.add(trade("LONG", 100, 10 * random.nextGaussian()));
    }

    Resample fan = Resample.of(100_000, trades).orElseThrow();
    Resample again = Resample.of(100_000, trades).orElseThrow();

    int last = fan.at().length - 1;
    assertThat(again.high()).isEqualTo(fan.high());
    assertThat(fan.low()[last]).isLessThan(fan.middle()[last]);
    // The sum of 400 such results has a deviation of 200: the middle half of the way around it.
    double net = trades.stream().mapToDouble(TradeRow::netPnl).sum();
    assertThat(fan.middle()[last]).isCloseTo(100_000 + net, within(60.0));
    assertThat(fan.high()[last] - fan.low()[last]).isBetween(2 * 1.645 * 170, 2 * 1.645 * 230);
    assertThat(Resample.of(100_000, trades.subList(0, 19))).isEmpty();
    assertThat(Resample.of(1, trades)).isEmpty();
  }

  @Test
  void quantilesAreLinearBetweenNeighbours() {
    assertThat(Resample.quantiles(new double[] {3, 1, 2})).containsExactly(1.1, 2, 2.9);
  }

  @Test
  void longestRowIsOfNeighbours() {
    List<TradeRow> trades =
        IntStream.of(1, 1, -1, 1, 1, 1, -1).mapToObj(net -> trade("LONG", 1, net)).toList();

    assertThat(TradesPart.longestRow(trades, TradeRow::won)).isEqualTo(3);
    assertThat(TradesPart.longestRow(trades, trade -> !trade.won())).isEqualTo(1);
  }

  @Test
  void yearsCompoundToTheWhole() {
    double[] equity = walk(new Random(2), 900, 100);
    Curve curve = curve(equity, equity);
    double product = 1;
    for (double change : curve.yearly().values()) {
      product *= 1 + change;
    }

    assertThat(curve.yearly().keySet()).containsExactly(2020, 2021, 2022);
    assertThat(product).isCloseTo(equity[899] / equity[0], within(1e-12));
    assertThat(curve.yearlyBenchmark()).isEqualTo(curve.yearly());
  }

  private static double[] walk(Random random, int size, double start) {
    double[] values = new double[size];
    values[0] = start;
    for (int i = 1; i < size; i++) {
      values[i] = values[i - 1] * (1 + 0.01 * random.nextGaussian());
    }
    return values;
  }

  private static BigDecimal[] changes(double[] levels, int from, int to) {
    BigDecimal[] changes = new BigDecimal[to - from];
    for (int i = from; i < to; i++) {
      changes[i - from] =
          new BigDecimal(levels[i + 1])
              .divide(new BigDecimal(levels[i]), DIGITS)
              .subtract(BigDecimal.ONE);
    }
    return changes;
  }

  private static BigDecimal mean(BigDecimal[] values) {
    return Arrays.stream(values)
        .reduce(BigDecimal.ZERO, BigDecimal::add)
        .divide(BigDecimal.valueOf(values.length), DIGITS);
  }

  private static double covariance(BigDecimal[] a, BigDecimal[] b) {
    BigDecimal meanA = mean(a);
    BigDecimal meanB = mean(b);
    BigDecimal sum = BigDecimal.ZERO;
    for (int i = 0; i < a.length; i++) {
      sum = sum.add(a[i].subtract(meanA).multiply(b[i].subtract(meanB), DIGITS));
    }
    return sum.doubleValue();
  }

  private static Curve curve(double[] equity, double[] prices) {
    ArrayNode points = Json.mapper().createArrayNode();
    for (int i = 0; i < equity.length; i++) {
      points
          .addObject()
          .put("timestamp", DAY_ONE.plusSeconds(86_400L * i).toString())
          .put("price", prices[i])
          .put("portfolio_value", equity[i]);
    }
    return Curve.read(points.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static BarSeries series(int bars) {
    double[] middle = walk(new Random(11), bars, 100);
    double[] high = Arrays.stream(middle).map(price -> price + 0.5).toArray();
    double[] low = Arrays.stream(middle).map(price -> price - 0.5).toArray();
    return series(high, low);
  }

  private static BarSeries series(double[] high, double[] low) {
    int bars = high.length;
    long[] times = new long[bars];
    for (int i = 0; i < bars; i++) {
      times[i] = DAY_ONE.getEpochSecond() + 86_400L * i;
    }
    return BarSeries.of("X", Timeframe.D1, times, low, high, low, high, new double[bars]);
  }

  private static TradeRow trade(String side, double entryPrice) {
    return trade(side, entryPrice, 0);
  }

  private static TradeRow trade(String side, double entryPrice, double net) {
    return new TradeRow(
        1, side, DAY_ONE, entryPrice, DAY_ONE, entryPrice, net, 0, 0, null, 0, 0, 1, "EXIT_SIGNAL");
  }
}
