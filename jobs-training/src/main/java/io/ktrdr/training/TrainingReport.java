package io.ktrdr.training;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.market.DatasetBars;
import io.ktrdr.protocol.DatasetRef;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.strategy.CostModel;
import io.ktrdr.strategy.FeatureBuilder;
import io.ktrdr.strategy.LabelClasses;
import io.ktrdr.strategy.NeuroFuzzyStrategy;
import io.ktrdr.training.TrainedNetwork.Epoch;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A training as JSON. Nothing in it depends on when, where or how fast it was made. */
final class TrainingReport {

  private static final String SEQUENCES_RULE =
      "a row is the features of the last bars of its symbol, its own the newest; one that would"
          + " begin before its part of the split is dropped";

  private final OperationSpec.Training spec;
  private final NeuroFuzzyStrategy strategy;
  private final FeatureBuilder builder;
  private final TrainingSet set;
  private final TrainedNetwork trained;
  private final Assessment test;
  private final List<DatasetBars> data;
  private final LabelClasses kinds;

  /**
   * @param data the datasets' bars, in the order of the datasets
   */
  TrainingReport(
      OperationSpec.Training spec,
      NeuroFuzzyStrategy strategy,
      FeatureBuilder builder,
      TrainingSet set,
      TrainedNetwork trained,
      Assessment test,
      List<DatasetBars> data) {
    this.spec = spec;
    this.strategy = strategy;
    this.builder = builder;
    this.set = set;
    this.trained = trained;
    this.test = test;
    this.data = data;
    this.kinds = strategy.training().labels().classes();
  }

  /**
   * How far a training came that was stopped.
   *
   * @param epochs that are finished, at least one
   */
  static ObjectNode partial(
      OperationSpec.Training spec, NeuroFuzzyStrategy strategy, List<Epoch> epochs) {
    Epoch last = epochs.getLast();
    ObjectNode values = Json.mapper().createObjectNode();
    values.put("strategy_name", spec.strategyName());
    values.put("timeframe", spec.datasets().getFirst().timeframe().wireName());
    ArrayNode symbols = values.putArray("symbols");
    spec.datasets().forEach(dataset -> symbols.add(dataset.symbol()));
    values.put("epochs_trained", epochs.size());
    values.put("epochs_total", strategy.training().epochs());
    values.put("final_train_loss", last.trainLoss());
    values.put("final_train_accuracy", last.trainAccuracy());
    values.put("final_val_loss", last.valLoss());
    values.put("final_val_accuracy", last.valAccuracy());
    values.put("strategy_sha256", strategy.textSha256().hex());
    values.put("seed", spec.seed());
    values.put("engine_version", spec.engineVersion());
    values.putObject("training_metrics").set("history", history(epochs));
    return values;
  }

  private static ObjectNode history(List<Epoch> epochs) {
    ObjectNode history = Json.mapper().createObjectNode();
    ArrayNode trainLoss = history.putArray("train_loss");
    ArrayNode trainAccuracy = history.putArray("train_accuracy");
    ArrayNode valLoss = history.putArray("val_loss");
    ArrayNode valAccuracy = history.putArray("val_accuracy");
    ArrayNode learningRate = history.putArray("learning_rate");
    for (Epoch epoch : epochs) {
      trainLoss.add(epoch.trainLoss());
      trainAccuracy.add(epoch.trainAccuracy());
      valLoss.add(epoch.valLoss());
      valAccuracy.add(epoch.valAccuracy());
      learningRate.add(epoch.learningRate());
    }
    return history;
  }

  /** What the model file keeps: figures, fingerprints, shares. */
  ObjectNode forModel() {
    ObjectNode json = Json.mapper().createObjectNode();
    json.put("best_epoch", trained.bestEpoch());
    json.put("epochs_trained", trained.epochs().size());
    json.set("test_metrics", testMetrics());
    json.set("data_summary", dataSummary());
    return json;
  }

