package io.ktrdr.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.ktrdr.market.BarSeries;
import io.ktrdr.market.HigherBars;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.strategy.indicator.SampleBars;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Inputs of longer timeframes.
 *
 * <p>{@link #laterBarsChangeNoRow} recomputes on truncated bars, of every timeframe at once, as the
 * longer ones are made of the base's. That this would find a look-ahead is shown by {@link
 * #whatSeesTheOpenBarOrFillsBackwardsIsFound}: two planted builders, one that lets a row see the
 * longer bar it lies in while that is still open, and one that fills the rows before the first
 * closed bar from later ones. Both are how such features are commonly built.
 */
class HigherTimeframesTest {

  private static final String YAML =
      """
      name: several
      training_data:
        symbols: {mode: single, symbol: EURUSD}
        timeframes: {mode: multi_timeframe, list: [1h, 4h, 1d], base_timeframe: 1h}
      indicators:
        rsi_3: {type: rsi, period: 3}
        fast: {type: sma, period: 2}
      fuzzy_sets:
        rsi:
          indicator: rsi_3
          low: [0, 20, 80]
          high: [20, 80, 100]
        price:
          indicator: fast
          high: [50, 100, 300]
      nn_inputs:
        - {fuzzy_set: rsi, timeframes: all}
        - {fuzzy_set: price, timeframes: [1d]}
      model: {type: mlp}
      """;

  private final NeuroFuzzyStrategy strategy = StrategyParser.parseNeuroFuzzy(YAML);
  private final FeatureBuilder builder =
      new FeatureBuilder(strategy, Timeframe.H1, strategy.trainingData().timeframes());

  @Test
  void namesAreInTheOrderOfInputsThenTimeframesThenMemberships() {
    assertThat(strategy.warnings()).isEmpty();
    assertThat(builder.names())
        .containsExactly(
            "1h_rsi_low",
            "1h_rsi_high",
            "4h_rsi_low",
            "4h_rsi_high",
            "1d_rsi_low",
            "1d_rsi_high",
            "1d_price_high");
    assertThat(builder.timeframes()).containsExactly(Timeframe.H1, Timeframe.H4, Timeframe.D1);
  }

  @Test
  void inputThatListsItsTimeframesSeesTheseWhateverTheOperationNames() {
    assertThat(new FeatureBuilder(strategy, Timeframe.H4).names())
        .containsExactly("4h_rsi_low", "4h_rsi_high", "1d_price_high");
    assertThat(
            new FeatureBuilder(strategy, Timeframe.H1, List.of(Timeframe.W1, Timeframe.H1)).names())
        .containsExactly("1w_rsi_low", "1w_rsi_high", "1h_rsi_low", "1h_rsi_high", "1d_price_high");
  }

  @Test
  void barsShorterThanTheOperationsCannotBeHad() {
    assertThatExceptionOfType(StrategyInvalidException.class)
        .isThrownBy(
            () -> new FeatureBuilder(strategy, Timeframe.D1, List.of(Timeframe.D1, Timeframe.H4)))
        .withMessageContaining("nn_inputs[0].timeframes")
        .withMessageContaining("'rsi' needs 4h bars, shorter than the operation's 1d")
        .extracting(StrategyInvalidException::code)
        .isEqualTo("TIMEFRAME_UNSUPPORTED");
  }

  /**
   * A second implementation: each row from the bars up to its own and no others, grouped by
   * calendar arithmetic, its indicators computed anew.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void agreesWithANaiveImplementationOnBarsWithHoles(long seed) {
    BarSeries bars = hours(420, seed);

    FeatureMatrix features = builder.build(bars);

    int firstUsable = bars.size();
    for (int row = bars.size() - 1; row >= 0; row--) {
      float[] naive = naiveRow(bars.slice(0, row + 1));
      assertThat(row(features, row)).as("row %d", row).containsExactly(naive);
      if (!anyNaN(naive)) {
        firstUsable = row;
      }
    }
    assertThat(features.firstUsableRow()).isEqualTo(firstUsable).isBetween(60, 130);
    assertThat(firstUsable).isLessThanOrEqualTo(builder.warmupBars());
  }

  @Test
  void warmupIsThatOfTheLongestTimeframeInBarsOfTheOperation() {
    // RSI 3 needs four closed days: after a day cut short, the last of them ends with bar 118.
    assertThat(builder.warmupBars()).isEqualTo(23 + 4 * 24 - 1);
    assertThat(strategy.warmupBars()).isEqualTo(builder.warmupBars());
    BarSeries cutShort = hours(200, Instant.parse("2024-01-01T01:00:00Z"));
    assertThat(builder.build(cutShort).firstUsableRow()).isEqualTo(builder.warmupBars());
    BarSeries whole = hours(200, Instant.parse("2024-01-01T00:00:00Z"));
    assertThat(builder.build(whole).firstUsableRow()).isEqualTo(4 * 24 - 1);
    assertThat(builder.build(whole.slice(0, 50)).firstUsableRow()).isEqualTo(50);
  }

  @Test
  void laterBarsChangeNoRow() {
    BarSeries bars = hours(420, 7);

    assertThat(firstCutThatChangesARow(bars, builder::build)).isEqualTo(-1);
  }

  @Test
  void whatSeesTheOpenBarOrFillsBackwardsIsFound() {
    BarSeries bars = hours(420, 7);

    assertThat(firstCutThatChangesARow(bars, some -> planted(some, false))).isPositive();
    assertThat(firstCutThatChangesARow(bars, some -> planted(some, true))).isPositive();
  }

  /** Of the lengths tried, the first that gives other rows than the whole series; -1 for none. */
  private static int firstCutThatChangesARow(
      BarSeries bars, Function<BarSeries, FeatureMatrix> features) {
    FeatureMatrix whole = features.apply(bars);
    for (int cut = 1; cut < bars.size(); cut += 5) {
      FeatureMatrix part = features.apply(bars.slice(0, cut));
      if (!Arrays.equals(part.values(), Arrays.copyOf(whole.values(), cut * whole.columns()))) {
        return cut;
      }
    }
    return -1;
  }

  /** One feature, the daily close, with one of two look-aheads in it. */
  private static FeatureMatrix planted(BarSeries bars, boolean backwards) {
    HigherBars days = HigherBars.of(bars, Timeframe.D1);
    float[] values = new float[bars.size()];
    for (int row = 0; row < values.length; row++) {
      int day = days.newestClosed()[row];
      if (backwards) {
        day = day == HigherBars.NONE && days.bars().size() > 0 ? 0 : day;
      } else if (day + 1 < days.bars().size()
          && days.bars().times()[day + 1] <= bars.times()[row]) {
        day++;
      }
      values[row] = day == HigherBars.NONE ? Float.NaN : (float) days.bars().close()[day];
    }
    return new FeatureMatrix(List.of("1d_close"), values, values.length, 0);
  }

  private float[] naiveRow(BarSeries seen) {
    double[][] rsi = new double[3][];
    rsi[0] = SampleBars.compute("rsi", seen, "period", 3)[0];
    BarSeries fours = naiveClosed(seen, Timeframe.H4);
    BarSeries days = naiveClosed(seen, Timeframe.D1);
    rsi[1] = SampleBars.compute("rsi", fours, "period", 3)[0];
    rsi[2] = SampleBars.compute("rsi", days, "period", 3)[0];
    FuzzySet set = strategy.fuzzySet("rsi");
    float[] row = new float[7];
    for (int t = 0; t < 3; t++) {
      double last = last(rsi[t]);
      row[2 * t] = degree(set, "low", last);
      row[2 * t + 1] = degree(set, "high", last);
    }
    double average = last(SampleBars.compute("sma", days, "period", 2)[0]);
    row[6] = degree(strategy.fuzzySet("price"), "high", average);
    return row;
  }

  private static float degree(FuzzySet set, String word, double value) {
    return (float) Objects.requireNonNull(set.memberships().get(word)).degree(value);
  }

  private static double last(double[] column) {
    return column.length == 0 ? Double.NaN : column[column.length - 1];
  }

  /** Whole buckets that are over when the last bar is. */
  private static BarSeries naiveClosed(BarSeries bars, Timeframe longer) {
    TreeMap<Long, double[]> buckets = new TreeMap<>();
    for (int i = 0; i < bars.size(); i++) {
      OffsetDateTime time = bars.time(i).atOffset(ZoneOffset.UTC);
      OffsetDateTime opens =
          time.truncatedTo(ChronoUnit.DAYS)
              .plusHours(longer == Timeframe.D1 ? 0 : time.getHour() / 4 * 4);
      double high = bars.high()[i];
      double low = bars.low()[i];
      double[] bucket =
          buckets.computeIfAbsent(
              opens.toEpochSecond(),
              _ -> new double[] {0, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, 0, 0});
      bucket[0] = bucket[0] == 0 ? bars.open()[i] : bucket[0];
      bucket[1] = Math.max(bucket[1], high);
      bucket[2] = Math.min(bucket[2], low);
      bucket[3] = bars.close()[i];
      bucket[4] += bars.volume()[i];
    }
    long over = bars.times()[bars.size() - 1] + 3600;
    buckets.keySet().removeIf(opens -> opens + longer.length().toSeconds() > over);
    buckets.remove(bars.times()[0] % longer.length().toSeconds() == 0 ? -1L : firstKey(buckets));
    long[] times = buckets.keySet().stream().mapToLong(Long::longValue).toArray();
    double[][] columns = new double[5][times.length];
    int at = 0;
    for (double[] bucket : buckets.values()) {
      for (int c = 0; c < 5; c++) {
        columns[c][at] = bucket[c];
      }
      at++;
    }
    return BarSeries.of(
        "NAIVE", longer, times, columns[0], columns[1], columns[2], columns[3], columns[4]);
  }

  private static long firstKey(SortedMap<Long, double[]> buckets) {
    return buckets.isEmpty() ? -1 : buckets.firstKey();
  }

  private static float[] row(FeatureMatrix features, int row) {
    int columns = features.columns();
    return Arrays.copyOfRange(features.values(), row * columns, (row + 1) * columns);
  }

  private static boolean anyNaN(float[] values) {
    for (float value : values) {
      if (Float.isNaN(value)) {
        return true;
      }
    }
    return false;
  }

  /** Hours of a market that closes at weekends, with one in ten missing. */
  private static BarSeries hours(int n, long seed) {
    Random random = new Random(seed);
    long[] times = new long[n];
    OffsetDateTime time = OffsetDateTime.parse("2024-01-01T03:00:00Z").plusHours(random.nextInt(9));
    for (int i = 0; i < n; i++) {
      while (random.nextInt(10) == 0
          || time.getDayOfWeek() == DayOfWeek.SATURDAY
          || (time.getDayOfWeek() == DayOfWeek.SUNDAY && time.getHour() < 22)) {
        time = time.plusHours(1);
      }
      times[i] = time.toEpochSecond();
      time = time.plusHours(1);
    }
    return at(times, seed);
  }

  private static BarSeries hours(int n, Instant first) {
    long[] times = new long[n];
    Arrays.setAll(times, i -> first.getEpochSecond() + 3600L * i);
    return at(times, 5);
  }

  private static BarSeries at(long[] times, long seed) {
    BarSeries walk = SampleBars.walk(times.length, seed);
    return BarSeries.of(
        walk.symbol(),
        Timeframe.H1,
        times,
        walk.open(),
        walk.high(),
        walk.low(),
        walk.close(),
        walk.volume());
  }
}
