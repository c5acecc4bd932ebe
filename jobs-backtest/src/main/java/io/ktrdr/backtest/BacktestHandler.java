package io.ktrdr.backtest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.market.BarSeries;
import io.ktrdr.market.CsvBarReader;
import io.ktrdr.market.MarketDataException;
import io.ktrdr.protocol.ArtifactRef;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.Progress;
import io.ktrdr.strategy.FeatureBuilder;
import io.ktrdr.strategy.FeatureMatrix;
import io.ktrdr.strategy.Inference;
import io.ktrdr.strategy.ModelBundle;
import io.ktrdr.strategy.ModelBundleCodec;
import io.ktrdr.strategy.ModelInvalidException;
import io.ktrdr.strategy.Strategy;
import io.ktrdr.strategy.StrategyInvalidException;
import io.ktrdr.strategy.StrategyParser;
import io.ktrdr.worker.OperationFailedException;
import io.ktrdr.worker.OperationHandler;
import io.ktrdr.worker.OperationResult;
import io.ktrdr.worker.RunContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Runs a trained model over past prices.
 *
 * <p>The strategy is the one inside the model. Features are built over every bar up to the end
 * date, so bars before the start date warm the indicators; trading happens within the dates only.
 * See {@link BacktestEngine} for the fills, {@link EquityMetrics} and {@link TradeMetrics} for the
 * figures.
 *
 * <p>The result holds the metrics flat at the top level, null where {@code undefined} says why; the
 * artifacts {@value #TRADES} and {@value #EQUITY} hold the trades and the equity curve. Equal specs
 * give equal bytes. A cancelled backtest keeps the figures of the bars it finished. Stateless, for
 * one run at a time or many.
 */
public final class BacktestHandler implements OperationHandler<OperationSpec.Backtest> {

  /** Name of the artifact with all trades, a JSON array. */
  public static final String TRADES = "trades";

  /** Name of the artifact with the equity curve, a JSON array of one point a bar. */
  public static final String EQUITY = "equity";

  private final BarPace pace;

  /**
   * @throws IllegalArgumentException when the pace setting (see {@link BarPace}) is not valid
   */
  public BacktestHandler() {
    this.pace = BarPace.fromSettings(System.getenv());
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
   * <p>Codes: RANGE_TOO_SHORT, PARAM_RANGE, MODEL_CORRUPT, MODEL_VERSION_UNSUPPORTED,
   * MODEL_TOO_LARGE, MODEL_FEATURES_MISMATCH, MODEL_OUTPUT_INVALID, RECONCILIATION_FAILED, and
   * those of {@link MarketDataException}.
   */
  @Override
  public OperationResult run(OperationSpec.Backtest spec, RunContext context)
      throws InterruptedException {
    context.report(Progress.initializing());
    Costs costs = checkedCosts(spec);
    ModelBundle model = model(context.artifact(spec.modelSha256()));
    Strategy strategy = strategy(model);
    BarSeries all = bars(spec, context);
    BacktestRange range = BacktestRange.of(all, spec);
    List<Warning> warnings = new ArrayList<>();
    warnIfOtherContext(spec, model, warnings);
    range.warnIfTruncated(all, spec, warnings);
    range.warnIfInSample(model, warnings);

    context.report(Progress.of(1, "Preparing features"));
    FeatureMatrix features = features(strategy, range.visible());
    float[] probabilities = probabilities(model, features);
    range.requireUsable(features.firstUsableRow());

    BarProgress progress =
        new BarProgress(context, pace, range.visible(), range.size(), spec.initialCapital());
    BacktestEngine engine =
        new BacktestEngine(
            range.visible(),
            probabilities,
            features.firstUsableRow(),
            strategy.decisions(),
            costs,
            spec.initialCapital());
    context.onStop(() -> partial(engine.soFar(), range, spec, model, strategy, warnings, context));
    EngineRun run = engine.run(range.from(), progress);
    warnAboutRun(run, warnings);
    return result(
        new BacktestReport(spec, model, strategy, range.visible(), run), warnings, context);
  }

  /** What a cancelled backtest is worth: the same figures, over the bars that are finished. */
  private static Optional<OperationResult> partial(
      EngineRun run,
      BacktestRange range,
      OperationSpec.Backtest spec,
      ModelBundle model,
      Strategy strategy,
      List<Warning> warnings,
      RunContext context)
      throws InterruptedException {
    int processed = run.equity().length;
    if (processed == 0) {
      return Optional.empty();
    }
    BarSeries finished = range.visible().slice(0, range.from() + processed);
    OperationResult result =
        result(new BacktestReport(spec, model, strategy, finished, run), warnings, context);
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

  private static Costs checkedCosts(OperationSpec.Backtest spec) {
    if (!(spec.initialCapital() > 0 && Double.isFinite(spec.initialCapital()))) {
      throw OperationFailedException.permanent(
          "PARAM_RANGE", "initial_capital must be positive, not " + spec.initialCapital());
    }
    try {
      return new Costs(spec.commission(), spec.slippage());
    } catch (IllegalArgumentException e) {
      throw failure("PARAM_RANGE", e);
    }
  }

  private static ModelBundle model(byte[] bytes) {
    try {
      return ModelBundleCodec.decode(bytes);
    } catch (ModelInvalidException e) {
      throw failure(e.code(), e);
    }
  }

  private static Strategy strategy(ModelBundle model) {
    try {
      return StrategyParser.parse(model.strategyYaml());
    } catch (StrategyInvalidException e) {
      throw new OperationFailedException(
          "MODEL_CORRUPT",
          "the strategy inside the model cannot be used: " + e.getMessage(),
          false,
          e);
    }
  }

  private static BarSeries bars(OperationSpec.Backtest spec, RunContext context)
      throws InterruptedException {
    byte[] csv = context.artifact(spec.dataset().sha256());
    try {
      return CsvBarReader.read(csv, spec.dataset().symbol(), spec.dataset().timeframe());
    } catch (MarketDataException e) {
      throw failure(e.code(), e);
    }
  }

  private static FeatureMatrix features(Strategy strategy, BarSeries bars) {
    try {
      return new FeatureBuilder(strategy, bars.timeframe()).build(bars);
    } catch (StrategyInvalidException e) {
      throw failure(e.code(), e);
    }
  }

  private static float[] probabilities(ModelBundle model, FeatureMatrix features) {
    try {
      return Inference.probabilities(model, features);
    } catch (ModelInvalidException e) {
      throw failure(e.code(), e);
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

  private static void warnAboutRun(EngineRun run, List<Warning> warnings) {
    if (run.trades().isEmpty()) {
      int[] decisions = run.decisions();
      warnings.add(
          new Warning(
              "NO_TRADES",
              "the model preferred BUY at %d bars, HOLD at %d, SELL at %d, and nothing passed the"
                      .formatted(decisions[0], decisions[1], decisions[2])
                  + " filters: lower decisions.confidence_threshold or look at the training"));
    }
    if (run.refusedOrders() > 0) {
      warnings.add(
          new Warning(
              "CAPITAL_TOO_SMALL",
              "%d orders were dropped because the capital does not reach for one unit"
                  .formatted(run.refusedOrders())));
    }
  }

  private static OperationFailedException failure(String code, RuntimeException cause) {
    String message = cause.getMessage();
    return new OperationFailedException(code, message == null ? code : message, false, cause);
  }
}