  /** Flat figures first, then the details. */
  ObjectNode values(ModelFacts model) {
    Epoch last = trained.epochs().getLast();
    ObjectNode values = Json.mapper().createObjectNode();
    values.put("strategy_name", spec.strategyName());
    values.put("timeframe", spec.datasets().getFirst().timeframe().wireName());
    values.set("symbols", symbols());
    addTest(values);
    values.put("final_train_loss", last.trainLoss());
    values.put("final_train_accuracy", last.trainAccuracy());
    values.put("final_val_loss", last.valLoss());
    values.put("final_val_accuracy", last.valAccuracy());
    values.put("best_val_loss", trained.validation().loss());
    values.put("best_val_accuracy", trained.validation().accuracy());
    values.put("best_epoch", trained.bestEpoch());
    values.put("epochs_trained", trained.epochs().size());
    values.put("parameters_count", model.parameters());
    values.put("weights_sha256", model.weightsSha256());
    values.put("strategy_sha256", strategy.textSha256().hex());
    values.put("seed", spec.seed());
    values.put("engine_version", spec.engineVersion());
    values.set("training_metrics", trainingMetrics(last));
    values.set("test_metrics", testMetrics());
    values.set("model_info", modelInfo(model));
    values.set("data_summary", dataSummary());
    values.set("warnings", warnings());
    return values;
  }

  /**
   * What the report says of the exported model.
   *
   * @param parameters weights and biases
   */
  record ModelFacts(
      int parameters, String weightsSha256, List<String> featureNames, String architecture) {}

  private ObjectNode trainingMetrics(Epoch last) {
    ObjectNode json = Json.mapper().createObjectNode();
    json.put("epochs_trained", trained.epochs().size());
    json.put("best_epoch", trained.bestEpoch());
    json.put("final_train_loss", last.trainLoss());
    json.put("final_train_accuracy", last.trainAccuracy());
    json.put("final_val_loss", last.valLoss());
    json.put("final_val_accuracy", last.valAccuracy());
    json.put("best_epoch_train_loss", trained.train().loss());
    json.put("best_epoch_train_accuracy", trained.train().accuracy());
    json.put("best_val_loss", trained.validation().loss());
    json.put("best_val_accuracy", trained.validation().accuracy());
    json.set("history", history(trained.epochs()));
    if (trained.validation() instanceof Evaluation validation) {
      json.set("validation_confusion_matrix", confusion(validation));
    }
    return json;
  }

  private ObjectNode testMetrics() {
    ObjectNode json = Json.mapper().createObjectNode();
    addTest(json);
    switch (test) {
      case Evaluation classes -> json.set("confusion_matrix", confusion(classes));
      case ReturnEvaluation returns -> {
        CostModel costs = strategy.decisions().costModel();
        if (costs != null) {
          json.set("signals", byClass(LabelClasses.SIGNALS, returns.signals(costs)));
        }
      }
    }
    return json;
  }

  private void addTest(ObjectNode json) {
    switch (test) {
      case Evaluation classes ->
          json.put("test_accuracy", classes.accuracy())
              .put("test_loss", classes.loss())
              .put("precision", classes.precision())
              .put("recall", classes.recall())
              .put("f1_score", classes.f1())
              .put("balanced_accuracy", classes.balancedAccuracy())
              .put("majority_baseline", classes.majorityBaseline());
      case ReturnEvaluation returns ->
          json.put("directional_accuracy", returns.directionalAccuracy())
              .put("majority_baseline", returns.majorityBaseline())
              .put("test_loss", returns.loss())
              .put("mae", returns.meanAbsoluteError())
              .put("rmse", returns.rootMeanSquaredError())
              .put("huber_loss", returns.huberLoss())
              .put("huber_delta", returns.huberDelta())
              .put("zero_mae", returns.zeroMeanAbsoluteError())
              .put("zero_rmse", returns.zeroRootMeanSquaredError());
    }
  }

  /** By true class, then by predicted class. */
  private ObjectNode confusion(Evaluation evaluation) {
    ObjectNode json = Json.mapper().createObjectNode();
    for (int actual = 0; actual < kinds.count(); actual++) {
      json.set(kinds.names().get(actual), byClass(kinds, evaluation.confusion()[actual]));
    }
    return json;
  }

