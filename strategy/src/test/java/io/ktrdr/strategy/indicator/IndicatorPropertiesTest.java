package io.ktrdr.strategy.indicator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ktrdr.market.BarSeries;
import io.ktrdr.protocol.Timeframe;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every indicator promises, with its defaults and at the ends of its parameters. */
class IndicatorPropertiesTest {

  /** More than the longest warm-up there is. */
  private static final int BARS = 900;

  private static final double SMALLEST = 0.001;

  static Stream<IndicatorType> types() {
    return IndicatorCatalogue.types().stream();
  }

  @ParameterizedTest
  @MethodSource("types")
  void hasFiniteValuesExactlyAfterItsWarmup(IndicatorType type) {
    for (BarSeries bars : series()) {
      PriceColumns prices = new PriceColumns(bars);
      for (IndicatorParameters parameters : settings(type)) {
        int warmup = type.warmupBars(parameters);
        assertThat(warmup).isBetween(0, BARS - 10);
        double[][] outputs = type.compute(prices, parameters);
        assertThat(outputs).hasNumberOfRows(type.outputs().size());
        for (double[] column : outputs) {
          assertThat(column).hasSize(bars.size());
          for (int i = 0; i < column.length; i++) {
            if (i >= warmup ? !Double.isFinite(column[i]) : !Double.isNaN(column[i])) {
              throw new AssertionError(
                  "%s %s on %s: %s at bar %d, warm-up %d"
                      .formatted(type, parameters.values(), bars.symbol(), column[i], i, warmup));
            }
          }
        }
      }
    }
  }

  /** Blanking hides what a formula has before its warm-up, but not what it has not at its end. */
  @ParameterizedTest
  @MethodSource("types")
  void needsNoBarMoreThanItsWarmup(IndicatorType type) {
    for (IndicatorParameters parameters : settings(type)) {
      int warmup = type.warmupBars(parameters);
      double[][] outputs =
          type.compute(new PriceColumns(SampleBars.walk(warmup + 1, 3)), parameters);
      for (double[] column : outputs) {
        assertThat(column[warmup]).as("%s %s", type, parameters.values()).isFinite();
      }
      for (int size : new int[] {0, 1, warmup}) {
        for (double[] column :
            type.compute(
                new PriceColumns(SampleBars.walk(warmup + 1, 3).slice(0, size)), parameters)) {
          assertThat(column).hasSize(size);
        }
      }
    }
  }

