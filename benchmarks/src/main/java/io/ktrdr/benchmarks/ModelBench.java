package io.ktrdr.benchmarks;

import io.ktrdr.backtest.BacktestHandler;
import io.ktrdr.market.BarSeries;
import io.ktrdr.protocol.DatasetRef;
import io.ktrdr.protocol.Execution;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.Sizing;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.strategy.Activation;
import io.ktrdr.strategy.DenseLayer;
import io.ktrdr.strategy.FeatureBuilder;
import io.ktrdr.strategy.Inference;
import io.ktrdr.strategy.ModelBundle;
import io.ktrdr.strategy.ModelBundleCodec;
import io.ktrdr.strategy.StrategyParser;
import io.ktrdr.strategy.indicator.IndicatorCache;
import io.ktrdr.worker.testkit.InMemoryRun;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleSupplier;

/**
 * A backtest of a model with 27 features as a worker runs it, without the system around it: from
 * the bytes of a CSV file to the bytes of the result.
 */
final class ModelBench {

  private static final double TARGET_MICROS = 2;
  private static final int[] LAYERS = {27, 50, 25, ModelBundle.OUTPUTS};
  private static final long SEED = 42;

  private static final String YAML =
      """
      name: features_27
      version: '3.0'
      training_data:
        symbols: {mode: single, symbol: WALK}
        timeframes: {mode: single, timeframe: 1h}
        history_required: 100
      indicators:
        rsi: {type: rsi, period: 14}
        percent_b: {type: percent_b, period: 20, multiplier: 2.0}
        ppo: {type: ppo, fast_period: 12, slow_period: 26, signal_period: 9}
        natr: {type: natr, period: 14}
        stochastic: {type: stochastic, k_period: 14, d_period: 3, smooth_k: 3}
        williams: {type: williamsr, period: 14}
        cci: {type: cci, period: 20}
        roc: {type: roc, period: 10}
        adx: {type: adx, period: 14}
      fuzzy_sets:
        rsi: {indicator: rsi, low: [0, 20, 50], middle: [30, 50, 70], high: [50, 80, 100]}
        bands: {indicator: percent_b, low: [-1, 0, 0.5], middle: [0, 0.5, 1], high: [0.5, 1, 2]}
        momentum: {indicator: ppo.histogram, low: [-1, -0.1, 0], middle: [-0.1, 0, 0.1], high: [0, 0.1, 1]}
        range: {indicator: natr, low: [0, 0, 0.1], middle: [0, 0.1, 0.2], high: [0.1, 0.2, 9]}
        place: {indicator: stochastic.k, low: [0, 20, 50], middle: [30, 50, 70], high: [50, 80, 100]}
        williams: {indicator: williams, low: [-100, -80, -50], middle: [-70, -50, -30], high: [-50, -20, 0]}
        cci: {indicator: cci, low: [-300, -100, 0], middle: [-100, 0, 100], high: [0, 100, 300]}
        change: {indicator: roc, low: [-3, -1, 0], middle: [-1, 0, 1], high: [0, 1, 3]}
        trend: {indicator: adx.adx, low: [0, 10, 25], middle: [15, 25, 40], high: [30, 60, 100]}
      nn_inputs:
        - {fuzzy_set: rsi, timeframes: all}
        - {fuzzy_set: bands, timeframes: all}
        - {fuzzy_set: momentum, timeframes: all}
        - {fuzzy_set: range, timeframes: all}
        - {fuzzy_set: place, timeframes: all}
        - {fuzzy_set: williams, timeframes: all}
        - {fuzzy_set: cci, timeframes: all}
        - {fuzzy_set: change, timeframes: all}
        - {fuzzy_set: trend, timeframes: all}
      model:
        type: mlp
        architecture: {hidden_layers: [50, 25], activation: relu}
      decisions: {confidence_threshold: 0.4, allow_short_from_flat: true}
      """;

  private final int bars;
  private final int repeats;

  ModelBench(int bars, int repeats) {
    this.bars = bars;
    this.repeats = repeats;
  }

  List<Measurement> run() {
    BarSeries prices = SyntheticPrices.bars(bars, Timeframe.H1);
    ModelBundle model = model();
    FeatureBuilder builder = new FeatureBuilder(StrategyParser.parseNeuroFuzzy(YAML), Timeframe.H1);
    List<Double> answers =
        micros(() -> Inference.outputs(model, builder.build(prices, new IndicatorCache(0)))[0]);
    byte[] csv = SyntheticPrices.csv(prices);
    byte[] bundle = ModelBundleCodec.encode(model);
    // A new handler each time, whose cache of indicators is empty.
    List<Double> whole = micros(() -> finalEquity(new BacktestHandler(), bundle, csv));
    return List.of(
        new Measurement("27 features: model's answers", "µs/bar", answers, Double.NaN, false),
        new Measurement("27 features, CSV to result", "µs/bar", whole, TARGET_MICROS, false));
  }

  private List<Double> micros(DoubleSupplier work) {
    return Stopwatch.seconds(2 * repeats, repeats, work).stream()
        .map(seconds -> seconds * 1e6 / bars)
        .toList();
  }

  private double finalEquity(BacktestHandler handler, byte[] model, byte[] csv) {
    InMemoryRun run = new InMemoryRun("op_backtest_20251110_103000_abc12345").withoutCheckpoints();
    OperationSpec.Backtest spec =
        new OperationSpec.Backtest(
            "features_27",
            new OperationSpec.Decider.Model("features_27/1h_v1", run.give(model)),
            new DatasetRef(SyntheticPrices.SYMBOL, Timeframe.H1, run.give(csv)),
            LocalDate.ofInstant(SyntheticPrices.FIRST, ZoneOffset.UTC),
            LocalDate.of(2100, 1, 1),
            Cross.CAPITAL,
            new Execution(
                Execution.Fill.NEXT_OPEN, Cross.COMMISSION_RATE, 0, 0, 0, 0, 0, 0, 0, true),
            Sizing.DEFAULT,
            "bench");
    try {
      return handler.run(spec, run).values().path("final_equity").doubleValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** Weights from a seed: what a network costs does not depend on what it learned. */
  private static ModelBundle model() {
    Random random = new Random(SEED);
    List<DenseLayer> layers = new ArrayList<>();
    for (int i = 1; i < LAYERS.length; i++) {
      float[] weights = new float[LAYERS[i - 1] * LAYERS[i]];
      for (int w = 0; w < weights.length; w++) {
        weights[w] = (float) (random.nextGaussian() * Math.sqrt(2.0 / LAYERS[i - 1]));
      }
      layers.add(
          new DenseLayer(
              LAYERS[i - 1],
              LAYERS[i],
              i == LAYERS.length - 1 ? Activation.SOFTMAX : Activation.RELU,
              weights,
              new float[LAYERS[i]]));
    }
    return new ModelBundle(
        ModelBundle.FORMAT_VERSION,
        "features_27",
        YAML,
        Timeframe.H1,
        List.of(Timeframe.H1),
        List.of(SyntheticPrices.SYMBOL),
        LocalDate.of(2014, 1, 1),
        LocalDate.of(2014, 12, 31),
        new FeatureBuilder(StrategyParser.parseNeuroFuzzy(YAML), Timeframe.H1).names(),
        layers,
        "bench",
        SEED,
        Json.mapper().createObjectNode());
  }
}
