package io.ktrdr.strategy;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.ktrdr.market.BarSeries;
import io.ktrdr.market.MarketDataException;
import io.ktrdr.strategy.LookaheadCheck.ColumnSource;
import io.ktrdr.strategy.LookaheadCheck.NamedColumn;
import io.ktrdr.strategy.LookaheadReport.Difference;
import io.ktrdr.strategy.LookaheadReport.Kind;
import io.ktrdr.strategy.LookaheadReport.StartDifference;
import io.ktrdr.strategy.indicator.IndicatorCatalogue;
import io.ktrdr.strategy.indicator.IndicatorType;
import io.ktrdr.strategy.indicator.SampleBars;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LookaheadCheckTest {

  private static final BarSeries WALK = SampleBars.walk(600, 7);

  static Stream<String> shipped() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("..", "strategies"))) {
      List<String> names =
          files.map(file -> String.valueOf(file.getFileName()).replace(".yaml", "")).toList();
      assertThat(names).contains("sma_cross", "neuro_mean_reversion");
      return names.stream();
    }
  }

  static Stream<IndicatorType> types() {
    return IndicatorCatalogue.types().stream();
  }

  @ParameterizedTest
  @MethodSource("shipped")
  void noShippedStrategyLooksAhead(String name) {
    Strategy strategy = StrategyParser.parse(Samples.shippedYaml(name));

    LookaheadReport report =
        LookaheadCheck.run(strategy, SampleBars.shippedBars("EURUSD"), LookaheadCheck.CUTS_DEFAULT);

    assertThat(report.columns()).allMatch(column -> column.difference() == null);
    assertThat(report.clean()).isTrue();
    assertThat(report.cuts()).isBetween(60, 80);
  }

  @ParameterizedTest
  @MethodSource("types")
  void noIndicatorLooksAhead(IndicatorType type) {
    Strategy strategy =
        StrategyParser.parse(
            """
            name: one
            indicators: {x: {type: %s}}
            decisions: {kind: rules, enter_long: {greater: [x, 1]}}
            """
                .formatted(type.name()));

    LookaheadReport report = LookaheadCheck.run(strategy, WALK, LookaheadCheck.CUTS_DEFAULT);

    assertThat(report.columns())
        .filteredOn(column -> column.kind() == Kind.INDICATOR)
        .hasSize(type.outputs().size());
    assertThat(report.columns()).allMatch(column -> column.difference() == null);
    assertThat(report.warmupBars()).isEqualTo(type.warmupBars(type.defaults()));
  }

  @Test
  void oneBarAheadIsSeenAtTheFirstBarThatHasAValue() {
    ColumnSource source =
        bars -> List.of(honest(bars), planted(bars, i -> bars.close()[last(bars, i + 1)]));

    LookaheadReport report = LookaheadCheck.run(source, 3, WALK, 10);

    assertThat(report.clean()).isFalse();
    assertThat(report.columns().getFirst().difference()).isNull();
    double[] close = WALK.close();
    assertThat(report.columns().getLast().difference())
        .isEqualTo(new Difference(3, WALK.time(3), 4, close[3], close[4]));
  }

  @Test
  void figureOfTheWholeSeriesIsSeenAtTheFirstBar() {
    ColumnSource source =
        bars -> {
          double highest = Arrays.stream(bars.close()).max().orElseThrow();
          return List.of(planted(bars, i -> bars.close()[i] / highest));
        };

    Difference found = difference(source);

    assertThat(found.bar()).isZero();
    assertThat(found.valueKnown()).isEqualTo(1);
    assertThat(found.valueWhole()).isLessThan(1);
  }

  @Test
  void peekAtTheLastBarsOnlyIsSeen() {
    int from = WALK.size() - 3;
    ColumnSource source =
        bars -> List.of(planted(bars, i -> bars.close()[i < from ? i : last(bars, i + 1)]));

    Difference found = difference(source);

    assertThat(found.bar()).isEqualTo(from);
  }

  @Test
  void peekInOneStretchIsSeenWithEnoughCuts() {
    ColumnSource source =
        bars ->
            List.of(
                planted(
                    bars, i -> bars.close()[i / 100 == 3 && i % 2 == 0 ? last(bars, i + 2) : i]));

    assertThat(LookaheadCheck.run(source, 0, WALK, 0).clean()).as("only the edges").isTrue();
    assertThat(LookaheadCheck.run(source, 0, WALK, 50).clean()).isFalse();
  }

  @Test
  void valueThatTurnsUnknownIsADifference() {
    ColumnSource source =
        bars -> List.of(planted(bars, i -> bars.size() < WALK.size() ? Double.NaN : 1));

    assertThat(LookaheadCheck.run(source, 0, WALK, 0).clean()).isFalse();
  }

  @Test
  void dependenceOnTheStartInformsAndFailsNothing() {
    Strategy strategy =
        StrategyParser.parse(
            """
            name: starts
            indicators:
              sma: {type: sma, period: 10}
              ema: {type: ema, period: 10}
            decisions: {kind: rules, enter_long: {crosses_above: [ema, sma]}}
            """);

    LookaheadReport report = LookaheadCheck.run(strategy, WALK, 10);

    assertThat(report.clean()).isTrue();
    List<StartDifference> sma = report.columns().get(0).starts();
    List<StartDifference> ema = report.columns().get(1).starts();
    assertThat(sma).extracting(StartDifference::barsBefore).containsExactly(10, 20, 40);
    assertThat(sma).allMatch(start -> start.difference() < 1e-12);
    assertThat(ema.get(0).difference()).isPositive();
    assertThat(ema.get(1).difference()).isPositive().isLessThan(ema.get(0).difference());
    // The start's weight after 40 bars is (9/11)^40, a third of a per mille.
    assertThat(ema.get(2).difference()).isCloseTo(0, within(1e-3));
    assertThat(report.columns().get(2).name()).isEqualTo("enter_long");
    assertThat(report.columns().get(2).kind()).isEqualTo(Kind.RULE);
  }

  @Test
  void workIsBounded() {
    List<Integer> few = LookaheadCheck.cuts(2_500, 30, 6, LookaheadCheck.CUTS_DEFAULT);
    assertThat(few).hasSize(72).isSorted().startsWith(31, 32, 33).endsWith(2_498, 2_499);
    assertThat(LookaheadCheck.cuts(10, 7, 1, 1_000)).containsExactly(8, 9);

    int columns = 30;
    List<Integer> many =
        LookaheadCheck.cuts(LookaheadCheck.BARS_MAX, 500, columns, LookaheadCheck.CUTS_MAX);
    assertThat(many.stream().mapToLong(length -> (long) length * columns).sum())
        .isLessThanOrEqualTo(LookaheadCheck.VALUES_MAX)
        .isGreaterThan(LookaheadCheck.VALUES_MAX / 2);
    assertThat(
            LookaheadCheck.cuts(50_000, 46_000, columns, 50).stream()
                .mapToLong(length -> (long) length * columns)
                .sum())
        .as("a warm-up of nearly all bars")
        .isLessThanOrEqualTo(LookaheadCheck.VALUES_MAX);
    assertThat(many).contains(501, LookaheadCheck.BARS_MAX - 1);
  }

  @Test
  void dataThatNothingCanBeCutOffIsRefused() {
    BarSeries short_ = WALK.slice(0, 11);
    ColumnSource source = bars -> List.of(honest(bars));

    assertThat(LookaheadCheck.run(source, 9, short_, 5).cuts()).isEqualTo(1);
    assertThatExceptionOfType(MarketDataException.class)
        .isThrownBy(() -> LookaheadCheck.run(source, 10, short_, 5))
        .withMessageContaining("11 bars")
        .withMessageContaining("need 12")
        .extracting(MarketDataException::code)
        .isEqualTo("RANGE_TOO_SHORT");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LookaheadCheck.run(source, 0, WALK, LookaheadCheck.CUTS_MAX + 1));
  }

  private static Difference difference(ColumnSource source) {
    return requireNonNull(LookaheadCheck.run(source, 0, WALK, 0).columns().getFirst().difference());
  }

  private static NamedColumn honest(BarSeries bars) {
    return planted(bars, i -> bars.close()[i]);
  }

  private static NamedColumn planted(BarSeries bars, IntToDoubleFunction value) {
    return new NamedColumn(
        "planted", Kind.INDICATOR, IntStream.range(0, bars.size()).mapToDouble(value).toArray());
  }

  private static int last(BarSeries bars, int bar) {
    return Math.min(bar, bars.size() - 1);
  }
}