  /** Bit for bit: a backtest that stops early, or goes on later, decides the same. */
  @ParameterizedTest
  @MethodSource("types")
  void neverLooksAhead(IndicatorType type) {
    BarSeries bars = SampleBars.walk(BARS, 11);
    PriceColumns whole = new PriceColumns(bars);
    int[] ends = {1, 2, 57, 263, 540, BARS - 1};
    List<PriceColumns> prefixes = new ArrayList<>();
    for (int end : ends) {
      prefixes.add(new PriceColumns(bars.slice(0, end)));
    }
    for (IndicatorParameters parameters : settings(type)) {
      double[][] all = type.compute(whole, parameters);
      for (int e = 0; e < ends.length; e++) {
        double[][] prefix = type.compute(prefixes.get(e), parameters);
        for (int output = 0; output < all.length; output++) {
          assertThat(Arrays.equals(prefix[output], Arrays.copyOf(all[output], ends[e])))
              .as("%s %s, first %d bars", type, parameters.values(), ends[e])
              .isTrue();
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  void saysWhatItIs(IndicatorType type) {
    assertThat(type.definition()).isNotBlank();
    assertThat(type.range()).isNotBlank();
    assertThat(type.relations())
        .allSatisfy(
            relation -> assertThat(type.defaults().values()).containsKey(relation.parameter()))
        .allMatch(relation -> relation.holds(type.defaults()));
    for (IndicatorParameter parameter : type.parameters()) {
      if (parameter instanceof IndicatorParameter.Word(var _, String standard, var choices)) {
        assertThat(choices).contains(standard);
      }
    }
  }

  @Test
  void windowsDoNotDrift() {
    int n = 1_000_000;
    int period = 20;
    Random random = new Random(17);
    double[] price = new double[n];
    double x = 1e5;
    for (int i = 0; i < n; i++) {
      // One spike that a running sum would not forget.
      x = Math.max(1e4, x + 10 * random.nextGaussian());
      price[i] = i == 1000 ? 1e15 : x;
    }

    double[] mean = Rolling.mean(price, period);
    double[] deviation = Rolling.deviation(price, mean, period, false);

    double sum = 0;
    for (int i = n - period; i < n; i++) {
      sum += price[i];
    }
    double squares = 0;
    for (int i = n - period; i < n; i++) {
      squares += Math.pow(price[i] - sum / period, 2);
    }
    double fresh = Math.sqrt(squares / period);
    assertThat(mean[n - 1]).isEqualTo(sum / period, within(1e-9 * sum / period));
    assertThat(deviation[n - 1]).isEqualTo(fresh, within(1e-9 * fresh));
  }

  /** Quiet prices, jumps, zeros and both signs: values leave and enter in each way there is. */
  @Test
  void meansAreThoseOfExactArithmetic() {
    MathContext digits = new MathContext(60);
    Random random = new Random(5);
    double[] values = new double[3_000];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (random.nextInt(4)) {
            case 0 -> Math.pow(10, 12 * random.nextDouble() - 6) * (random.nextInt(3) - 1);
            default -> 1.1 + 0.001 * random.nextGaussian();
          };
    }
    for (int period : new int[] {1, 2, 10, 49, 500}) {
      double[] mean = Rolling.mean(values, period);
      for (int i = period - 1; i < values.length; i++) {
        BigDecimal sum = BigDecimal.ZERO;
        for (int j = i - period + 1; j <= i; j++) {
          sum = sum.add(new BigDecimal(values[j]));
        }
        double exact = sum.divide(BigDecimal.valueOf(period), digits).doubleValue();
        assertThat(Math.abs(mean[i] - exact))
            .as("%d at %d", period, i)
            .isLessThanOrEqualTo(Math.ulp(exact));
      }
    }
  }

  @Test
  void bandsOfAFlatWindowAreALine() {
    for (double price : new double[] {0.1, 1.1, 1.23456789, 99.99, 1e5 / 3}) {
      double[] closes = new double[60];
      Arrays.fill(closes, price);
      closes[0] = price * 1.7;
      for (int period : new int[] {3, 7, 20, 49}) {
        double[][] bands =
            SampleBars.compute("bbands", SampleBars.closes(closes), "period", period);
        for (int i = period; i < 60; i++) {
          assertThat(bands[0][i]).isEqualTo(price).isEqualTo(bands[2][i]);
        }
        double[] width =
            SampleBars.compute("bbwidth", SampleBars.closes(closes), "period", period)[0];
        assertThat(width[59]).isZero();
        assertThat(SampleBars.compute("cci", SampleBars.closes(closes), "period", period)[0][59])
            .isZero();
      }
    }
  }

  private static List<BarSeries> series() {
    BarSeries walk = SampleBars.walk(BARS, 7);
    double[] flat = new double[BARS];
    Arrays.fill(flat, 1.1);
    double[] none = new double[BARS];
    double[] bursts = walk.volume().clone();
    for (int i = 0; i < BARS; i++) {
      bursts[i] = i % 97 < 60 ? 0 : bursts[i] / 3;
    }
    return List.of(
        walk,
        bars("FLAT", flat, flat, flat, flat, none),
        bars("FLATVOLUME", flat, flat, flat, flat, walk.volume()),
        bars("NOVOLUME", walk.open(), walk.high(), walk.low(), walk.close(), none),
        bars("BURSTS", walk.open(), walk.high(), walk.low(), walk.close(), bursts));
  }

  private static BarSeries bars(
      String name, double[] open, double[] high, double[] low, double[] close, double[] volume) {
    long[] times = new long[close.length];
    Arrays.setAll(times, i -> 86_400L * i);
    return BarSeries.of(name, Timeframe.D1, times, open, high, low, close, volume);
  }

  /** Defaults; every number at its least and at its most; each word and flag, the rest default. */
  static List<IndicatorParameters> settings(IndicatorType type) {
    List<IndicatorParameters> all = new ArrayList<>();
    all.add(type.defaults());
    all.add(with(type, IndicatorPropertiesTest::least));
    all.add(with(type, IndicatorPropertiesTest::most));
    for (IndicatorParameter parameter : type.parameters()) {
      List<?> choices =
          switch (parameter) {
            case IndicatorParameter.Word word -> word.choices();
            case IndicatorParameter.Flag _ -> List.of(true, false);
            case IndicatorParameter.Whole _, IndicatorParameter.Real _ -> List.of();
          };
      for (Object choice : choices) {
        for (IndicatorParameters base : List.copyOf(all.subList(0, 3))) {
          Map<String, Object> values = new TreeMap<>(base.values());
          values.put(parameter.name(), choice);
          all.add(new IndicatorParameters(values));
        }
      }
    }
    all.removeIf(p -> !type.relations().stream().allMatch(relation -> relation.holds(p)));
    return all;
  }

  private static IndicatorParameters with(
      IndicatorType type, Function<IndicatorParameter, Object> choice) {
    Map<String, Object> values = new TreeMap<>();
    type.parameters().forEach(p -> values.put(p.name(), choice.apply(p)));
    return new IndicatorParameters(values);
  }

  private static Object least(IndicatorParameter parameter) {
    return switch (parameter) {
      case IndicatorParameter.Whole whole -> whole.min();
      case IndicatorParameter.Real real -> real.above() + SMALLEST;
      case IndicatorParameter.Word word -> word.standard();
      case IndicatorParameter.Flag flag -> flag.standard();
    };
  }

  private static Object most(IndicatorParameter parameter) {
    return switch (parameter) {
      case IndicatorParameter.Whole whole -> whole.max();
      case IndicatorParameter.Real real -> real.max();
      case IndicatorParameter.Word word -> word.standard();
      case IndicatorParameter.Flag flag -> flag.standard();
    };
  }
}
