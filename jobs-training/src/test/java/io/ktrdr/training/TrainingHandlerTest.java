package io.ktrdr.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.ArtifactRef;
import io.ktrdr.protocol.DatasetRef;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.Progress;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.strategy.FeatureScaling;
import io.ktrdr.strategy.ModelBundle;
import io.ktrdr.strategy.ModelBundleCodec;
import io.ktrdr.worker.EngineVersion;
import io.ktrdr.worker.OperationFailedException;
import io.ktrdr.worker.OperationResult;
import io.ktrdr.worker.RunStoppedException;
import io.ktrdr.worker.testkit.InMemoryRun;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TrainingHandlerTest {

  private static final int BARS = 500;

  private final InMemoryRun run = new InMemoryRun("op_training_20251110_103000_abc12345");

  @Test
  void trainsAModelThatSaysWhatItWasMadeFrom() throws Exception {
    OperationResult result = train(TrainingInputs.yaml());

    ArtifactRef artifact = result.artifacts().getFirst();
    assertThat(artifact.name()).isEqualTo(ArtifactRef.MODEL);
    ModelBundle model = ModelBundleCodec.decode(run.bytes(artifact));
    assertThat(model.featureNames()).containsExactly("1d_rsi_low", "1d_rsi_middle", "1d_rsi_high");
    assertThat(model.strategyYaml()).isEqualTo(TrainingInputs.yaml());
    assertThat(model.trainStart()).isEqualTo(TrainingInputs.FIRST_DAY);
    assertThat(model.trainEnd()).isEqualTo(TrainingInputs.FIRST_DAY.plusDays(BARS - 1));
    JsonNode values = result.values();
    assertThat(values.path("weights_sha256").textValue()).isEqualTo(model.weightsSha256().hex());
    assertThat(values.path("parameters_count").intValue())
        .isEqualTo(3 * 12 + 12 + 12 * 6 + 6 + 6 * 3 + 3);
    assertThat(values.path("model_info").path("architecture").textValue())
        .isEqualTo("mlp 3-12-6-3");
    assertThat(values.path("training_metrics").path("history").path("val_loss")).hasSize(6);
    JsonNode calibration = values.path("calibration");
    assertThat(calibration.path("rows")).isEqualTo(values.path("data_summary").path("test_rows"));
    assertThat(calibration.path("brier_score")).isEqualTo(values.path("brier_score"));
    assertThat(model.training().path("calibration")).isEqualTo(calibration);
    JsonNode importance = values.path("feature_importance");
    assertThat(importance.path("metric_value")).isEqualTo(values.path("balanced_accuracy"));
    assertThat(importance.path("features").findValuesAsText("feature"))
        .containsExactlyInAnyOrderElementsOf(model.featureNames());
    // As text: read from bytes, a small whole number is an int.
    assertThat(model.training().path("feature_importance").toString())
        .isEqualTo(importance.toString());
  }

  @Test
  void learnsMoreThanTheMostFrequentAnswer() throws Exception {
    JsonNode values =
        train(
                TrainingInputs.yaml(
                    """
                    epochs: 40
                    learning_rate: 0.01
                    labels: {source: zigzag, zigzag_threshold: 0.02}
                    """))
            .values();

    assertThat(values.path("balanced_accuracy").doubleValue()).isGreaterThan(0.45);
    assertThat(values.path("test_metrics").path("confusion_matrix").path("buy").path("buy").asInt())
        .isPositive();
  }

  @Test
  void theResultNamesEveryRowThatWasNotUsed() throws Exception {
    JsonNode summary = train(TrainingInputs.yaml()).values().path("data_summary");

    JsonNode dataset = summary.path("datasets").get(0);
    int counted =
        dataset.path("unlabelled").asInt()
            + dataset.path("purged").asInt()
            + dataset.path("train_rows").asInt()
            + dataset.path("validation_rows").asInt()
            + dataset.path("test_rows").asInt();
    assertThat(counted).isEqualTo(dataset.path("bars").asInt()).isEqualTo(BARS);
    assertThat(dataset.path("purged").asInt()).isPositive();
    assertThat(dataset.path("unlabelled").asInt()).isPositive();
  }

  @Test
  void namesTheVersionOfTheCodeThatTrainedNotThatAtSubmit() throws Exception {
    OperationSpec.Training spec = spec(TrainingInputs.yaml());
    OperationResult result =
        new TrainingHandler(new EngineVersion(Optional.of("9.9"))).run(spec, run);

    assertThat(result.values().path("engine_version").asText()).isEqualTo("9.9");
    assertThat(ModelBundleCodec.decode(run.bytes(result.artifacts().getFirst())).engineVersion())
        .isEqualTo("9.9");
    assertThat(train(spec).values().path("engine_version").asText())
        .isEqualTo(spec.engineVersion());
  }

  @Test
  void anotherSeedGivesOtherWeights() throws Exception {
    OperationSpec.Training spec = spec(TrainingInputs.yaml());
    OperationSpec.Training other =
        new OperationSpec.Training(
            spec.strategyName(),
            spec.strategyYaml(),
            spec.datasets(),
            spec.timeframes(),
            spec.startDate(),
            spec.endDate(),
            43,
            spec.engineVersion());

    assertThat(train(other).artifacts()).isNotEqualTo(train(spec).artifacts());
  }

  @Test
  void barsAfterTheEndDateChangeNothing() throws Exception {
    OperationResult whole = train(TrainingInputs.yaml());
    byte[] longer = TrainingInputs.csv(BARS + 60);
    OperationSpec.Training spec = TrainingInputs.spec(run, TrainingInputs.yaml(), longer, BARS);

    assertThat(train(spec).values().path("weights_sha256"))
        .isEqualTo(whole.values().path("weights_sha256"));
  }

  @Test
  void pricesOfTheTestPartDoNotReachTheWeights() throws Exception {
    OperationResult plain = train(TrainingInputs.yaml());
    // Larger swings turn at the same bars, so the parts stay the same bars too.
    byte[] csv = TrainingInputs.csv(BARS, BARS - 60, 1.5);
    OperationSpec.Training changed = TrainingInputs.spec(run, TrainingInputs.yaml(), csv, BARS);

    OperationResult other = train(changed);

    assertThat(other.values().path("test_loss")).isNotEqualTo(plain.values().path("test_loss"));
    assertThat(other.values().path("weights_sha256"))
        .isEqualTo(plain.values().path("weights_sha256"));
  }

  @Test
  void rawFeaturesAreScaledByTheTrainingRowsAlone() throws Exception {
    String yaml = TrainingInputs.rawYaml(TrainingInputs.TRAINING);
    OperationResult plain = train(yaml);
    byte[] csv = TrainingInputs.csv(BARS, BARS - 60, 1.5);
    OperationResult other = train(TrainingInputs.spec(run, yaml, csv, BARS));

    ModelBundle model = ModelBundleCodec.decode(run.bytes(plain.artifacts().getFirst()));
    assertThat(model.featureNames()).containsExactly("1d_rsi_7_raw");
    FeatureScaling scaling = model.scalings().getFirst();
    assertThat(scaling.offset()).isBetween(30.0, 70.0);
    assertThat(plain.values().path("model_info").path("scalings").get(0).path("offset"))
        .isEqualTo(Json.mapper().valueToTree(scaling.offset()));
    ModelBundle changed = ModelBundleCodec.decode(run.bytes(other.artifacts().getFirst()));
    assertThat(other.values().path("test_loss")).isNotEqualTo(plain.values().path("test_loss"));
    assertThat(changed.scalings()).isEqualTo(model.scalings());
    assertThat(changed.weightsSha256()).isEqualTo(model.weightsSha256());
  }

  @Test
  void reportsEachEpochWithItsFigures() throws Exception {
    train(TrainingInputs.yaml());

    List<Progress> epochs =
        run.reports().stream().filter(p -> p.currentStep().startsWith("Epoch ")).toList();
    assertThat(epochs)
        .extracting(Progress::currentStep)
        .containsExactly(
            "Epoch 1/6", "Epoch 2/6", "Epoch 3/6", "Epoch 4/6", "Epoch 5/6", "Epoch 6/6");
    assertThat(epochs.getLast().context())
        .containsOnlyKeys(
            "train_loss",
            "train_accuracy",
            "val_loss",
            "val_accuracy",
            "learning_rate",
            "best_epoch");
    assertThat(run.reports().getFirst()).isEqualTo(Progress.initializing());
  }

  @Test
  void cancelledTrainingKeepsItsLossesButNoModel() throws Exception {
    JsonNode whole = train(TrainingInputs.yaml()).values();
    InMemoryRun cancelled =
        new InMemoryRun("op_training_20251110_103000_abc12346").stopAfterReports(5);
    OperationSpec.Training spec =
        TrainingInputs.spec(cancelled, TrainingInputs.yaml(), TrainingInputs.csv(BARS), BARS);
    assertThat(cancelled.partialResult()).isEmpty();
    assertThatThrownBy(() -> new TrainingHandler().run(spec, cancelled))
        .isInstanceOf(RunStoppedException.class);

    OperationResult partial = cancelled.partialResult().orElseThrow();
    assertThat(partial.artifacts()).isEmpty();
    assertThat(partial.values().path("epochs_trained").asInt()).isEqualTo(2);
    assertThat(partial.values().path("epochs_total").asInt()).isEqualTo(6);
    JsonNode losses = partial.values().path("training_metrics").path("history").path("val_loss");
    assertThat(losses).hasSize(2);
    assertThat(losses.get(1))
        .isEqualTo(whole.path("training_metrics").path("history").path("val_loss").get(1));
  }

  @Test
  void stopsEarlyAndKeepsTheBestEpoch() throws Exception {
    JsonNode values =
        train(
                TrainingInputs.yaml(
                    """
                    epochs: 60
                    learning_rate: 0.3
                    early_stopping: {patience: 2, min_delta: 0.0}
                    labels: {source: zigzag, zigzag_threshold: 0.02}
                    """))
            .values();

    JsonNode losses = values.path("training_metrics").path("history").path("val_loss");
    int best = values.path("best_epoch").intValue();
    assertThat(values.path("epochs_trained").intValue()).isEqualTo(best + 2).isLessThan(60);
    for (JsonNode loss : losses) {
      assertThat(losses.get(best - 1).doubleValue()).isLessThanOrEqualTo(loss.doubleValue());
    }
    assertThat(values.path("best_val_loss").doubleValue())
        .isCloseTo(losses.get(best - 1).doubleValue(), within(1e-12));
  }

  @Test
  void learnsToPredictReturnsAndSaysHowWell() throws Exception {
    String yaml = TrainingInputs.regressionYaml();
    OperationResult plain = train(yaml);
    JsonNode values = plain.values();

    ModelBundle model = ModelBundleCodec.decode(run.bytes(plain.artifacts().getFirst()));
    assertThat(model.predictsReturns()).isTrue();
    assertThat(model.outputs()).isEqualTo(1);
    assertThat(values.path("model_info").path("outputs").toString()).isEqualTo("[\"return\"]");
    JsonNode test = values.path("test_metrics");
    assertThat(test.path("directional_accuracy").asDouble())
        .isEqualTo(values.path("directional_accuracy").asDouble())
        .isGreaterThan(test.path("majority_baseline").asDouble());
    assertThat(test.path("mae").asDouble()).isLessThan(test.path("zero_mae").asDouble());
    assertThat(test.path("rmse").asDouble()).isLessThan(test.path("zero_rmse").asDouble());
    assertThat(test.path("huber_loss").asDouble()).isEqualTo(test.path("test_loss").asDouble());
    assertThat(test.path("huber_delta").asDouble()).isEqualTo(0.01);
    assertThat(
            test.path("signals").path("buy").asInt()
                + test.path("signals").path("hold").asInt()
                + test.path("signals").path("sell").asInt())
        .isEqualTo(values.path("data_summary").path("test_rows").asInt());
    assertThat(values.has("test_accuracy")).isFalse();
    JsonNode dataset = values.path("data_summary").path("datasets").get(0);
    assertThat(dataset.path("purged").asInt()).as("five bars at each cut").isEqualTo(10);
    assertThat(dataset.path("unlabelled").asInt()).as("seven warm up, five end").isEqualTo(12);
    assertThat(train(yaml).artifacts()).isEqualTo(plain.artifacts());
  }

  @Test
  void pricesOfTheTestPartDoNotReachPredictedReturnsEither() throws Exception {
    String yaml = TrainingInputs.regressionYaml();
    OperationResult plain = train(yaml);
    // Test begins with row 390, bar 397.
    byte[] csv = TrainingInputs.csv(BARS, BARS - 90, 1.5);
    OperationResult other = train(TrainingInputs.spec(run, yaml, csv, BARS));

    assertThat(plain.values().path("data_summary").path("test_from").asText())
        .isLessThan(TrainingInputs.FIRST_DAY.plusDays(BARS - 90).toString());
    assertThat(other.values().path("rmse")).isNotEqualTo(plain.values().path("rmse"));
    assertThat(other.values().path("weights_sha256"))
        .isEqualTo(plain.values().path("weights_sha256"));
  }

  @Test
  void barriersAreTrainedOnWithFocalLossAndAFallingLearningRate() throws Exception {
    JsonNode values =
        train(
                TrainingInputs.yaml(
                    """
                    epochs: 6
                    learning_rate: 0.01
                    loss: focal
                    lr_scheduler: {type: step, step_size: 2, gamma: 0.5}
                    early_stopping: {monitor: val_accuracy, patience: 6}
                    labels: {source: triple_barrier, max_holding_period: 6, vol_span: 10}
                    """))
            .values();

    assertThat(values.path("training_metrics").path("history").path("learning_rate").toString())
        .isEqualTo("[0.01,0.01,0.005,0.005,0.0025,0.0025]");
    JsonNode summary = values.path("data_summary");
    assertThat(summary.path("label_source").asText()).isEqualTo("triple_barrier");
    assertThat(summary.path("embargo").asDouble()).isEqualTo(0.01);
    // Seven bars warm up, six have no label; five rows of embargo at either cut at least.
    assertThat(summary.path("datasets").get(0).path("unlabelled").asInt()).isEqualTo(7 + 6);
    assertThat(summary.path("datasets").get(0).path("purged").asInt()).isBetween(10, 22);
    assertThat(values.path("balanced_accuracy").asDouble()).isBetween(0.0, 1.0);
  }

  @Test
  void contextsAreTrainedOnAndKeptApartByHorizonAndEmbargo() throws Exception {
    String labels = "labels: {source: context, horizon: 4, bullish_threshold: %s}\n";
    String yaml = TrainingInputs.yaml("epochs: 2\n" + labels);
    JsonNode values = train(yaml.formatted(0.01)).values();

    JsonNode summary = values.path("data_summary");
    assertThat(summary.path("label_source").asText()).isEqualTo("context");
    assertThat(summary.path("embargo").asDouble()).isEqualTo(0.01);
    // Seven bars warm up, four have no label.
    assertThat(summary.path("datasets").get(0).path("unlabelled").asInt()).isEqualTo(7 + 4);
    // Of 489 rows five are of the embargo, and four more end in them, at each of two cuts.
    assertThat(summary.path("datasets").get(0).path("purged").asInt()).isEqualTo(2 * (5 + 4));
    JsonNode train = summary.path("label_distribution").path("train");
    assertThat(train.path("buy").asInt() + train.path("hold").asInt() + train.path("sell").asInt())
        .isEqualTo(summary.path("train_rows").asInt());
    assertThat(values.path("model_info").path("outputs").toString())
        .isEqualTo("[\"buy\",\"hold\",\"sell\"]");
    assertFails(
        yaml.formatted(0.5), "LABELS_DEGENERATE", "BUY 0", "bullish_threshold 0.5", "over 4 bars");
  }

  @Test
  void regimesAreTrainedOnAndSaidByTheirNames() throws Exception {
    String labels =
        "labels: {source: regime, macro_atr_mult: 2, micro_atr_mult: 0.2, atr_period: 8,"
            + " vol_lookback: 10, vol_crisis_threshold: %s, progression_tolerance: 3}\n";
    String yaml = TrainingInputs.yaml("epochs: 2\n" + labels);
    OperationResult result = train(yaml.formatted(1.2));
    JsonNode values = result.values();

    List<String> names = List.of("trending_up", "trending_down", "ranging", "volatile");
    JsonNode summary = values.path("data_summary");
    for (String part : List.of("train", "validation", "test")) {
      JsonNode counts = summary.path("label_distribution").path(part);
      assertThat(counts.fieldNames()).toIterable().containsExactlyElementsOf(names);
    }
    JsonNode confusion = values.path("test_metrics").path("confusion_matrix");
    assertThat(confusion.fieldNames()).toIterable().containsExactlyElementsOf(names);
    int rows = 0;
    for (String actual : names) {
      for (String decided : names) {
        rows += confusion.path(actual).path(decided).asInt();
      }
    }
    assertThat(rows).isEqualTo(summary.path("test_rows").asInt()).isPositive();
    assertThat(values.path("calibration").path("rows").asInt()).isEqualTo(rows);
    assertThat(values.path("feature_importance").path("features")).hasSize(3);
    ModelBundle model = ModelBundleCodec.decode(run.bytes(result.artifacts().getFirst()));
    assertThat(model.classes().names()).isEqualTo(names);
    assertThat(model.architecture()).isEqualTo("mlp 3-12-6-4");
    assertThat(values.path("model_info").path("outputs")).hasSize(4);
    assertFails(
        yaml.formatted(9), "LABELS_DEGENERATE", "VOLATILE 0", "vol_crisis_threshold (now 9.0)");
  }

  @Test
  void refusesLabelsOfOneKindAndSaysWhichThresholdWouldDo() {
    assertFails(
        TrainingInputs.yaml("labels: {source: zigzag, zigzag_threshold: 0.5}\n"),
        "LABELS_DEGENERATE",
        "BUY 0, HOLD 0, SELL 0",
        "zigzag_threshold is 0.5, with 0.0");
  }

  @Test
  void refusesARangeShorterThanTheStrategyNeeds() {
    byte[] csv = TrainingInputs.csv(60);
    OperationSpec.Training spec = TrainingInputs.spec(run, TrainingInputs.yaml(), csv, 60);

    assertThatThrownBy(() -> train(spec))
        .isInstanceOfSatisfying(
            OperationFailedException.class,
            e -> {
              assertThat(e.failure().code()).isEqualTo("RANGE_TOO_SHORT");
              assertThat(e.failure().message()).contains("60 bars", "history_required is 100");
            });
  }

  @Test
  void refusesDamagedDataWithItsOwnCode() {
    String csv = new String(TrainingInputs.csv(BARS), StandardCharsets.UTF_8);
    byte[] damaged = csv.replace("2020-02-01", "2019-02-01").getBytes(StandardCharsets.UTF_8);
    OperationSpec.Training spec = TrainingInputs.spec(run, TrainingInputs.yaml(), damaged, BARS);

    assertThatThrownBy(() -> train(spec))
        .isInstanceOfSatisfying(
            OperationFailedException.class,
            e -> assertThat(e.failure().code()).isEqualTo("DATA_UNSORTED"));
  }

  @Test
  void severalSymbolsAndTimeframesMakeOneModel() throws Exception {
    OperationSpec.Training spec =
        two(List.of(Timeframe.D1, Timeframe.W1), TrainingInputs.csv(BARS - 100));

    OperationResult result = train(spec);

    ModelBundle model = ModelBundleCodec.decode(run.bytes(result.artifacts().getFirst()));
    assertThat(model.symbols()).containsExactly("EURUSD", "GBPUSD");
    assertThat(model.timeframe()).isEqualTo(Timeframe.D1);
    assertThat(model.timeframes()).containsExactly(Timeframe.D1, Timeframe.W1);
    assertThat(model.featureNames())
        .containsExactly(
            "1d_rsi_low",
            "1d_rsi_middle",
            "1d_rsi_high",
            "1w_rsi_low",
            "1w_rsi_middle",
            "1w_rsi_high");
    JsonNode summary = result.values().path("data_summary");
    assertThat(summary.path("timeframes").toString()).isEqualTo("[\"1d\",\"1w\"]");
    assertThat(summary.path("higher_bars").asText()).contains("closed");
    int trained = 0;
    for (JsonNode dataset : summary.path("datasets")) {
      trained += dataset.path("train_rows").asInt();
      assertThat(dataset.path("train_rows").asInt()).isPositive();
      // Eight closed weeks, and the days before the first Monday.
      assertThat(dataset.path("unlabelled").asInt()).isGreaterThanOrEqualTo(5 + 8 * 7 - 1);
    }
    assertThat(summary.path("datasets")).hasSize(2);
    assertThat(summary.path("train_rows").asInt()).isEqualTo(trained);
    assertThat(summary.path("validation_from").asText())
        .isGreaterThan(TrainingInputs.FIRST_DAY.toString())
        .isLessThan(summary.path("test_from").asText());
    assertThat(train(spec).artifacts()).isEqualTo(result.artifacts());
  }

  @Test
  void pricesOfOneSymbolsTestPartDoNotReachTheWeightsThroughAnother() throws Exception {
    OperationResult plain = train(two(List.of(Timeframe.D1), TrainingInputs.csv(BARS)));
    OperationResult other =
        train(two(List.of(Timeframe.D1), TrainingInputs.csv(BARS, BARS - 60, 1.5)));

    assertThat(other.values().path("test_loss")).isNotEqualTo(plain.values().path("test_loss"));
    assertThat(other.values().path("weights_sha256"))
        .isEqualTo(plain.values().path("weights_sha256"));
  }

  @Test
  void refusesARangeInWhichALongTimeframeDoesNotWarmUp() {
    byte[] csv = TrainingInputs.csv(110);
    OperationSpec.Training spec = TrainingInputs.spec(run, TrainingInputs.yaml(), csv, 110);
    OperationSpec.Training weekly =
        new OperationSpec.Training(
            spec.strategyName(),
            spec.strategyYaml().replace("period: 7", "period: 14"),
            spec.datasets(),
            List.of(Timeframe.W1),
            spec.startDate(),
            spec.endDate(),
            42,
            "0.1.0");

    assertThatThrownBy(() -> train(weekly))
        .isInstanceOfSatisfying(
            OperationFailedException.class,
            e -> {
              assertThat(e.failure().code()).isEqualTo("RANGE_TOO_SHORT");
              assertThat(e.failure().message()).contains("need 109 of them to warm up");
            });
  }

  private OperationSpec.Training two(List<Timeframe> timeframes, byte[] second) {
    OperationSpec.Training one = spec(TrainingInputs.yaml());
    return new OperationSpec.Training(
        one.strategyName(),
        one.strategyYaml(),
        List.of(
            one.datasets().getFirst(), new DatasetRef("GBPUSD", Timeframe.D1, run.give(second))),
        timeframes,
        one.startDate(),
        one.endDate(),
        42,
        "0.1.0");
  }

  private void assertFails(String yaml, String code, String... words) {
    assertThatThrownBy(() -> train(yaml))
        .isInstanceOfSatisfying(
            OperationFailedException.class,
            e -> {
              assertThat(e.failure().code()).isEqualTo(code);
              assertThat(e.failure().retryable()).isFalse();
              assertThat(e.failure().message()).contains(words);
            });
  }

  private OperationSpec.Training spec(String yaml) {
    return TrainingInputs.spec(run, yaml, TrainingInputs.csv(BARS), BARS);
  }

  private OperationResult train(String yaml) throws InterruptedException {
    return train(spec(yaml));
  }

  private OperationResult train(OperationSpec.Training spec) throws InterruptedException {
    return new TrainingHandler().run(spec, run);
  }
}
