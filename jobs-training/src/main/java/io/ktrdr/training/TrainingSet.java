package io.ktrdr.training;

import io.ktrdr.market.BarSeries;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.strategy.FeatureBuilder;
import io.ktrdr.strategy.FeatureMatrix;
import io.ktrdr.strategy.FeatureScaling;
import io.ktrdr.strategy.LabelClasses;
import io.ktrdr.strategy.LabelSettings;
import io.ktrdr.strategy.ModelBundle;
import io.ktrdr.strategy.NeuroFuzzyStrategy;
import io.ktrdr.strategy.TrainingSettings;
import io.ktrdr.strategy.indicator.IndicatorCache;
import io.ktrdr.worker.OperationFailedException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Everything a training learns from and is judged by: features and labels of each symbol from its
 * own bars, all symbols split at the same times, the parts then stacked in the order of the
 * datasets.
 *
 * @param train features as they are, as in the other parts
 * @param scalings read off the training rows; none for features that are taken as they are
 * @param symbols what each symbol contributed, in the same order
 * @param times where the parts begin
 * @param firstDay of the bars used
 * @param lastDay of the bars used
 */
record TrainingSet(
    Samples train,
    Samples validation,
    Samples test,
    List<FeatureScaling> scalings,
    List<SymbolShare> symbols,
    SplitTimes times,
    LocalDate firstDay,
    LocalDate lastDay) {

  private static final int ROWS_MIN = TrainingSettings.ROWS_MIN;

  private static final int THRESHOLD_HALVINGS_MAX = 10;

  /**
   * What one symbol contributed.
   *
   * @param bars within the dates
   * @param unlabelled of them, bars without a label or without all features of their sequence
   * @param purged labelled rows dropped for the gaps between the parts, or because their sequence
   *     begins before their part
   */
  record SymbolShare(
      String symbol, int bars, int unlabelled, int train, int validation, int test, int purged) {}

  /**
   * Builds features and labels of every series.
   *
   * @param series one per symbol, each with all the bars there are; those before the start date
   *     only warm the indicators, those after the end date are not looked at, not even for labels
   * @param between called before each indicator; what it throws ends the preparing
   * @throws OperationFailedException RANGE_TOO_SHORT, LABELS_DEGENERATE, FEATURE_CONSTANT,
   *     SPLIT_INVALID
   */
  static TrainingSet of(
      List<BarSeries> series,
      FeatureBuilder builder,
      IndicatorCache indicators,
      NeuroFuzzyStrategy strategy,
      OperationSpec.Training spec,
      Runnable between) {
    List<Symbol> symbols = new ArrayList<>();
    for (BarSeries all : series) {
      symbols.add(prepare(all, builder, indicators, strategy, spec, between));
    }
    SplitTimes times =
        SplitTimes.of(symbols.stream().map(Symbol::rows).toList(), strategy.training().split());
    List<ChronologicalSplit> splits =
        symbols.stream().map(symbol -> ChronologicalSplit.of(symbol.rows(), times)).toList();
    List<SymbolShare> shares = new ArrayList<>();
    for (int i = 0; i < splits.size(); i++) {
      shares.add(share(symbols.get(i), splits.get(i)));
    }
    Samples train = Samples.stacked(splits.stream().map(ChronologicalSplit::train).toList());
    Samples validation =
        Samples.stacked(splits.stream().map(ChronologicalSplit::validation).toList());
    Samples test = Samples.stacked(splits.stream().map(ChronologicalSplit::test).toList());
    requireLearnable(
        strategy.training().labels(), train, symbols.stream().map(Symbol::close).toList());
    requireParts(validation, test);
    return new TrainingSet(
        train,
        validation,
        test,
        ScalingFit.of(builder.names(), builder.normalizations(), train),
        List.copyOf(shares),
        times,
        symbols.stream().map(Symbol::firstDay).min(Comparator.naturalOrder()).orElseThrow(),
        symbols.stream().map(Symbol::lastDay).max(Comparator.naturalOrder()).orElseThrow());
  }

  /** One symbol's bars up to the end date, and what can be learnt from those within the dates. */
  private record Symbol(BarSeries bars, int from, LabelledRows rows) {

    int barsInRange() {
      return bars.size() - from;
    }

    double[] close() {
      return Arrays.copyOfRange(bars.close(), from, bars.size());
    }

    LocalDate firstDay() {
      return day(from);
    }

    LocalDate lastDay() {
      return day(bars.size() - 1);
    }

    private LocalDate day(int bar) {
      return bars.time(bar).atOffset(ZoneOffset.UTC).toLocalDate();
    }
  }

  private static Symbol prepare(
      BarSeries all,
      FeatureBuilder builder,
      IndicatorCache indicators,
      NeuroFuzzyStrategy strategy,
      OperationSpec.Training spec,
      Runnable between) {
    Instant start = spec.startDate().atStartOfDay().toInstant(ZoneOffset.UTC);
    Instant end = spec.endDate().plusDays(1).atStartOfDay().toInstant(ZoneOffset.UTC);
    BarSeries bars = all.slice(0, all.firstIndexAtOrAfter(end));
    int from = bars.firstIndexAtOrAfter(start);
    requireHistory(bars, from, strategy.trainingData().historyRequired(), spec);
    FeatureMatrix features = builder.build(bars, indicators, between);
    int sequence = strategy.model().sequenceLength();
    requireWarm(bars, from, features.firstUsableRow() + sequence - 1);
    Labels labels =
        shifted(Labels.of(strategy.training().labels(), bars.slice(from, bars.size())), from);
    return new Symbol(bars, from, LabelledRows.of(bars, features, labels, from, sequence));
  }

  /** Labels of the bars from {@code from} on, as labels of the whole series. */
  private static Labels shifted(Labels labels, int from) {
    int bars = labels.classes().length + from;
    byte[] classes = new byte[bars];
    Arrays.fill(classes, 0, from, Labels.NONE);
    System.arraycopy(labels.classes(), 0, classes, from, bars - from);
    int[] knownAt = new int[bars];
    for (int bar = from; bar < bars; bar++) {
      knownAt[bar] = labels.knownAt()[bar - from] + from;
    }
    double[] returns = labels.returns();
    if (returns.length > 0) {
      returns = new double[bars];
      Arrays.fill(returns, 0, from, Double.NaN);
      System.arraycopy(labels.returns(), 0, returns, from, bars - from);
    }
    return new Labels(classes, knownAt, returns);
  }

  private static void requireHistory(
      BarSeries bars, int from, int need, OperationSpec.Training spec) {
    int have = bars.size() - from;
    if (have < need || have == 0) {
      throw OperationFailedException.permanent(
          "RANGE_TOO_SHORT",
          "%s %s has %d bars between %s and %s, training_data.history_required is %d"
              .formatted(
                  bars.symbol(),
                  bars.timeframe(),
                  have,
                  spec.startDate(),
                  spec.endDate(),
                  Math.max(1, need)));
    }
  }

  private static void requireWarm(BarSeries bars, int from, int firstUsable) {
    if (bars.size() - Math.max(from, firstUsable) < ROWS_MIN) {
      throw OperationFailedException.permanent(
          "RANGE_TOO_SHORT",
          "%s %s has %d bars up to the end date and its indicators, and the model's sequence, need %d of them to warm up: choose a longer range or shorter timeframes"
              .formatted(bars.symbol(), bars.timeframe(), bars.size(), firstUsable));
    }
  }

  private static void requireLearnable(LabelSettings labels, Samples train, List<double[]> closes) {
    if (labels instanceof LabelSettings.ForwardReturn) {
      requireReturns(train);
      return;
    }
    LabelClasses classes = labels.classes();
    int[] counts = train.counts(classes);
    for (int count : counts) {
      if (count < ROWS_MIN) {
        throw OperationFailedException.permanent(
            "LABELS_DEGENERATE",
            "the training rows have %s; each needs %d: %s"
                .formatted(
                    IntStream.range(0, counts.length)
                        .mapToObj(c -> classes.title(c) + " " + counts[c])
                        .collect(Collectors.joining(", ")),
                    ROWS_MIN,
                    hint(labels, closes)));
      }
    }
  }

  private static void requireReturns(Samples train) {
    if (train.rows() < ROWS_MIN || Assessment.allEqual(train.returns())) {
      throw OperationFailedException.permanent(
          "LABELS_DEGENERATE",
          ("there are %d training rows and need to be %d, with returns that differ: choose a longer"
                  + " range, a smaller training.labels.horizon or other data")
              .formatted(train.rows(), ROWS_MIN));
    }
  }

  private static String hint(LabelSettings labels, List<double[]> closes) {
    return switch (labels) {
      case LabelSettings.Zigzag zigzag -> thresholdHint(zigzag.threshold(), closes);
      case LabelSettings.TripleBarrier(double profit, double loss, int bars, _, _) ->
          ("the barriers are at %s and %s volatilities for %d bars: a class that is rare wants its"
                  + " barrier nearer, HOLD wants both farther or fewer bars")
              .formatted(profit, loss, bars);
      case LabelSettings.Context(int horizon, double bullish, double bearish) ->
          ("training.labels has bullish_threshold %s and bearish_threshold %s over %d bars: a class"
               + " that is rare wants its threshold nearer to 0, HOLD wants both farther or fewer"
               + " bars")
              .formatted(bullish, bearish, horizon);
      case LabelSettings.Regime regime ->
          ("of training.labels, a smaller vol_crisis_threshold (now %s) finds more that is"
               + " VOLATILE, a larger macro_atr_mult (%s) or progression_tolerance (%s) more that"
               + " is RANGING, a smaller one more that is TRENDING; bars without %d ATRs before"
               + " them have no label")
              .formatted(
                  regime.volatilityThreshold(),
                  regime.macroMultiplier(),
                  regime.progressionTolerance(),
                  regime.volatilityLookback());
      case LabelSettings.ForwardReturn _ -> throw new IllegalArgumentException("has no classes");
    };
  }

  private static void requireParts(Samples validation, Samples test) {
    if (validation.rows() < ROWS_MIN || test.rows() < ROWS_MIN) {
      throw OperationFailedException.permanent(
          "SPLIT_INVALID",
          ("validation has %d rows and test has %d after the gaps between the parts, each needs %d:"
                  + " choose a longer range, other training.data_split shares, labels that end"
                  + " sooner or a shorter sequence_length")
              .formatted(validation.rows(), test.rows(), ROWS_MIN));
    }
  }

  private static String thresholdHint(double threshold, List<double[]> closes) {
    double smaller = threshold;
    for (int i = 0; i < THRESHOLD_HALVINGS_MAX; i++) {
      smaller /= 2;
      int turns = 0;
      for (double[] close : closes) {
        for (byte label : ZigzagLabels.of(close, smaller).classes()) {
          turns += label == ModelBundle.HOLD ? 1 : 0;
        }
      }
      if (turns >= 2 * ROWS_MIN) {
        return "training.labels.zigzag_threshold is %s, with %s the prices turn %d times"
            .formatted(threshold, smaller, turns);
      }
    }
    return "the prices hardly turn at any training.labels.zigzag_threshold, use other data";
  }

  private static SymbolShare share(Symbol symbol, ChronologicalSplit split) {
    int train = split.train().rows();
    int validation = split.validation().rows();
    int test = split.test().rows();
    int unlabelled = symbol.barsInRange() - train - validation - test - split.purged();
    return new SymbolShare(
        symbol.bars().symbol(),
        symbol.barsInRange(),
        unlabelled,
        train,
        validation,
        test,
        split.purged());
  }
}
