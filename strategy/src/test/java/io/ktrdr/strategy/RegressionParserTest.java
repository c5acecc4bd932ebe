package io.ktrdr.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import io.ktrdr.protocol.Timeframe;
import io.ktrdr.strategy.LabelSettings.TripleBarrier;
import io.ktrdr.strategy.LabelSettings.TripleBarrier.Volatility;
import io.ktrdr.strategy.TrainingSettings.EarlyStopping;
import io.ktrdr.strategy.TrainingSettings.Monitor;
import io.ktrdr.strategy.indicator.SampleBars;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Predicted returns, further labels, and every key of {@code training}. */
class RegressionParserTest {

  private static final String REGRESSION =
      Samples.MINIMAL
          + """
          decisions:
            output_format: regression
            cost_model: {round_trip_cost: 0.002, min_edge_multiplier: 2}
          training:
            labels: {source: forward_return, horizon: 5}
          """;

  @Test
  void regressionHasItsOwnDefaults() {
    NeuroFuzzyStrategy strategy = StrategyParser.parseNeuroFuzzy(REGRESSION);

    assertThat(strategy.warnings()).isEmpty();
    assertThat(strategy.decisions().costModel()).isEqualTo(new CostModel(0.002, 2));
    assertThat(strategy.decisions().allowShortFromFlat()).isTrue();
    assertThat(strategy.training().labels()).isEqualTo(new LabelSettings.ForwardReturn(5));
    assertThat(strategy.training().loss()).isEqualTo(new LossSettings.Huber(0.01));
    assertThat(strategy.training().weightDecay()).isZero();
    assertThat(strategy.training().labels().horizon()).isEqualTo(5);
  }

  @Test
  void theShippedExampleIsReadWithoutAWarningAndLooksAtNothingLater() {
    NeuroFuzzyStrategy strategy =
        StrategyParser.parseNeuroFuzzy(Samples.shippedYaml("fx_forward_return"));

    assertThat(strategy.warnings()).isEmpty();
    assertThat(strategy.fuzzySets()).isEmpty();
    assertThat(new FeatureBuilder(strategy, Timeframe.D1).names())
        .containsExactly(
            "1d_rsi_14_raw",
            "1d_percent_b_20_raw",
            "1d_macd_12_26_9.histogram_raw",
            "1d_volatility_14_raw");
    assertThat(
            LookaheadCheck.run(strategy, SampleBars.shippedBars("EURUSD").slice(0, 500), 20)
                .clean())
        .isTrue();
  }

  @Test
  void theCostModelDecidesWhatAReturnIsWorth() {
    CostModel costs = new CostModel(0.003, 1.5);

    assertThat(costs.threshold()).isEqualTo(0.003 * 1.5);
    assertThat(costs.confidence(-0.00675)).isCloseTo(0.5, within(1e-12));
    assertThat(costs.confidence(1)).isEqualTo(1);
  }

