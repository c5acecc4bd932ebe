package io.ktrdr.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import io.ktrdr.market.BarSeries;
import io.ktrdr.strategy.indicator.IndicatorCache;
import io.ktrdr.strategy.indicator.IndicatorCatalogue;
import io.ktrdr.strategy.indicator.IndicatorParameters;
import io.ktrdr.strategy.indicator.IndicatorSpec;
import io.ktrdr.strategy.indicator.IndicatorType;
import io.ktrdr.strategy.indicator.SampleBars;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConditionColumnsTest {

  private static final Operand CLOSE = Operand.Price.CLOSE;
  private static final Operand TWO = new Operand.Constant(2);

  @Test
  void crossingIsAtTheBarThatIsBeyondAfterOneThatWasBefore() {
    assertThat(held(crosses(true), 1, 3, 3, 1, 3)).isEqualTo(".X..X");
    assertThat(held(crosses(false), 3, 1, 1, 3, 1)).isEqualTo(".X..X");
  }

  @Test
  void tieIsNoSideAndTheCrossingComesWhenItIsLeft() {
    assertThat(held(crosses(true), 1, 2, 2, 3)).as("up to it, rest, on").isEqualTo("...X");
    assertThat(held(crosses(true), 1, 2, 1)).as("touch and turn back").isEqualTo("...");
    assertThat(held(crosses(true), 3, 2, 3)).as("down to it and back up").isEqualTo("...");
    assertThat(held(crosses(true), 2, 3)).as("from a tie at the start").isEqualTo("..");
  }

  /** Bars are judged many at a time: sides and ties must pass from one lot to the next. */
  @ParameterizedTest
  @ValueSource(doubles = {0, 0.02, 0.5, 0.97, 1})
  void longSeriesAreJudgedAsBarAfterBar(double ties) {
    Random random = new Random(11);
    for (int size : new int[] {1, 63, 64, 65, 128, 1_000}) {
      double[] closes = new double[size];
      for (int i = 0; i < size; i++) {
        closes[i] = random.nextDouble() < ties ? 2 : random.nextBoolean() ? 1 : 3;
      }
      assertThat(held(crosses(true), closes)).isEqualTo(crossings(closes, 1, 3));
      assertThat(held(crosses(false), closes)).isEqualTo(crossings(closes, 3, 1));
    }
  }

  private static String crossings(double[] closes, double before, double beyond) {
    StringBuilder text = new StringBuilder();
    double side = 2;
    for (double close : closes) {
      text.append(close == beyond && side == before ? 'X' : '.');
      side = close == 2 ? side : close;
    }
    return text.toString();
  }

  @Test
  void comparisonsAreStrict() {
    assertThat(held(new Condition.Greater(CLOSE, TWO), 1, 2, 3)).isEqualTo("..X");
    assertThat(held(new Condition.Greater(TWO, CLOSE), 1, 2, 3)).isEqualTo("X..");
  }

  @Test
  void conditionsAreJoined() {
    Condition above = new Condition.Greater(CLOSE, TWO);
    Condition below = new Condition.Greater(new Operand.Constant(4), CLOSE);

    assertThat(held(new Condition.All(List.of(above, below)), 1, 3, 5)).isEqualTo(".X.");
    assertThat(held(new Condition.Any(List.of(above, below)), 1, 3, 5)).isEqualTo("XXX");
    assertThat(held(new Condition.Not(above), 1, 3, 5)).isEqualTo("X..");
    assertThat(held(new Condition.ForBars(3, above), 3, 3, 3, 3, 1, 3, 3, 3)).isEqualTo("..XX...X");
  }

  @Test
  void nothingHoldsWhileAnIndicatorWarmsUp() {
    IndicatorType sma = IndicatorCatalogue.find("sma").orElseThrow();
    IndicatorSpec three =
        new IndicatorSpec(
            "three", sma, new IndicatorParameters(Map.of("period", 3, "source", "close")));
    Operand average = new Operand.IndicatorOutput(three, sma.outputs().getFirst());

    Condition not = new Condition.Not(new Condition.Greater(average, new Operand.Constant(99)));
    assertThat(not.warmupBars()).isEqualTo(2);
    assertThat(held(not, 1, 1, 1, 1)).isEqualTo("..XX");
    assertThat(new Condition.Crosses(average, CLOSE, true).warmupBars()).isEqualTo(3);
    assertThat(new Condition.ForBars(4, not).warmupBars()).isEqualTo(5);
  }

  @Test
  void laterBarsChangeNoEarlierAnswer() {
    RulesStrategy strategy =
        StrategyParser.parseRules(
            """
            name: many
            indicators:
              fast: {type: ema, period: 5}
              slow: {type: sma, period: 20}
              rsi: {type: rsi, period: 14}
              adx: {type: adx, period: 7}
            decisions:
              kind: rules
              enter_long: {all: [{crosses_above: [fast, slow]}, {less: [rsi, 70]}]}
              exit_long: {any: [{crosses_below: [fast, slow]}, {greater: [rsi, 80]}]}
              enter_short: {for_bars: {bars: 3, condition: {greater: [adx.minus_di, adx.plus_di]}}}
              exit_short: {not: {less: [close, slow]}}
            """);
    BarSeries bars = SampleBars.walk(400, 3);
    RuleColumns whole = new RuleColumns(strategy.rules(), bars);

    for (int cut = 30; cut < bars.size(); cut += 37) {
      RuleColumns part = new RuleColumns(strategy.rules(), bars.slice(0, cut));

      assertThat(part.enterLong()).isEqualTo(whole.enterLong().get(0, cut));
      assertThat(part.exitLong()).isEqualTo(whole.exitLong().get(0, cut));
      assertThat(part.enterShort()).isEqualTo(whole.enterShort().get(0, cut));
      assertThat(part.exitShort()).isEqualTo(whole.exitShort().get(0, cut));
    }
    assertThat(whole.enterLong().isEmpty()).isFalse();
    assertThat(whole.enterShort().isEmpty()).isFalse();
  }

  private static Condition crosses(boolean up) {
    return new Condition.Crosses(CLOSE, TWO, up);
  }

  private static String held(Condition condition, double... closes) {
    StringBuilder text = new StringBuilder();
    ConditionColumns columns =
        new ConditionColumns(SampleBars.closes(closes), new IndicatorCache(), () -> {});
    BitSet held = columns.judge(condition);
    for (int bar = 0; bar < closes.length; bar++) {
      text.append(held.get(bar) ? 'X' : '.');
    }
    return text.toString();
  }
}
