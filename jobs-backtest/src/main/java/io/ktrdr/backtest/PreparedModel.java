package io.ktrdr.backtest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.market.BarSeries;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.Timeframe;
import io.ktrdr.protocol.table.Column;
import io.ktrdr.protocol.table.TableWriter;
import io.ktrdr.strategy.CostModel;
import io.ktrdr.strategy.Decisions;
import io.ktrdr.strategy.FeatureBuilder;
import io.ktrdr.strategy.LabelClasses;
import io.ktrdr.strategy.Stops;
import io.ktrdr.worker.OperationFailedException;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * A trained model's answers for a series. BUY enters long and leaves short; SELL leaves long and
 * enters short, where shorts are allowed.
 */
final class PreparedModel implements PreparedStrategy {

  private final BarSeries bars;
  private final ModelAnswers answers;
  private final int firstUsable;
  private final Decisions decisions;
  private final List<Timeframe> timeframes;
  private final int sequenceLength;
  private final DecisionFilter filter;
  private final Origin origin;

  /** Bars by what the model said. */
  private final int[] counts;

  /**
   * Where a model comes from.
   *
   * @param trainStart first day of its training data, inclusive
   * @param trainEnd last day of its training data, inclusive
   */
  record Origin(
      String version,
      LocalDate trainStart,
      LocalDate trainEnd,
      String strategySha256,
      String weightsSha256) {}

  /**
   * @param outputs the network's for each bar of {@code bars}: a probability for each of its
   *     classes, or one return where the decisions have a cost model
   * @param kinds the classes; not looked at where returns are predicted
   * @param firstUsable bars before it are not decided at: features warm up, or the sizing
   * @param timeframes of the features
   * @param sequenceLength bars an answer is made of
   */
  PreparedModel(
      BarSeries bars,
      float[] outputs,
      LabelClasses kinds,
      int firstUsable,
      Decisions decisions,
      List<Timeframe> timeframes,
      int sequenceLength,
      Origin origin) {
    CostModel costs = decisions.costModel();
    this.answers =
        costs == null
            ? new ModelAnswers.Classes(kinds, outputs)
            : new ModelAnswers.Returns(outputs, costs);
    if (answers.bars() != bars.size()) {
      throw new IllegalArgumentException(
          "%d outputs for %d bars".formatted(outputs.length, bars.size()));
    }
    this.counts = new int[answers.kinds().count()];
    this.bars = bars;
    this.firstUsable = firstUsable;
    this.decisions = decisions;
    this.timeframes = List.copyOf(timeframes);
    this.sequenceLength = sequenceLength;
    this.filter = new DecisionFilter(decisions);
    this.origin = origin;
  }

  @Override
  public int at(int bar, int position, long lastFillTime) {
    if (bar < firstUsable) {
      return NOTHING;
    }
    if (!answers.known(bar)) {
      throw OperationFailedException.permanent(
          "MODEL_OUTPUT_INVALID",
          "the model gives no number for %s bar %s: train it again"
              .formatted(bars.symbol(), bars.time(bar)));
    }
    int kind = answers.kind(bar);
    counts[kind]++;
    Signal raw = Signal.of(answers.kinds().signalOf(kind));
    float confidence = answers.confidence(bar, raw);
    long closeTime = bars.times()[bar] + bars.timeframe().length().toSeconds();
    return switch (filter.filter(raw, confidence, closeTime, lastFillTime, position)) {
      case BUY -> ENTER_LONG | EXIT_SHORT;
      case SELL -> EXIT_LONG | (filter.shortsAllowed() ? ENTER_SHORT : NOTHING);
      case HOLD -> NOTHING;
    };
  }

  @Override
  public int firstUsable() {
    return firstUsable;
  }

  @Override
  public Stops stops() {
    return decisions.stops();
  }

