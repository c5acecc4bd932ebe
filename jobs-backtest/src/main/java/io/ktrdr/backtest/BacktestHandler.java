package io.ktrdr.backtest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.market.BarSeries;
import io.ktrdr.market.DatasetBars;
import io.ktrdr.market.MarketDataException;
import io.ktrdr.protocol.ArtifactRef;
import io.ktrdr.protocol.Execution;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.OperationSpec.Decider;
import io.ktrdr.protocol.Progress;
import io.ktrdr.protocol.Sizing;
import io.ktrdr.strategy.FeatureBuilder;
import io.ktrdr.strategy.FeatureMatrix;
import io.ktrdr.strategy.Inference;
import io.ktrdr.strategy.InferenceSize;
import io.ktrdr.strategy.ModelBundle;
import io.ktrdr.strategy.ModelBundleCodec;
import io.ktrdr.strategy.ModelInvalidException;
import io.ktrdr.strategy.NeuroFuzzyStrategy;
import io.ktrdr.strategy.RulesStrategy;
import io.ktrdr.strategy.StrategyInvalidException;
import io.ktrdr.strategy.StrategyParser;
import io.ktrdr.strategy.indicator.IndicatorCache;
import io.ktrdr.worker.OperationFailedException;
import io.ktrdr.worker.OperationHandler;
import io.ktrdr.worker.OperationResult;
import io.ktrdr.worker.RunContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a strategy over past prices: a trained model, or rules.
 *
 * <p>The strategy of a model is the one inside it. Indicators are computed over every bar up to the
 * end date, so bars before the start date warm them; trading happens within the dates only. See
 * {@link FillLoop} for the fills, {@link EquityMetrics} and {@link TradeMetrics} for the figures.
 *
 * <p>The result holds the metrics flat at the top level, null where {@code undefined} says why; the
 * artifacts {@value #TRADES} and {@value #EQUITY} hold the trades and the equity curve. Equal specs
 * give equal bytes, also when a run was stopped or its worker died and another went on from its
 * checkpoint. A cancelled backtest keeps the figures of the bars it finished. Remembers nothing but
 * indicators it computed; for one run at a time or many.
 */
public final class BacktestHandler implements OperationHandler<OperationSpec.Backtest> {

  /** Name of the artifact with all trades, a {@link io.ktrdr.protocol.table.TableReader table}. */
  public static final String TRADES = "trades";

  /** Name of the artifact with the equity curve, a table of one point a bar. */
  public static final String EQUITY = "equity";

  private static final Logger LOG = LoggerFactory.getLogger(BacktestHandler.class);

  private final BarPace pace;

  /** Shared by all runs of this worker. */
  private final IndicatorCache indicators;

  /**
   * @throws IllegalArgumentException when the pace setting (see {@link BarPace}) is not valid
   */
  public BacktestHandler() {
    this(new IndicatorCache());
  }

  BacktestHandler(IndicatorCache indicators) {
    this.pace = BarPace.fromSettings(System.getenv());
    this.indicators = indicators;
  }

  @Override
  public Class<OperationSpec.Backtest> specType() {
    return OperationSpec.Backtest.class;
  }

  /**
   * {@inheritDoc}
   *
   * <p>A model trained on bars of another length has other features: MODEL_FEATURES_MISMATCH.
   *
   * <p>Codes: RANGE_TOO_SHORT, MODEL_CORRUPT, MODEL_VERSION_UNSUPPORTED, MODEL_TOO_LARGE,
   * MODEL_FEATURES_MISMATCH, MODEL_OUTPUT_INVALID, PARAM_RANGE, TRADES_TOO_MANY,
   * RECONCILIATION_FAILED, those of {@link MarketDataException}, and the first problem's of rules
   * that are not valid.
   */
  @Override
  public OperationResult run(OperationSpec.Backtest spec, RunContext context)
      throws InterruptedException {
    context.report(Progress.initializing());
    DatasetBars data = bars(spec, context);
    context.throwIfStopped();
    BacktestRange range = BacktestRange.of(data.bars(), spec);
    List<Warning> warnings = new ArrayList<>();
    range.warnAboutData(data, spec, warnings);
    PreparedStrategy strategy =
        switch (spec.decider()) {
          case Decider.Model model -> prepare(model, spec, range, warnings, context);
          case Decider.Rules rules -> prepare(rules, spec, range, context);
        };
    range.requireUsable(strategy.firstUsable());

    BacktestCheckpoint checkpoint =
        new BacktestCheckpoint(spec, range.from(), range.visible().size());
    FillLoop loop = resumed(checkpoint, spec, range, strategy, context);
    context.onStop(() -> partial(loop.soFar(), range, data, spec, strategy, warnings, context));
    new BarProgress(context, pace, range.visible(), range.from(), spec.initialCapital())
        .run(loop, checkpoint.of(loop, strategy));
    loop.reconcile();
    EngineRun run = loop.soFar();
    warnAboutRun(run, strategy, spec, warnings);
    return result(
        new BacktestReport(spec, strategy, range.visible(), run, range.facts(data, spec)),
        warnings,
        context);
  }

  private PreparedStrategy prepare(
      Decider.Model decider,
      OperationSpec.Backtest spec,
      BacktestRange range,
      List<Warning> warnings,
      RunContext context)
      throws InterruptedException {
    ModelBundle model = model(context.artifact(decider.sha256()));
    NeuroFuzzyStrategy strategy = strategy(model);
    warnIfOtherContext(spec, model, warnings);
    range.warnIfInSample(model, warnings);
    InferenceSize.tooLong(model.sequenceLength(), model.parameterCount(), range.visible().size())
        .ifPresent(why -> {
          throw OperationFailedException.permanent("PARAM_RANGE", why);
        });
    context.report(Progress.of(1, "Preparing features"));
    FeatureBuilder builder = featureBuilder(strategy, model, range.visible());
    try {
      builder.requireFits(model);
      requireSameAnswers(model, strategy);
      FeatureMatrix features = builder.build(range.visible(), indicators, context::throwIfStopped);
      return new PreparedModel(
          range.visible(),
          Inference.outputs(model, features, rows -> answered(rows, model, features, context)),
          strategy.training().labels().classes(),
          Math.max(model.firstAnswered(features), spec.sizing().warmupBars()),
          strategy.decisions(),
          builder.timeframes(),
          model.sequenceLength(),
          new PreparedModel.Origin(
              decider.version(),
              model.trainStart(),
              model.trainEnd(),
              strategy.textSha256().hex(),
              model.weightsSha256().hex()));
    } catch (ModelInvalidException e) {
      throw failure(e.code(), e);
    }
  }

  /** Sequences take a while: whoever looks on sees that it goes on. */
  private static void answered(
      int rows, ModelBundle model, FeatureMatrix features, RunContext context) {
    context.throwIfStopped();
    if (model.sequenceLength() > 1) {
      double share = (double) rows / features.rows();
      context.report(
          Progress.of(
              1 + (BarProgress.PERCENT_BEFORE_BARS - 1) * share,
              "Asking the model, bar %d/%d".formatted(rows, features.rows())));
    }
  }

  private PreparedStrategy prepare(
      Decider.Rules decider, OperationSpec.Backtest spec, BacktestRange range, RunContext context)
      throws InterruptedException {
    RulesStrategy strategy = strategy(decider);
    context.report(Progress.of(1, "Preparing indicators"));
    int firstUsable = Math.max(strategy.warmupBars(), spec.sizing().warmupBars());
    range.requireUsable(firstUsable);
    return new PreparedRules(
        strategy, range.visible(), range.from(), firstUsable, indicators, context::throwIfStopped);
  }

  /** At the bar an earlier attempt has come to; at the first bar when that cannot be used. */
  private static FillLoop resumed(
      BacktestCheckpoint checkpoint,
      OperationSpec.Backtest spec,
      BacktestRange range,
      PreparedStrategy strategy,
      RunContext context)
      throws InterruptedException {
    Optional<byte[]> newest = context.latestCheckpoint();
    if (newest.isPresent()) {
      FillLoop loop = loop(spec, range, strategy);
      try {
        checkpoint.read(newest.get(), loop, strategy);
        LOG.info(
            "Backtest {} goes on at bar {} of {}",
            context.operationId(),
            loop.next() - range.from() + 1,
            range.size());
        return loop;
      } catch (BacktestCheckpoint.RefusedException e) {
        LOG.warn(
            "Backtest {} begins anew: the checkpoint {}", context.operationId(), e.getMessage());
        context.report(
            Progress.of(
                BarProgress.PERCENT_BEFORE_BARS,
                "Beginning anew: the checkpoint " + e.getMessage()));
      }
    }
    return loop(spec, range, strategy);
  }

  private static FillLoop loop(
      OperationSpec.Backtest spec, BacktestRange range, PreparedStrategy strategy) {
    BarSeries bars = range.visible();
    return new FillLoop(
        bars,
        range.from(),
        bars.size(),
        strategy,
        strategy.stops(),
        spec.execution(),
        spec.sizing(),
        spec.sizing().kind() == Sizing.Kind.VOLATILITY_TARGET
            ? VolatilityTarget.shares(bars, spec.sizing().value())
            : null,
        spec.initialCapital());
  }

  /** What a cancelled backtest is worth: the same figures, over the bars that are finished. */
  private static Optional<OperationResult> partial(
      EngineRun run,
      BacktestRange range,
      DatasetBars data,
      OperationSpec.Backtest spec,
      PreparedStrategy strategy,
      List<Warning> warnings,
      RunContext context)
      throws InterruptedException {
    int processed = run.equity().length;
    if (processed == 0) {
      return Optional.empty();
    }
    BarSeries finished = range.visible().slice(0, range.from() + processed);
    OperationResult result =
        result(
            new BacktestReport(spec, strategy, finished, run, range.facts(data, spec)),
            warnings,
            context);
    result.values().put("bars_processed", processed).put("bars_total", range.size());
    ((ObjectNode) result.values().path("conventions"))
        .put("end_rule", "stopped early: an open position is not closed, only valued");
    return Optional.of(result);
  }

  private static OperationResult result(
      BacktestReport report, List<Warning> warnings, RunContext context)
      throws InterruptedException {
    List<ArtifactRef> artifacts =
        List.of(
            context.storeArtifact(TRADES, report.trades()),
            context.storeArtifact(EQUITY, report.equityCurve()));
    return new OperationResult(report.values(warnings), artifacts);
  }

  private static ModelBundle model(byte[] bytes) {
    try {
      return ModelBundleCodec.decode(bytes);
    } catch (ModelInvalidException e) {
      throw failure(e.code(), e);
    }
  }

  private static NeuroFuzzyStrategy strategy(ModelBundle model) {
    try {
      NeuroFuzzyStrategy strategy = StrategyParser.parseNeuroFuzzy(model.strategyYaml());
      model.requireSequencesOf(strategy);
      return strategy;
    } catch (ModelInvalidException e) {
      throw failure(e.code(), e);
    } catch (StrategyInvalidException e) {
      throw new OperationFailedException(
          "MODEL_CORRUPT",
          "the strategy inside the model cannot be used: " + e.getMessage(),
          false,
          e);
    }
  }

  private static RulesStrategy strategy(Decider.Rules rules) {
    try {
      return StrategyParser.parseRules(rules.strategyYaml());
    } catch (StrategyInvalidException e) {
      throw failure(e.code(), e);
    }
  }

  private static DatasetBars bars(OperationSpec.Backtest spec, RunContext context)
      throws InterruptedException {
    byte[] csv = context.artifact(spec.dataset().sha256());
    try {
      return DatasetBars.read(csv, spec.dataset(), context::throwIfStopped);
    } catch (MarketDataException e) {
      throw failure(e.code(), e);
    }
  }

  private static FeatureBuilder featureBuilder(
      NeuroFuzzyStrategy strategy, ModelBundle model, BarSeries bars) {
    if (bars.timeframe() != model.timeframe()) {
      throw OperationFailedException.permanent(
          "MODEL_FEATURES_MISMATCH",
          "the model decides on %s bars, these are %s bars: run it on %s, or train one on %s"
              .formatted(model.timeframe(), bars.timeframe(), model.timeframe(), bars.timeframe()));
    }
    try {
      return new FeatureBuilder(strategy, model.timeframe(), model.timeframes());
    } catch (StrategyInvalidException e) {
      throw failure(e.code(), e);
    }
  }

  private static void requireSameAnswers(ModelBundle model, NeuroFuzzyStrategy strategy) {
    if (model.predictsReturns() != (strategy.decisions().costModel() != null)
        || model.outputs() != strategy.training().outputs()) {
      throw OperationFailedException.permanent(
          "MODEL_CORRUPT",
          "the network has %d outputs, which is not what decisions.output_format and training.labels of its strategy ask for"
              .formatted(model.outputs()));
    }
  }

  private static void warnIfOtherContext(
      OperationSpec.Backtest spec, ModelBundle model, List<Warning> warnings) {
    if (!model.symbols().contains(spec.dataset().symbol())) {
      warnings.add(
          new Warning(
              "MODEL_CONTEXT_MISMATCH",
              "the model was trained on %s, this backtest runs on %s"
                  .formatted(String.join(", ", model.symbols()), spec.dataset().symbol())));
    }
  }

  private static void warnAboutRun(
      EngineRun run,
      PreparedStrategy strategy,
      OperationSpec.Backtest spec,
      List<Warning> warnings) {
    if (run.trades().isEmpty()) {
      warnings.add(new Warning("NO_TRADES", strategy.whyNoTrades()));
    }
    if (run.refusedOrders() > 0) {
      warnings.add(
          new Warning(
              "CAPITAL_TOO_SMALL",
              "%d orders were dropped because the capital does not reach for them"
                  .formatted(run.refusedOrders())));
    }
    if (run.conflicts() > 0) {
      warnings.add(
          new Warning(
              "SIGNALS_CONFLICT",
              "at %d bars both sides were to be entered, so neither was"
                  .formatted(run.conflicts())));
    }
    if (spec.execution().fill() == Execution.Fill.SAME_CLOSE) {
      warnings.add(
          new Warning(
              "SAME_CLOSE_FILLS",
              "orders are filled at the very close they were decided at: expect worse from"
                  + " trading"));
    }
  }

  private static OperationFailedException failure(String code, RuntimeException cause) {
    String message = cause.getMessage();
    return new OperationFailedException(code, message == null ? code : message, false, cause);
  }
}
