package io.ktrdr.training;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.market.BarSeries;
import io.ktrdr.market.DatasetBars;
import io.ktrdr.market.MarketDataException;
import io.ktrdr.protocol.ArtifactRef;
import io.ktrdr.protocol.DatasetRef;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.Progress;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.strategy.FeatureBuilder;
import io.ktrdr.strategy.FeatureMatrix;
import io.ktrdr.strategy.Inference;
import io.ktrdr.strategy.ModelBundle;
import io.ktrdr.strategy.ModelBundleCodec;
import io.ktrdr.strategy.NeuroFuzzyStrategy;
import io.ktrdr.strategy.StrategyInvalidException;
import io.ktrdr.strategy.StrategyParser;
import io.ktrdr.strategy.TrainingSize;
import io.ktrdr.strategy.indicator.IndicatorCache;
import io.ktrdr.training.TrainedNetwork.Epoch;
import io.ktrdr.worker.EngineVersion;
import io.ktrdr.worker.OperationFailedException;
import io.ktrdr.worker.OperationHandler;
import io.ktrdr.worker.OperationResult;
import io.ktrdr.worker.RunContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Trains the network of a strategy and stores it as artifact {@link ArtifactRef#MODEL}.
 *
 * <p>Features come from the builder the backtest uses. Rows are split by time, see {@link
 * ChronologicalSplit}; the weights kept are those of the epoch with the lowest validation loss; the
 * test figures are those of the exported model, computed the way the backtest computes. Equal specs
 * give equal bytes on one kind of machine with {@code OMP_NUM_THREADS=1}.
 *
 * <p>A cancelled training keeps its losses so far, but no model.
 *
 * <p>One run at a time in a process, because {@link Network} shares a random generator.
 */
public final class TrainingHandler implements OperationHandler<OperationSpec.Training> {

  /** Shared by all runs of this worker. */
  private final IndicatorCache indicators = new IndicatorCache();

  private final EngineVersion engine;

  public TrainingHandler() {
    this(EngineVersion.of(TrainingHandler.class));
  }

  /**
   * @param engine what results and models name as theirs
   */
  TrainingHandler(EngineVersion engine) {
    this.engine = engine;
  }

  @Override
  public Class<OperationSpec.Training> specType() {
    return OperationSpec.Training.class;
  }

  /**
   * {@inheritDoc}
   *
   * <p>Codes: RANGE_TOO_SHORT, LABELS_DEGENERATE, FEATURE_CONSTANT, SPLIT_INVALID, TIMEFRAME_MIXED,
   * PARAM_RANGE, TRAIN_DIVERGED, those of {@link MarketDataException}, and the first problem's of a
   * strategy that is not valid.
   */
  @Override
  public OperationResult run(OperationSpec.Training submitted, RunContext context)
      throws InterruptedException {
    OperationSpec.Training spec =
        submitted.withEngineVersion(engine.orSubmitted(submitted.engineVersion()));
    context.report(Progress.initializing());
    NeuroFuzzyStrategy strategy = strategy(spec);
    FeatureBuilder builder = featureBuilder(strategy, timeframe(spec), spec);
    List<DatasetBars> data = new ArrayList<>();
    for (DatasetRef dataset : spec.datasets()) {
      context.throwIfStopped();
      context.report(
          Progress.of(
              Trainer.PERCENT_BEFORE_EPOCHS * data.size() / spec.datasets().size(),
              "Preparing features of %s %s".formatted(dataset.symbol(), dataset.timeframe())));
      data.add(bars(dataset, context));
    }
    List<BarSeries> series = data.stream().map(DatasetBars::bars).toList();
    TrainingSet set =
        TrainingSet.of(series, builder, indicators, strategy, spec, context::throwIfStopped);
    context.throwIfStopped();
    requireTrainable(strategy, set.train());
    context.report(Progress.of(Trainer.PERCENT_BEFORE_EPOCHS, "Preparing the network"));

    List<String> names = builder.names();
    Trainer trainer =
        new Trainer(
            strategy.model(),
            strategy.training(),
            spec.seed(),
            context,
            set.train().scaled(names, set.scalings()),
            set.validation().scaled(names, set.scalings()));
    context.onStop(() -> partial(trainer.epochs(), spec, strategy));
    TrainedNetwork trained = trainer.run();

    context.report(Progress.of(99, "Testing the model"));
    ModelBundle bare =
        bundle(spec, strategy, set, trained, names, Json.mapper().createObjectNode());
    Assessment test = test(bare, set, strategy, context);
    ModelInsight insight = ModelInsight.of(bare, set.test(), spec.seed(), context::throwIfStopped);
    TrainingReport report = new TrainingReport(spec, strategy, builder, set, trained, test, data);
    ModelBundle model =
        bundle(spec, strategy, set, trained, names, insight.addedTo(report.forModel()));
    ArtifactRef artifact = context.storeArtifact(ArtifactRef.MODEL, ModelBundleCodec.encode(model));
    return new OperationResult(
        insight.addedToResult(
            report.values(
                new TrainingReport.ModelFacts(
                    model.parameterCount(),
                    model.weightsSha256().hex(),
                    names,
                    model.architecture()))),
        List.of(artifact));
  }

  /** What a cancelled training is worth: how far it came. A model needs a whole training. */
  private static Optional<OperationResult> partial(
      List<Epoch> epochs, OperationSpec.Training spec, NeuroFuzzyStrategy strategy) {
    return epochs.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new OperationResult(TrainingReport.partial(spec, strategy, epochs), List.of()));
  }

  private static NeuroFuzzyStrategy strategy(OperationSpec.Training spec) {
    try {
      return StrategyParser.parseNeuroFuzzy(spec.strategyYaml());
    } catch (StrategyInvalidException e) {
      throw failure(e.code(), e);
    }
  }

  private static FeatureBuilder featureBuilder(
      NeuroFuzzyStrategy strategy, Timeframe base, OperationSpec.Training spec) {
    try {
      return new FeatureBuilder(strategy, base, spec.timeframes());
    } catch (StrategyInvalidException e) {
      throw failure(e.code(), e);
    }
  }

  private static Timeframe timeframe(OperationSpec.Training spec) {
    Timeframe first = spec.datasets().getFirst().timeframe();
    for (DatasetRef dataset : spec.datasets()) {
      if (dataset.timeframe() != first) {
        throw OperationFailedException.permanent(
            "TIMEFRAME_MIXED",
            "the datasets of one training have one timeframe, not %s and %s"
                .formatted(first, dataset.timeframe()));
      }
    }
    return first;
  }

  private static DatasetBars bars(DatasetRef dataset, RunContext context)
      throws InterruptedException {
    byte[] csv = context.artifact(dataset.sha256());
    try {
      return DatasetBars.read(csv, dataset, context::throwIfStopped);
    } catch (MarketDataException e) {
      throw failure(e.code(), e);
    }
  }

  private static ModelBundle bundle(
      OperationSpec.Training spec,
      NeuroFuzzyStrategy strategy,
      TrainingSet set,
      TrainedNetwork trained,
      List<String> featureNames,
      ObjectNode training) {
    return new ModelBundle(
        ModelBundle.formatOf(trained.recurrence(), trained.layers()),
        strategy.name(),
        spec.strategyYaml(),
        spec.datasets().getFirst().timeframe(),
        spec.timeframes(),
        spec.datasets().stream().map(DatasetRef::symbol).toList(),
        set.firstDay(),
        set.lastDay(),
        featureNames,
        set.scalings(),
        trained.recurrence(),
        trained.layers(),
        spec.engineVersion(),
        spec.seed(),
        training);
  }

  private static void requireTrainable(NeuroFuzzyStrategy strategy, Samples train) {
    TrainingSize.tooManyParameters(strategy.model(), strategy.training(), train.columns())
        .or(() ->
            TrainingSize.tooLong(
                strategy.model(), strategy.training(), train.columns(), train.rows()))
        .ifPresent(why -> {
          throw OperationFailedException.permanent("PARAM_RANGE", why);
        });
  }

  private static Assessment test(
      ModelBundle model, TrainingSet set, NeuroFuzzyStrategy strategy, RunContext context) {
    Samples rows = set.test();
    FeatureMatrix features =
        new FeatureMatrix(model.featureNames(), rows.features(), rows.bars(), 0);
    float[] ofBars = Inference.outputs(model, features, _ -> context.throwIfStopped());
    return Assessment.of(
        rows.answersOfRows(ofBars, model.outputs()),
        rows,
        ClassWeights.of(set.train().counts(strategy.training().labels().classes())),
        strategy.training().loss());
  }

  private static OperationFailedException failure(String code, RuntimeException cause) {
    String message = cause.getMessage();
    return new OperationFailedException(code, message == null ? code : message, false, cause);
  }
}