  @Test
  void aConfidenceThresholdMeansNothingToReturns() {
    assertThat(
            StrategyParser.parseNeuroFuzzy(
                    REGRESSION.replace(
                        "output_format: regression",
                        "output_format: regression\n  confidence_threshold: 0.6"))
                .warnings())
        .singleElement()
        .asString()
        .contains("decisions.confidence_threshold", "ignored");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "regression|regresion|17|decisions.output_format|VALUE_INVALID|did you mean 'regression'",
        "  cost_model|  costs|18|decisions.costs|KEY_UNKNOWN|cost_model",
        "{round_trip_cost: 0.002, min_edge_multiplier:"
            + " 2}||18|decisions.cost_model|KEY_MISSING|round_trip_cost",
        ", min_edge_multiplier: 2||18|decisions.cost_model.min_edge_multiplier|KEY_MISSING|1.5",
        "0.002|0|18|decisions.cost_model.round_trip_cost|PARAM_RANGE|above 0",
        "multiplier: 2|multiplier:"
            + " -1|18|decisions.cost_model.min_edge_multiplier|PARAM_RANGE|above",
        "horizon: 5|horizon: 0|20|training.labels.horizon|PARAM_RANGE|whole number from 1",
        "horizon: 5|horizon: 1.5|20|training.labels.horizon|PARAM_RANGE|whole number",
        "horizon: 5|threshold: 0.1|20|training.labels.threshold|KEY_UNKNOWN|horizon",
        "forward_return, horizon: 5|zigzag|20|training.labels.source|VALUE_INVALID|forward_return",
        "training:|training: {loss: focal}\\nx:|19|training.loss|VALUE_INVALID|huber, mse",
        "training:|training: {focal_gamma: 2}\\nx:|19|training.focal_gamma|VALUE_INVALID|focal"
            + " only",
        "training:|training: {loss: mse, huber_delta:"
            + " 1}\\nx:|19|training.huber_delta|VALUE_INVALID|huber only",
        "type: mlp|architecture: {output_activation:"
            + " softmax}|15|model.architecture.output_activation|VALUE_INVALID|linear",
      })
  void refusesWhatDoesNotFitReturns(
      String text, String mistake, int line, String path, String code, String remedy) {
    String changed = mistake == null ? "" : mistake.replace("\\n", "\n");
    assertThat(REGRESSION).contains(text);

    assertThat(problemsOf(REGRESSION.replaceFirst(Pattern.quote(text), changed)))
        .anySatisfy(problem -> {
          assertThat(problem.path()).isEqualTo(path);
          assertThat(problem.line()).isEqualTo(line);
          assertThat(problem.code()).isEqualTo(code);
          assertThat(problem.message()).contains(remedy);
        });
  }

  @Test
  void classesHaveNoCostModelAndNoForwardReturns() {
    assertThat(problemsOf(REGRESSION.replace("output_format: regression", "kind: neuro_fuzzy")))
        .extracting(Problem::path)
        .containsExactlyInAnyOrder("decisions.cost_model", "training.labels.source");
  }

  @Test
  void barriersAreReadWithAnEmbargo() {
    TrainingSettings training =
        StrategyParser.parseNeuroFuzzy(
                Samples.MINIMAL
                    + "training: {labels: {source: triple_barrier, vol_method: close}}\n")
            .training();

    assertThat(training.labels()).isEqualTo(new TripleBarrier(2, 1.5, 50, 50, Volatility.CLOSE));
    assertThat(training.labels().horizon()).isEqualTo(50);
    assertThat(training.split().embargo()).isEqualTo(0.01);
    assertThat(
            problemsOf(
                Samples.MINIMAL
                    + "training: {labels: {source: triple_barrier, compute_weights: true}}\n"))
        .singleElement()
        .satisfies(problem -> {
          assertThat(problem.code()).isEqualTo("FEATURE_UNSUPPORTED");
          assertThat(problem.path()).isEqualTo("training.labels.compute_weights");
        });
  }

  @Test
  void contextIsReadWithAnEmbargo() {
    assertThat(labels("context").labels()).isEqualTo(new LabelSettings.Context(5, 0.005, -0.005));
    assertThat(labels("context").split().embargo()).isEqualTo(0.01);
    assertThat(labels("zigzag").split().embargo()).isZero();
    LabelSettings written =
        labels("context, horizon: 12, bullish_threshold: 0.02, bearish_threshold: -0.01").labels();
    assertThat(written).isEqualTo(new LabelSettings.Context(12, 0.02, -0.01));
    assertThat(written.horizon()).isEqualTo(12);
    assertThat(written.source()).isEqualTo("context");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "horizon: 0|horizon|PARAM_RANGE|whole number from 1 to 1000",
        "horizon: 1001|horizon|PARAM_RANGE|whole number from 1 to 1000",
        "bullish_threshold: 0|bullish_threshold|PARAM_RANGE|above 0",
        "bullish_threshold: -0.01|bullish_threshold|PARAM_RANGE|above 0",
        "bearish_threshold: 0|bearish_threshold|PARAM_RANGE|below 0",
        "bearish_threshold: 0.005|bearish_threshold|PARAM_RANGE|below 0",
        "bearish_threshold: -1|bearish_threshold|PARAM_RANGE|above -1",
        "bullish: 0.01|bullish|KEY_UNKNOWN|bullish_threshold",
        "zigzag_threshold: 0.01|zigzag_threshold|KEY_UNKNOWN|horizon",
      })
  void refusesContextThatCannotBe(String key, String path, String code, String remedy) {
    refusesLabel("context", key, path, code, remedy);
  }

  private static void refusesLabel(
      String source, String key, String path, String code, String remedy) {
    assertThat(
            problemsOf(
                Samples.MINIMAL
                    + "training:\n  labels:\n    source: %s\n    %s\n".formatted(source, key)))
        .singleElement()
        .satisfies(problem -> {
          assertThat(problem.path()).isEqualTo("training.labels." + path);
          assertThat(problem.line()).isEqualTo(19);
          assertThat(problem.code()).isEqualTo(code);
          assertThat(problem.message()).contains(remedy);
        });
  }

  @Test
  void regimesAreReadWithAnEmbargo() {
    assertThat(labels("regime").labels())
        .isEqualTo(new LabelSettings.Regime(3, 1, 14, 120, 2, 0.5));
    assertThat(labels("regime").split().embargo()).isEqualTo(0.01);
    assertThat(labels("regime").outputs()).isEqualTo(4);
    assertThat(labels("regime").labels().lead()).as("13 and 119 bars").isEqualTo(132);
    assertThat(labels("context").labels().lead()).isZero();
    assertThat(labels("context").outputs()).isEqualTo(3);
    LabelSettings written =
        labels(
                "regime, macro_atr_mult: 5, micro_atr_mult: 1.5, atr_period: 20, vol_lookback: 60,"
                    + " vol_crisis_threshold: 1.5, progression_tolerance: 0")
            .labels();
    assertThat(written).isEqualTo(new LabelSettings.Regime(5, 1.5, 20, 60, 1.5, 0));
    assertThat(written.source()).isEqualTo("regime");
    assertThat(written.classes().names())
        .containsExactly("trending_up", "trending_down", "ranging", "volatile");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "macro_atr_mult: 0|macro_atr_mult|PARAM_RANGE|above 0",
        "macro_atr_mult: 1|macro_atr_mult|PARAM_RANGE|must be smaller than macro_atr_mult",
        "micro_atr_mult: 3|micro_atr_mult|PARAM_RANGE|must be smaller than macro_atr_mult",
        "micro_atr_mult: -1|micro_atr_mult|PARAM_RANGE|above 0",
        "atr_period: 101|atr_period|PARAM_RANGE|whole number from 1 to 100",
        "vol_lookback: 1|vol_lookback|PARAM_RANGE|whole number from 2 to 1000",
        "vol_crisis_threshold: 1|vol_crisis_threshold|PARAM_RANGE|above 1",
        "progression_tolerance: -0.1|progression_tolerance|PARAM_RANGE|from 0",
        "horizon: 5|horizon|KEY_UNKNOWN|valid are",
      })
  void refusesRegimesThatCannotBe(String key, String path, String code, String remedy) {
    refusesLabel("regime", key, path, code, remedy);
  }

  @Test
  void everyKeyOfTrainingIsHeard() {
    TrainingSettings training =
        StrategyParser.parseNeuroFuzzy(
                Samples.MINIMAL
                    + """
                    training:
                      loss: focal
                      focal_gamma: 1.5
                      early_stopping: {patience: 3, min_delta: 0.01, monitor: val_accuracy}
                      lr_scheduler: {type: reduce_on_plateau, factor: 0.3, patience: 2}
                      data_split: {embargo: 0.05}
                    """)
            .training();

    assertThat(training.loss()).isEqualTo(new LossSettings.Focal(1.5));
    assertThat(training.earlyStopping())
        .isEqualTo(new EarlyStopping(3, 0.01, Monitor.VAL_ACCURACY));
    assertThat(training.schedule()).isEqualTo(new LearningRateSchedule.ReduceOnPlateau(0.3, 2));
    assertThat(training.split().embargo()).isEqualTo(0.05);
  }

  @Test
  void schedulesAreReadFromEitherSection() {
    assertThat(schedule("training: {lr_scheduler: {type: step}}"))
        .isEqualTo(new LearningRateSchedule.Step(30, 0.1));
    assertThat(schedule("training: {lr_scheduler: {type: exponential, gamma: 0.9}}"))
        .isEqualTo(new LearningRateSchedule.Exponential(0.9));
    assertThat(
            StrategyParser.parseNeuroFuzzy(
                    Samples.MINIMAL.replace(
                        "  type: mlp\n",
                        "  type: mlp\n  training: {lr_scheduler: {type: step, step_size: 5}}\n"))
                .training()
                .schedule())
        .isEqualTo(new LearningRateSchedule.Step(5, 0.1));
    assertThat(
            problemsOf(
                Samples.MINIMAL + "training: {lr_scheduler: {type: exponential, step_size: 5}}\n"))
        .extracting(Problem::path)
        .containsExactly("training.lr_scheduler.step_size");
    assertThat(problemsOf(Samples.MINIMAL + "training: {lr_scheduler: {gamma: 5}}\n"))
        .extracting(Problem::code)
        .contains("KEY_MISSING");
  }

  private static TrainingSettings labels(String source) {
    return StrategyParser.parseNeuroFuzzy(
            Samples.MINIMAL + "training: {labels: {source: %s}}\n".formatted(source))
        .training();
  }

  private static LearningRateSchedule schedule(String line) {
    return StrategyParser.parseNeuroFuzzy(Samples.MINIMAL + line + "\n").training().schedule();
  }

  private static List<Problem> problemsOf(String yaml) {
    StrategyInvalidException refused =
        catchThrowableOfType(
            StrategyInvalidException.class, () -> StrategyParser.parseNeuroFuzzy(yaml));
    assertThat(refused).as("accepted:%n%s", yaml).isNotNull();
    return refused.problems();
  }
}