  @Override
  public void addFacts(ObjectNode values) {
    values.put("model_version", origin.version());
    values.put("training_start", origin.trainStart().toString());
    values.put("training_end", origin.trainEnd().toString());
    ObjectNode json = values.putObject("decision_counts");
    for (Signal signal : Signal.values()) {
      json.put(signal.name().toLowerCase(Locale.ROOT), count(signal));
    }
    LabelClasses kinds = answers.kinds();
    if (kinds != LabelClasses.SIGNALS) {
      ObjectNode classes = values.putObject("class_counts");
      for (int kind = 0; kind < counts.length; kind++) {
        classes.put(kinds.names().get(kind), counts[kind]);
      }
    }
    values.put("strategy_sha256", origin.strategySha256());
    values.put("weights_sha256", origin.weightsSha256());
  }

  private int count(Signal signal) {
    int sum = 0;
    for (int kind = 0; kind < counts.length; kind++) {
      sum += answers.kinds().signalOf(kind) == signal.output() ? counts[kind] : 0;
    }
    return sum;
  }

  @Override
  public void addConfig(ObjectNode config) {
    ObjectNode json =
        config
            .putObject("decisions")
            .put("kind", "neuro_fuzzy")
            .put("position_awareness", decisions.positionAwareness())
            .put("min_signal_separation_hours", decisions.minSignalSeparationHours())
            .put("allow_short_from_flat", decisions.allowShortFromFlat());
    CostModel costs = decisions.costModel();
    if (costs == null) {
      json.put("output_format", "classification")
          .put("confidence_threshold", decisions.confidenceThreshold());
    } else {
      json.put("output_format", "regression")
          .put("round_trip_cost", costs.roundTripCost())
          .put("min_edge_multiplier", costs.minEdgeMultiplier())
          .put("return_threshold", costs.threshold());
    }
    if (!stops().equals(Stops.NONE)) {
      PreparedStrategy.putStops(json, stops());
    }
    if (sequenceLength > 1) {
      config.withObjectProperty("features").put("sequence_length", sequenceLength);
    }
    if (!timeframes.equals(List.of(bars.timeframe()))) {
      ObjectNode features = config.withObjectProperty("features");
      features.set("timeframes", Json.mapper().valueToTree(timeframes));
      features.put("higher_bars", FeatureBuilder.HIGHER_BARS_RULE);
    }
  }

  @Override
  public List<Column> entryColumns() {
    List<Column> columns = List.of(Column.word("entry_reason"), Column.ofFloats("confidence"));
    return switch (answers) {
      case ModelAnswers.Classes _ -> columns;
      case ModelAnswers.Returns _ ->
          Stream.concat(columns.stream(), Stream.of(Column.ofFloats("predicted_return"))).toList();
    };
  }

  @Override
  public void addEntry(TableWriter row, Trade trade) {
    Signal signal = trade.side() == Side.LONG ? Signal.BUY : Signal.SELL;
    row.word(signal.name());
    row.ofFloat(answers.confidence(trade.decidedAt(), signal));
    if (answers instanceof ModelAnswers.Returns(float[] predicted, var _)) {
      row.ofFloat(predicted[trade.decidedAt()]);
    }
  }

  @Override
  public int[] counted() {
    return counts.clone();
  }

  @Override
  public void resume(int[] counted) {
    if (counted.length != counts.length) {
      throw new IllegalArgumentException("%d counts".formatted(counted.length));
    }
    System.arraycopy(counted, 0, counts, 0, counts.length);
  }

  @Override
  public String whyNoTrades() {
    return "the model preferred BUY at %d bars, HOLD at %d, SELL at %d, and nothing passed the"
            .formatted(count(Signal.BUY), count(Signal.HOLD), count(Signal.SELL))
        + switch (answers) {
          case ModelAnswers.Classes _ ->
              " filters: lower decisions.confidence_threshold or look at the training";
          case ModelAnswers.Returns(var _, CostModel costs) ->
              " filters: a signal needs a predicted return beyond %s, see decisions.cost_model"
                  .formatted(costs.threshold());
        };
  }
}
