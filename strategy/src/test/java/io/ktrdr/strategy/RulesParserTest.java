package io.ktrdr.strategy;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ktrdr.protocol.Execution;
import io.ktrdr.protocol.Execution.Fill;
import io.ktrdr.protocol.Sizing;
import java.util.List;
import org.junit.jupiter.api.Test;

class RulesParserTest {

  private static final String CROSS =
      """
      name: sma_cross
      version: "3.0"
      indicators:
        fast: {type: sma, period: 10}
        slow: {type: sma, period: 30, source: close}
      decisions:
        kind: rules
        enter_long:  {crosses_above: [fast, slow]}
        exit_long:   {crosses_below: [fast, slow]}
        enter_short: {all: [{crosses_below: [fast, slow]}, {less: [close, 1.2]}]}
        exit_short:  {crosses_above: [fast, slow]}
        stops: {stop_loss_pct: 5, take_profit_pct: 10, trailing_pct: 3, max_bars: 50}
      execution: {fill: next_open, commission_rate: 0.001, commission_fixed: 0, slippage_rate: 0.0005, spread: 0, allow_flip: true}
      sizing: {kind: equity_fraction, value: 1.0, whole_units: true}
      """;

  @Test
  void readsEveryKeyOfAStrategyOfRules() {
    RulesStrategy strategy = StrategyParser.parseRules(CROSS);

    Operand fast =
        new Operand.IndicatorOutput(requireNonNull(strategy.indicators().get("fast")), "value");
    Operand slow =
        new Operand.IndicatorOutput(requireNonNull(strategy.indicators().get("slow")), "value");
    Condition up = new Condition.Crosses(fast, slow, true);
    Condition down = new Condition.Crosses(fast, slow, false);
    assertThat(strategy.name()).isEqualTo("sma_cross");
    assertThat(strategy.rules())
        .isEqualTo(
            new Rules(
                up,
                down,
                new Condition.All(
                    List.of(
                        down,
                        new Condition.Greater(new Operand.Constant(1.2), Operand.Price.CLOSE))),
                up,
                new Stops(0.05, 0.1, 0.03, 50)));
    assertThat(strategy.rules().warmupBars()).isEqualTo(30);
    assertThat(strategy.execution()).isEqualTo(Execution.DEFAULT);
    assertThat(strategy.sizing()).isEqualTo(Sizing.DEFAULT);
    assertThat(strategy.warnings()).isEmpty();
  }

  @Test
  void whatIsLeftOutHasItsDefault() {
    RulesStrategy strategy =
        StrategyParser.parseRules(
            """
            name: short_only
            indicators: {r: {type: rsi}}
            decisions: {kind: rules, enter_short: {greater: [r, 70]}}
            execution: {fill: same_close, spread: 0.0002}
            sizing: {kind: fixed_cash, value: 5000, whole_units: false}
            """);

    assertThat(strategy.rules().enterLong()).isNull();
    assertThat(strategy.rules().stops()).isEqualTo(Stops.NONE);
    assertThat(strategy.execution())
        .isEqualTo(new Execution(Fill.SAME_CLOSE, 0.001, 0, 0, 0, 0.0005, 0, 0.0002, 0, true));
    assertThat(strategy.sizing()).isEqualTo(new Sizing(Sizing.Kind.FIXED_CASH, 5000, false));
  }

  @Test
  void shippedStrategiesOfRulesHaveNoWarning() {
    assertThat(StrategyParser.parse(Samples.shippedYaml("sma_cross")).warnings()).isEmpty();
  }

  @Test
  void misspeltNamesAreRefusedWithTheNearest() {
    assertRefused(
        "fast, slow]}\n  exit_long", "fsat, slow]}\n  exit_long", "REFERENCE_UNKNOWN", "fast");
    assertRefused(
        "enter_long:  {crosses_above", "enter_long: {cross_above", "KEY_UNKNOWN", "crosses_above");
    assertRefused("enter_short:", "enter_shrt:", "KEY_UNKNOWN", "enter_short");
    assertRefused("stop_loss_pct", "stop_los_pct", "KEY_UNKNOWN", "stop_loss_pct");
    assertRefused("commission_rate", "comission_rate", "KEY_UNKNOWN", "commission_rate");
    assertRefused("kind: rules", "kind: rule", "VALUE_INVALID", "rules");
    assertRefused("{less: [close", "{less: [closee", "REFERENCE_UNKNOWN", "close");
    assertRefused("{less: [close", "{less: [fast.upper", "REFERENCE_UNKNOWN", "single output");
  }

  @Test
  void valuesThatCannotBeAreRefused() {
    assertRefused("stop_loss_pct: 5", "stop_loss_pct: 0", "PARAM_RANGE", "above 0");
    assertRefused("max_bars: 50", "max_bars: 0", "PARAM_RANGE", "whole number");
    assertRefused("slippage_rate: 0.0005", "slippage_rate: 1", "PARAM_RANGE", "slippage_rate");
    assertRefused("value: 1.0", "value: 1.5", "PARAM_RANGE", "up to 1");
    assertRefused("fill: next_open", "fill: tomorrow", "VALUE_INVALID", "next_open");
    assertRefused("[close, 1.2]", "[1.1, 1.2]", "VALUE_INVALID", "never change");
    assertRefused("[close, 1.2]", "[close]", "VALUE_INVALID", "two values");
    assertRefused(
        "{less: [close, 1.2]}",
        "{less: [close, 1.2], greater: [close, 1]}",
        "VALUE_INVALID",
        "one key");
    assertRefused(
        "  fast: {type: sma, period: 10}",
        "  fast: {type: sma, period: 10}\n  open: {type: rsi}",
        "NAME_INVALID",
        "is a price");
  }