  private ObjectNode modelInfo(ModelFacts model) {
    ObjectNode json = Json.mapper().createObjectNode();
    json.put("parameters_count", model.parameters());
    json.put("architecture", model.architecture());
    ArrayNode names = json.putArray("feature_names");
    model.featureNames().forEach(names::add);
    if (!set.scalings().isEmpty()) {
      json.set("scalings", Json.mapper().valueToTree(set.scalings()));
    }
    ArrayNode outputs = json.putArray("outputs");
    if (strategy.training().loss().ofReturns()) {
      outputs.add("return");
    } else {
      kinds.names().forEach(outputs::add);
    }
    return json;
  }

  private ObjectNode dataSummary() {
    ObjectNode json = Json.mapper().createObjectNode();
    json.put("first_day", set.firstDay().toString());
    json.put("last_day", set.lastDay().toString());
    json.put("validation_from", time(set.times().validationFrom()));
    json.put("test_from", time(set.times().testFrom()));
    json.put("train_rows", set.train().rows());
    json.put("validation_rows", set.validation().rows());
    json.put("test_rows", set.test().rows());
    if (builder.usesHigherBars()) {
      json.set("timeframes", Json.mapper().valueToTree(builder.timeframes()));
      json.put("higher_bars", FeatureBuilder.HIGHER_BARS_RULE);
    }
    if (set.train().sequence() > 1) {
      json.put("sequence_length", set.train().sequence());
      json.put("sequences", SEQUENCES_RULE);
    }
    json.put("label_source", strategy.training().labels().source());
    json.put("embargo", strategy.training().split().embargo());
    ObjectNode labels = json.putObject("label_distribution");
    labels.set("train", byClass(kinds, set.train().counts(kinds)));
    labels.set("validation", byClass(kinds, set.validation().counts(kinds)));
    labels.set("test", byClass(kinds, set.test().counts(kinds)));
    ArrayNode datasets = json.putArray("datasets");
    for (int i = 0; i < set.symbols().size(); i++) {
      TrainingSet.SymbolShare share = set.symbols().get(i);
      DatasetRef dataset = spec.datasets().get(i);
      datasets
          .addObject()
          .put("symbol", share.symbol())
          .put("timeframe", dataset.timeframe().wireName())
          .put("sha256", dataset.sha256().hex())
          .put("bars", share.bars())
          .put("unlabelled", share.unlabelled())
          .put("purged", share.purged())
          .put("train_rows", share.train())
          .put("validation_rows", share.validation())
          .put("test_rows", share.test())
          .setAll(Json.mapper().<ObjectNode>valueToTree(data.get(i).facts(opens(), closes())));
    }
    return json;
  }

  /** Open of the first bar; null when the part is empty. */
  private static @Nullable String time(long epochSecond) {
    return epochSecond == SplitTimes.NEVER ? null : Instant.ofEpochSecond(epochSecond).toString();
  }

  private ArrayNode warnings() {
    ArrayNode warnings = Json.mapper().createArrayNode();
    for (String warning : strategy.warnings()) {
      warnings.addObject().put("code", "STRATEGY_WARNING").put("message", warning);
    }
    for (DatasetBars bars : data) {
      bars.warnings(opens(), closes())
          .forEach(
              odd -> warnings.addObject().put("code", odd.code()).put("message", odd.message()));
    }
    if (trained.validation().collapsed()) {
      warnings
          .addObject()
          .put("code", "COLLAPSED_MODEL")
          .put(
              "message",
              "the model gives the same answer for every validation row: it has learnt nothing to"
                  + " trade on; try other features, a higher learning rate or more epochs");
    }
    return warnings;
  }

  private Instant opens() {
    return spec.startDate().atStartOfDay().toInstant(ZoneOffset.UTC);
  }

  private Instant closes() {
    return spec.endDate().plusDays(1).atStartOfDay().toInstant(ZoneOffset.UTC);
  }

  private ArrayNode symbols() {
    ArrayNode symbols = Json.mapper().createArrayNode();
    set.symbols().forEach(share -> symbols.add(share.symbol()));
    return symbols;
  }

  private static ObjectNode byClass(LabelClasses kinds, int[] counts) {
    ObjectNode json = Json.mapper().createObjectNode();
    for (int c = 0; c < counts.length; c++) {
      json.put(kinds.names().get(c), counts[c]);
    }
    return json;
  }
}
