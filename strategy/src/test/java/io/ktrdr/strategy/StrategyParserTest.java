package io.ktrdr.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.ktrdr.protocol.Execution;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.protocol.Sizing;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.strategy.TrainingSettings.EarlyStopping;
import io.ktrdr.strategy.TrainingSettings.Monitor;
import io.ktrdr.strategy.TrainingSettings.Optimizer;
import io.ktrdr.strategy.TrainingSettings.Split;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StrategyParserTest {

  @Test
  void readsTheShippedStrategyWithoutAWarning() {
    String yaml = Samples.shippedYaml();

    NeuroFuzzyStrategy strategy = StrategyParser.parseNeuroFuzzy(yaml);

    assertThat(strategy.warnings()).isEmpty();
    assertThat(strategy.name()).isEqualTo("neuro_mean_reversion");
    assertThat(strategy.textSha256()).isEqualTo(Sha256.of(yaml.getBytes(StandardCharsets.UTF_8)));
    assertThat(strategy.trainingData())
        .isEqualTo(new TrainingData(List.of("EURUSD"), List.of(Timeframe.D1), Timeframe.D1, 200));
    assertThat(strategy.indicators().keySet())
        .containsExactly("rsi_14", "percent_b_20", "macd_12_26_9", "volatility_14");
    assertThat(strategy.model())
        .isEqualTo(new ModelSpec.Mlp(List.of(32, 16), Activation.RELU, 0.1));
    assertThat(strategy.decisions()).isEqualTo(new Decisions(0.4, true, 0, true, Stops.NONE));
    assertThat(strategy.training())
        .isEqualTo(
            new TrainingSettings(
                80,
                32,
                0.001,
                Optimizer.ADAM,
                0.0001,
                1.0,
                new EarlyStopping(20, 0.0001, Monitor.VAL_LOSS),
                new LearningRateSchedule.Constant(),
                new LossSettings.Focal(0),
                new LabelSettings.Zigzag(0.01, 10),
                new Split(0.7, 0.15, 0.15, 0),
                42));
  }

  @Test
  void modelsSayTheirExecutionSizingAndStopsAsRulesDo() {
    NeuroFuzzyStrategy strategy =
        StrategyParser.parseNeuroFuzzy(
            Samples.MINIMAL
                + """
                decisions: {stops: {stop_loss_pct: 5, trailing_pct: 3, max_bars: 50}}
                execution: {fill: same_close, commission_rate: 0, spread: 0.0002}
                sizing: {kind: fixed_units, value: 1000}
                """);

    assertThat(strategy.decisions().stops())
        .isEqualTo(new Stops(0.05, Double.POSITIVE_INFINITY, 0.03, 50));
    assertThat(strategy.execution())
        .isEqualTo(
            new Execution(Execution.Fill.SAME_CLOSE, 0, 0, 0, 0, 0.0005, 0, 0.0002, 0, true));
    assertThat(strategy.sizing()).isEqualTo(new Sizing(Sizing.Kind.FIXED_UNITS, 1000, true));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "execution: {comission_rate: 0.1} | KEY_UNKNOWN | execution.comission_rate",
        "execution: {slippage_rate: 1} | PARAM_RANGE | execution.slippage_rate",
        "execution: {commission_rate: -0.1} | PARAM_RANGE | execution.commission_rate",
        "sizing: {kind: fixed_cash} | KEY_MISSING | sizing.value",
        "sizing: {value: 1.5} | PARAM_RANGE | sizing.value",
        "decisions: {stops: {stop_loss_pct: 0}} | PARAM_RANGE | decisions.stops.stop_loss_pct",
        "decisions: {stops: {stop_los_pct: 1}} | KEY_UNKNOWN | decisions.stops.stop_los_pct",
      })
  void whatIsWrongWithThemIsSaid(String line, String code, String path) {
    StrategyInvalidException refused =
        catchThrowableOfType(
            StrategyInvalidException.class,
            () -> StrategyParser.parse(Samples.MINIMAL + line + "\n"));

    assertThat(refused.problems()).extracting(Problem::code).containsExactly(code);
    assertThat(refused.problems()).extracting(Problem::path).containsExactly(path);
    assertThat(refused.problems()).extracting(Problem::line).containsExactly(16);
  }

  @Test
  void fillsInDefaults() {
    NeuroFuzzyStrategy strategy = StrategyParser.parseNeuroFuzzy(Samples.MINIMAL);

    assertThat(strategy.execution()).isEqualTo(Execution.DEFAULT);
    assertThat(strategy.sizing()).isEqualTo(new Sizing(Sizing.Kind.EQUITY_FRACTION, 0.95, true));
    assertThat(strategy.version()).isEqualTo("3.0");
    assertThat(strategy.model())
        .isEqualTo(new ModelSpec.Mlp(List.of(64, 32), Activation.RELU, 0.2));
    assertThat(strategy.decisions()).isEqualTo(new Decisions(0.5, true, 0, false, Stops.NONE));
    assertThat(strategy.training())
        .isEqualTo(
            new TrainingSettings(
                100,
                32,
                0.001,
                Optimizer.ADAM,
                1e-4,
                1.0,
                null,
                new LearningRateSchedule.Constant(),
                new LossSettings.Focal(0),
                new LabelSettings.Zigzag(0.02, 10),
                new Split(0.7, 0.15, 0.15, 0),
                42));
    assertThat(strategy.indicator("rsi_14").parameters().values())
        .containsEntry("period", 14)
        .containsEntry("source", "close");
    assertThat(strategy.fuzzySet("rsi").memberships())
        .containsEntry("low", new Membership.Triangular(0, 20, 40))
        .containsEntry("high", new Membership.Trapezoidal(60, 80, 100, 100));
    assertThat(strategy.nnInputs().getFirst().allTimeframes()).isTrue();
  }

  @Test
  void baseTimeframeIsTheShortestUnlessItIsNamed() {
    String yaml = Samples.MINIMAL.replace("{mode: single, timeframe: 1d}", "{list: [1d, 1h, 4h]}");
    NeuroFuzzyStrategy strategy = StrategyParser.parseNeuroFuzzy(yaml);
    assertThat(strategy.warnings()).isEmpty();
    assertThat(strategy.trainingData().timeframes())
        .containsExactly(Timeframe.D1, Timeframe.H1, Timeframe.H4);
    assertThat(strategy.trainingData().baseTimeframe()).isEqualTo(Timeframe.H1);

    NeuroFuzzyStrategy named =
        StrategyParser.parseNeuroFuzzy(yaml.replace("4h]", "4h], base_timeframe: 4h"));
    assertThat(named.trainingData().baseTimeframe()).isEqualTo(Timeframe.H4);
    assertThat(named.warnings())
        .singleElement()
        .asString()
        .contains("training_data.timeframes.base_timeframe", "1h bars cannot be made of 4h bars");
  }

  @Test
  void oneFuzzySetMayBeAnInputTwiceOnOtherTimeframes() {
    String yaml =
        Samples.MINIMAL
            .replace("{mode: single, timeframe: 1d}", "{list: [1h, 4h]}")
            .replace(
                "- fuzzy_set: rsi",
                "- {fuzzy_set: rsi, timeframes: [4h]}\n  - {fuzzy_set: rsi, timeframes: [1h]}");

    assertThat(StrategyParser.parseNeuroFuzzy(yaml).nnInputs())
        .containsExactly(
            new NnInput.Words("rsi", List.of(Timeframe.H4)),
            new NnInput.Words("rsi", List.of(Timeframe.H1)));
    for (String same : List.of("[1h]", "[1h, 4h]", "all")) {
      assertThat(problemsOf(yaml.replace("[4h]}", same + "}")))
          .extracting(Problem::code)
          .containsExactly("REFERENCE_DUPLICATE");
    }
  }

  @Test
  void readsTheShapeOfAnLstmAndItsDefaults() {
    String given =
        """
        type: lstm
          architecture: {hidden_size: 8, num_layers: 1, sequence_length: 30, dropout: 0}
        """;

    assertThat(StrategyParser.parseNeuroFuzzy(Samples.MINIMAL.replace("type: mlp", given)).model())
        .isEqualTo(new ModelSpec.Recurrent(RecurrentType.LSTM, 8, 1, 30, 0));
    assertThat(
            StrategyParser.parseNeuroFuzzy(Samples.MINIMAL.replace("type: mlp", "type: LSTM"))
                .model())
        .isEqualTo(new ModelSpec.Recurrent(RecurrentType.LSTM, 64, 2, 20, 0.2));
  }

  @Test
  void aGruHasTheShapeOfAnLstm() {
    String given =
        """
        type: gru
          architecture: {hidden_size: 8, num_layers: 1, sequence_length: 30, dropout: 0}
        """;

    assertThat(StrategyParser.parseNeuroFuzzy(Samples.MINIMAL.replace("type: mlp", given)).model())
        .isEqualTo(new ModelSpec.Recurrent(RecurrentType.GRU, 8, 1, 30, 0));
    assertThat(
            StrategyParser.parseNeuroFuzzy(Samples.MINIMAL.replace("type: mlp", "type: gru"))
                .model())
        .isEqualTo(new ModelSpec.Recurrent(RecurrentType.GRU, 64, 2, 20, 0.2));
  }

  @Test
  void whatTrainingSaysWinsOverModelTraining() {
    NeuroFuzzyStrategy strategy =
        StrategyParser.parseNeuroFuzzy(
            Samples.MINIMAL.replace(
                "  type: mlp\n",
                """
                  type: mlp
                  training: {epochs: 7, batch_size: 8, optimizer: sgd}
                training: {epochs: 9}
                """));

    assertThat(strategy.training().epochs()).isEqualTo(9);
    assertThat(strategy.training().batchSize()).isEqualTo(8);
    assertThat(strategy.training().optimizer()).isEqualTo(Optimizer.SGD);
  }

  @Test
  void acceptsInformationalKeysAndSaysTheyHaveNoEffect() {
    NeuroFuzzyStrategy strategy =
        StrategyParser.parseNeuroFuzzy(
            Samples.MINIMAL
                + """
                hypothesis: it comes back
                scope: universal
                deployment: {target_symbols: {mode: training_only}}
                decisions: {filters: {volume_filter: false}}
                """);

    assertThat(strategy.warnings())
        .containsExactly(
            "scope: has no effect",
            "deployment: has no effect",
            "decisions.filters.volume_filter: has no effect");
  }

  @Test
  void warnsOfWhatNothingUses() {
    NeuroFuzzyStrategy strategy =
        StrategyParser.parseNeuroFuzzy(
            Samples.MINIMAL.replace("indicators:\n", "indicators:\n  atr_14: {type: atr}\n"));

    assertThat(strategy.warnings())
        .containsExactly("indicators.atr_14: no fuzzy set and no input uses it");
  }

  @Test
  void rawInputsAreReadWithTheirNormalizationAndNeedNoFuzzySet() {
    String yaml =
        Samples.MINIMAL
            .replaceFirst("(?s)fuzzy_sets:.*nn_inputs:", "nn_inputs:")
            .replace("rsi_14: {type: rsi, period: 14}", "macd: {type: macd}")
            .replace(
                "- fuzzy_set: rsi",
                """
                - raw_indicator: macd
                  - {raw_indicator: macd.histogram, normalization: zscore, timeframes: [1d]}\
                """);

    NeuroFuzzyStrategy strategy = StrategyParser.parseNeuroFuzzy(yaml);

    assertThat(strategy.warnings()).isEmpty();
    assertThat(strategy.nnInputs())
        .containsExactly(
            new NnInput.Raw("macd", "macd", "line", Normalization.NONE, List.of()),
            new NnInput.Raw(
                "macd.histogram",
                "macd",
                "histogram",
                Normalization.ZSCORE,
                List.of(Timeframe.D1)));
    assertThat(strategy.warmupBars()).isEqualTo(strategy.indicator("macd").warmupBars());
    assertThat(new FeatureBuilder(strategy, Timeframe.D1).names())
        .containsExactly("1d_macd_raw", "1d_macd.histogram_raw");
    assertThat(problemsOf(yaml.replace("macd.histogram", "macd.line")))
        .extracting(Problem::code)
        .containsExactly("REFERENCE_DUPLICATE");
  }

  @Test
  void aWordNamedRawMustNotReadLikeARawInput() {
    String yaml =
        Samples.MINIMAL
            .replace("rsi_14", "rsi")
            .replace("low: [", "raw: [")
            .replace("- fuzzy_set: rsi", "- fuzzy_set: rsi\n  - raw_indicator: rsi");

    assertThat(problemsOf(yaml))
        .singleElement()
        .satisfies(problem -> {
          assertThat(problem.code()).isEqualTo("REFERENCE_DUPLICATE");
          assertThat(problem.path()).isEqualTo("nn_inputs[1]");
        });
  }

  @Test
  void readsOutputsOfIndicatorsThatHaveSeveral() {
    String yaml =
        Samples.MINIMAL
            .replace("{type: rsi, period: 14}", "{type: macd}")
            .replace("indicator: rsi_14", "indicator: rsi_14.histogram");

    assertThat(StrategyParser.parseNeuroFuzzy(yaml).fuzzySet("rsi").output())
        .isEqualTo("histogram");
    assertThat(
            StrategyParser.parseNeuroFuzzy(yaml.replace(".histogram", "")).fuzzySet("rsi").output())
        .isEqualTo("line");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "name: minimal|nam: minimal|1|nam|KEY_UNKNOWN|did you mean 'name'?",
        "name: minimal|name: a b|1|name|NAME_INVALID|letters, digits",
        "name: minimal|name: minimal\\nversion: 2.0|2|version|VERSION_UNSUPPORTED|'3.0'",
        "type: rsi,|type: rssi,|6|indicators.rsi_14.type|INDICATOR_UNKNOWN|did you mean 'rsi'",
        "type: rsi, ||6|indicators.rsi_14.type|KEY_MISSING|type: rsi",
        "period: 14|perod: 14|6|indicators.rsi_14.perod|PARAM_UNKNOWN|did you mean 'period'?",
        "period: 14|period: 1|6|indicators.rsi_14.period|PARAM_RANGE|from 2 to 100, is '1'",
        "period: 14|period: 14.5|6|indicators.rsi_14.period|PARAM_RANGE|is '14.5'",
        "period: 14|period: '14'|6|indicators.rsi_14.period|PARAM_RANGE|a whole number",
        "period: 14|source: closed|6|indicators.rsi_14.source|VALUE_INVALID|did you mean 'close'",
        "indicator: rsi_14|indicator: rsi_15|9|fuzzy_sets.rsi.indicator|REFERENCE_UNKNOWN|'rsi_14'",
        "indicator: rsi_14|indicator: rsi_14.x|9|fuzzy_sets.rsi.indicator|REFERENCE_UNKNOWN|single",
        "[0, 20, 40]|[0, 50, 40]|10|fuzzy_sets.rsi.low|FUZZY_PARAMS|must not fall",
        "[0, 20, 40]|[1, 1, 1]|10|fuzzy_sets.rsi.low|FUZZY_PARAMS|no width",
        "[0, 20, 40]|[0, 20]|10|fuzzy_sets.rsi.low|FUZZY_PARAMS|takes 3 numbers, got 2",
        "[0, 20, 40]|[0, .nan, 40]|10|fuzzy_sets.rsi.low|FUZZY_PARAMS|must be numbers",
        "trapezoidal|trapez|11|fuzzy_sets.rsi.high.type|VALUE_INVALID|trapezoidal",
        "fuzzy_set: rsi|fuzzy_set: rs|13|nn_inputs[0].fuzzy_set|REFERENCE_UNKNOWN|did you mean"
            + " 'rsi'",
        "fuzzy_set: rsi|raw_indicator:"
            + " rsi_15|13|nn_inputs[0].raw_indicator|REFERENCE_UNKNOWN|'rsi_14'",
        "fuzzy_set: rsi|raw_indicator:"
            + " rsi_14.x|13|nn_inputs[0].raw_indicator|REFERENCE_UNKNOWN|single",
        "fuzzy_set: rsi|{raw_indicator: rsi_14, fuzzy_set:"
            + " rsi}|13|nn_inputs[0].raw_indicator|VALUE_INVALID|not both",
        "fuzzy_set: rsi|{raw_indicator: rsi_14, normalization:"
            + " robust}|13|nn_inputs[0].normalization|VALUE_INVALID|zscore",
        "fuzzy_set: rsi|{fuzzy_set: rsi, normalization:"
            + " zscore}|13|nn_inputs[0].normalization|VALUE_INVALID|only valid with raw_indicator",
        "fuzzy_set: rsi|{fuzzy_set: rsi, timeframes:"
            + " [4h]}|13|nn_inputs[0].timeframes[0]|VALUE_INVALID|1d",
        "timeframe: 1d|timeframe: 2d|4|training_data.timeframes.timeframe|VALUE_INVALID|1h, 4h",
        "{mode: single, timeframe: 1d}|{list: [1h, 1h]}|4|training_data.timeframes.list"
            + "|VALUE_INVALID|listed twice",
        "{mode: single, symbol: EURUSD}|{list: [EURUSD, EURUSD]}|3|training_data.symbols.list"
            + "|VALUE_INVALID|listed twice",
        "symbol: EURUSD|symbol: EUR/USD|3|training_data.symbols.symbol|VALUE_INVALID|EURUSD",
        "type: mlp|type: mlq|15|model.type|VALUE_INVALID|did you mean 'mlp'",
        "type: mlp|type: lstm\\n  architecture: {hidden_layers: [8]}|16"
            + "|model.architecture.hidden_layers|KEY_UNKNOWN|hidden_size",
        "type: mlp|type: lstm\\n  architecture: {activation: relu}|16"
            + "|model.architecture.activation|KEY_UNKNOWN|belongs to type: mlp",
        "type: mlp|architecture: {sequence_length: 8}|15"
            + "|model.architecture.sequence_length|KEY_UNKNOWN|belongs to type: lstm",
        "type: mlp|type: lstm\\n  architecture: {hiden_size: 8}|16"
            + "|model.architecture.hiden_size|KEY_UNKNOWN|did you mean 'hidden_size'",
        "type: mlp|type: lstm\\n  architecture: {hidden_size: 0}|16"
            + "|model.architecture.hidden_size|PARAM_RANGE|from 1 to 256",
        "type: mlp|type: lstm\\n  architecture: {num_layers: 5}|16"
            + "|model.architecture.num_layers|PARAM_RANGE|from 1 to 4",
        "type: mlp|type: lstm\\n  architecture: {sequence_length: 1}|16"
            + "|model.architecture.sequence_length|PARAM_RANGE|from 2 to 500",
        "type: mlp|type: gru\\n  architecture: {hidden_layers: [8]}|16"
            + "|model.architecture.hidden_layers|KEY_UNKNOWN|layers of type: gru have hidden_size",
        "type: mlp|type: lstm\\n  architecture: {hidden_size: 256, sequence_length: 500}\\n"
            + "  training: {batch_size: 256}|16"
            + "|model.architecture.sequence_length|PARAM_RANGE|at most 16777216",
        "type: mlp|architecture: {dropout: 1}|15|model.architecture.dropout|PARAM_RANGE|below 1",
        "type: mlp|architecture: {hidden_layers:"
            + " []}|15|model.architecture.hidden_layers|PARAM_RANGE|1 to",
        "type: mlp|training: {learning_rate: 0}|15|model.training.learning_rate|PARAM_RANGE|above"
            + " 0",
        "type: mlp|training: {epochs: 1000000000}|15|model.training.epochs|PARAM_RANGE|10000"
      })
  void refusesAMistakeNamingPathLineAndRemedy(
      String text, String mistake, int line, String path, String code, String remedy) {
    String changed = mistake == null ? "" : mistake.replace("\\n", "\n");
    String yaml = Samples.MINIMAL.replace(text, changed);
    assertThat(yaml).isNotEqualTo(Samples.MINIMAL);

    List<Problem> problems = problemsOf(yaml);

    assertThat(problems)
        .anySatisfy(problem -> {
          assertThat(problem.path()).isEqualTo(path);
          assertThat(problem.line()).isEqualTo(line);
          assertThat(problem.code()).isEqualTo(code);
          assertThat(problem.message()).contains(remedy);
        });
  }

  @Test
  void refusesAChannelOutputThatDoesNotExist() {
    String yaml =
        Samples.MINIMAL
            .replace("{type: rsi, period: 14}", "{type: bbands}")
            .replace("indicator: rsi_14", "indicator: rsi_14.uper");

    assertThat(problemsOf(yaml))
        .singleElement()
        .satisfies(p -> assertThat(p.message()).contains("upper, middle, lower"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{type: macd, fast_period: 26, slow_period: 12}|fast_period|below slow_period",
        "{type: macd, slow_period: 9}|fast_period|it is 12 here",
        "{type: parabolicsar, initial_af: 0.3}|initial_af|above max_af",
        "{type: ema, adjust: true, seed: sma}|seed|must be first",
        "{type: fishertransform, method: ehlers, smoothing: 5}|smoothing|leave it out",
        "{type: rvi, signal_period: 9, signal_smoothing: symmetric}|signal_period|must be 4"
      })
  void refusesParametersThatDoNotFitEachOther(String indicator, String parameter, String why) {
    String yaml = Samples.MINIMAL.replace("{type: rsi, period: 14}", indicator);

    assertThat(problemsOf(yaml))
        .filteredOn(problem -> problem.code().equals("PARAM_RANGE"))
        .singleElement()
        .satisfies(problem -> {
          assertThat(problem.path()).isEqualTo("indicators.rsi_14." + parameter);
          assertThat(problem.line()).isEqualTo(6);
          assertThat(problem.message()).contains(why);
        });
  }

  @Test
  void aValueOutOfRangeIsNotComparedWithOthers() {
    assertThat(
            problemsOf(
                Samples.MINIMAL.replace(
                    "{type: rsi, period: 14}", "{type: macd, fast_period: 0, slow_period: 9}")))
        .extracting(Problem::code)
        .containsOnlyOnce("PARAM_RANGE");
  }

  @Test
  void refusesSharesThatDoNotAddUp() {
    assertThat(
            problemsOf(
                Samples.MINIMAL
                    + "training: {data_split: {train: 0.8, validation: 0.15, test: 0.15}}\n"))
        .extracting(Problem::code)
        .containsExactly("SPLIT_INVALID");
    assertThat(
            problemsOf(
                Samples.MINIMAL + "training: {data_split: {train: 1.0, validation: 0, test: 0}}\n"))
        .extracting(problem -> problem.path() + " " + problem.code())
        .containsExactly(
            "training.data_split.validation SPLIT_INVALID",
            "training.data_split.test SPLIT_INVALID");
    assertThat(
            problemsOf(
                Samples.MINIMAL
                    + "training: {data_split: {train: 0.8, validation: 0.3, test: -0.1}}\n"))
        .extracting(Problem::code)
        .contains("PARAM_RANGE");
  }

  @Test
  void reportsAllProblemsInTheOrderOfTheFile() {
    String yaml =
        Samples.MINIMAL
            .replace("period: 14", "period: 0")
            .replace("[0, 20, 40]", "[9, 5, 1]")
            .replace("fuzzy_set: rsi", "fuzzy_set: none");

    List<Problem> problems = problemsOf(yaml);

    assertThat(problems)
        .extracting(Problem::code)
        .containsExactly("PARAM_RANGE", "FUZZY_PARAMS", "REFERENCE_UNKNOWN");
    assertThatExceptionOfType(StrategyInvalidException.class)
        .isThrownBy(() -> StrategyParser.parseNeuroFuzzy(yaml))
        .withMessageStartingWith(
            "Strategy validation failed:\n  - line 6, indicators.rsi_14.period");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "name: [|line",
        "- a list|mapping",
        "just text|mapping",
        "name: a\\n---\\nname: b|document",
        "name: !!java.util.Date 2020-01-01|tag",
        "name: !mine x|tag",
        "name: a\\nname: b|column 1: 'name' is written twice",
        "? [a, b]\\n: c|plain word",
        "name: *nowhere|undefined alias",
        "na\u0001me: x|not YAML"
      })
  void refusesWhatIsNotPlainYaml(String yaml, String what) {
    List<Problem> problems = problemsOf(yaml.replace("\\n", "\n"));

    assertThat(problems).extracting(Problem::code).contains("YAML_INVALID");
    assertThat(problems.toString()).contains(what);
  }

  /** They would be read as keys of their own: an indicator called {@code <<}. */
  @ParameterizedTest
  @ValueSource(strings = {"<<: *base", "<<: [*base, *base]", "!!merge x: *base"})
  void refusesMergeKeysWithTheirLine(String merge) {
    String yaml =
        "name: merged\nbase: &base {type: rsi, period: 14}\nindicators:\n  rsi_14:\n    "
            + merge
            + "\n    period: 7\n";

    assertThat(problemsOf(yaml))
        .containsExactly(
            new Problem(
                "",
                5,
                "YAML_INVALID",
                "column 5: merge keys (<<) are not read; write the merged keys out"));
    assertThat(problemsOf(yaml.replace(merge, "'<<': *base")).toString())
        .doesNotContain("merge keys");
  }

  @Test
  void refusesAnEmptyText() {
    assertThat(problemsOf("")).extracting(Problem::code).containsExactly("YAML_INVALID");
  }

  @Test
  void refusesBombsQuickly() {
    StringBuilder aliases = new StringBuilder("a: &a [x]\n");
    for (int i = 0; i < 60; i++) {
      aliases.append("b").append(i).append(": *a\n");
    }
    StringBuilder doubling = new StringBuilder("a0: &a0 [x]\n");
    for (int i = 1; i < 25; i++) {
      doubling.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
    }
    String deep = "a: " + "[".repeat(5_000) + "]".repeat(5_000);
    String recursive = Samples.MINIMAL + "training: &t {early_stopping: *t}\n";
    String large = "# " + "x".repeat(YamlText.BYTES_MAX);

    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          assertThat(problemsOf(aliases.toString()).getFirst().message()).contains("50 aliases");
          assertThat(problemsOf(doubling.toString())).isNotEmpty();
          assertThat(problemsOf(deep).getFirst().code()).isEqualTo("YAML_INVALID");
          assertThat(problemsOf(recursive)).isNotEmpty();
          assertThat(problemsOf(large).getFirst().code()).isEqualTo("STRATEGY_TOO_LARGE");
        });
  }

  @Test
  void reportsABoundedNumberOfProblems() {
    StringBuilder yaml = new StringBuilder(Samples.MINIMAL);
    for (int i = 0; i < 1_000; i++) {
      yaml.append("unknown").append(i).append(": 1\n");
    }

    assertThat(problemsOf(yaml.toString())).hasSize(Problems.PROBLEMS_MAX);
  }

  private static List<Problem> problemsOf(String yaml) {
    StrategyInvalidException refused =
        catchThrowableOfType(
            StrategyInvalidException.class, () -> StrategyParser.parseNeuroFuzzy(yaml));
    assertThat(refused).as("accepted:%n%s", yaml).isNotNull();
    return refused.problems();
  }
}