  @Test
  void whatReadersOfYamlTakeForDifferentNumbersIsRefusedWithHowToWriteIt() {
    assertRefused("[close, 1.2]", "[close, .nan]", "VALUE_INVALID", "NaN are no numbers here");
    assertRefused("[close, 1.2]", "[close, -.inf]", "VALUE_INVALID", "'-.inf'; infinity");
    assertRefused("[close, 1.2]", "[close, 1e999]", "VALUE_INVALID", "larger than any number");
    assertRefused("[close, 1.2]", "[close, '1.2']", "VALUE_INVALID", "without quotes");
    assertRefused("[close, 1.2]", "[close, 0x10]", "VALUE_INVALID", "in decimal digits");
    assertRefused("[close, 1.2]", "[close, 1_000.5]", "VALUE_INVALID", "without underscores");
    assertRefused("period: 10", "period: 010", "PARAM_RANGE", "octal");
    assertRefused("period: 10", "period: 010", "PARAM_RANGE", "so write 10");
    assertRefused("period: 10", "period: 0x10", "PARAM_RANGE", "in decimal digits");
    assertRefused("period: 10", "period: 1:30", "PARAM_RANGE", "in decimal digits");
    assertRefused("period: 10", "period: 1_0", "PARAM_RANGE", "without underscores");
    assertRefused("period: 10", "period: 1e1", "PARAM_RANGE", "is '1e1'; write 10");
    assertRefused("period: 10", "period: 10.0", "PARAM_RANGE", "is '10.0'; write 10");
    assertRefused("period: 10", "period: .inf", "PARAM_RANGE", "NaN are no numbers here");
    assertRefused("slippage_rate: 0.0005", "slippage_rate: 00.0005", "PARAM_RANGE", "write 0.0005");
    assertRefused("allow_flip: true", "allow_flip: 'true'", "VALUE_INVALID", "without quotes");
    assertRefused("allow_flip: true", "allow_flip: y", "VALUE_INVALID", "true or false");
  }

  @Test
  void numbersOfEveryDecimalFormAndFlagsOfYamlAreRead() {
    RulesStrategy strategy =
        StrategyParser.parseRules(
            CROSS
                .replace("slippage_rate: 0.0005", "slippage_rate: 5e-4")
                .replace("[close, 1.2]", "[close, +1.2]")
                .replace("allow_flip: true", "allow_flip: No")
                .replace("whole_units: true", "whole_units: on"));

    assertThat(strategy.execution().slippageRate()).isEqualTo(0.0005);
    assertThat(strategy.execution().allowFlip()).isFalse();
    assertThat(strategy.sizing().wholeUnits()).isTrue();
    assertThat(String.valueOf(strategy.rules().enterShort())).contains("1.2");
  }

  @Test
  void anIndicatorMayBeCalledLikeWhatIsNoNumber() {
    RulesStrategy strategy =
        StrategyParser.parseRules(
            """
            name: odd_names
            indicators: {inf: {type: rsi}, nan: {type: rsi}}
            decisions: {kind: rules, enter_long: {greater: [inf, nan]}}
            """);

    assertThat(strategy.warnings()).isEmpty();
  }

  @Test
  void whatOnlyANetworkNeedsIsRefused() {
    assertThatThrownBy(() -> StrategyParser.parse(CROSS + "model: {type: mlp}\n"))
        .isInstanceOfSatisfying(
            StrategyInvalidException.class, e -> assertThat(e.code()).isEqualTo("KEY_UNKNOWN"));
  }

  @Test
  void eachKindIsRefusedWhereTheOtherIsNeeded() {
    assertThatThrownBy(() -> StrategyParser.parseNeuroFuzzy(CROSS))
        .isInstanceOfSatisfying(
            StrategyInvalidException.class,
            e -> assertThat(e.code()).isEqualTo("DECISIONS_UNSUPPORTED"))
        .hasMessageContaining("no model to train");
    assertThatThrownBy(() -> StrategyParser.parseRules(Samples.MINIMAL))
        .hasMessageContaining("needs a model");
  }

  @Test
  void rulesThatDoNotSayTheyAreAreToldToAndNothingElse() {
    assertThatThrownBy(() -> StrategyParser.parse(CROSS.replace("  kind: rules\n", "")))
        .isInstanceOfSatisfying(
            StrategyInvalidException.class, e -> assertThat(e.problems()).hasSize(1))
        .hasMessageContaining("'kind' is missing; write e.g. kind: rules");
  }

  @Test
  void withoutAnEntryThereIsNothingToDo() {
    assertThatThrownBy(() ->
            StrategyParser.parse("name: x\nindicators: {r: {type: rsi}}\ndecisions: {kind: rules}"))
        .hasMessageContaining("enter_long");
  }

  @Test
  void idleKeysAreWarnedOf() {
    RulesStrategy strategy =
        StrategyParser.parseRules(
            """
            name: idle
            indicators: {r: {type: rsi}, unused: {type: sma}}
            decisions: {kind: rules, enter_long: {less: [r, 30]}, exit_short: {less: [r, 20]}}
            """);

    assertThat(strategy.warnings())
        .containsExactly(
            "decisions.exit_short: has no effect without enter_short",
            "indicators.unused: no condition uses it");
  }

  private static void assertRefused(String from, String to, String code, String words) {
    assertThat(CROSS).contains(from);
    assertThatThrownBy(() -> StrategyParser.parse(CROSS.replace(from, to)))
        .isInstanceOfSatisfying(
            StrategyInvalidException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.problems().getFirst().line()).isPositive();
            })
        .hasMessageContaining(words);
  }
}
