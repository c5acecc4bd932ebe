package io.ktrdr.backtest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.table.Column;
import io.ktrdr.protocol.table.TableWriter;
import io.ktrdr.strategy.Stops;
import io.ktrdr.worker.OperationFailedException;
import java.util.List;

/** A strategy made ready for one series: what it wants at each bar, and what to say of it. */
sealed interface PreparedStrategy extends SignalSource permits PreparedModel, PreparedRules {

  /**
   * {@inheritDoc}
   *
   * @throws OperationFailedException MODEL_OUTPUT_INVALID
   */
  @Override
  int at(int bar, int position, long lastFillTime);

  /** Bars before it have no decision. */
  int firstUsable();

  Stops stops();

  /** Adds what decided: digests and counts. */
  void addFacts(ObjectNode values);

  /** Adds the settings the decisions follow from. */
  void addConfig(ObjectNode config);

  /** Columns that say why a trade was entered. */
  List<Column> entryColumns();

  /** Their cells for a trade. */
  void addEntry(TableWriter row, Trade trade);

  /**
   * What it has counted while it was asked: all it remembers between two bars. A checkpoint keeps
   * it; the columns it decides from are computed again.
   */
  int[] counted();

  /**
   * Goes on counting from there.
   *
   * @throws IllegalArgumentException when it counts another number of things
   */
  void resume(int[] counted);

  /** What the user should know when there was no trade at all. */
  String whyNoTrades();

  /** Adds those stops that are set. */
  static void putStops(ObjectNode decisions, Stops stops) {
    ObjectNode json = decisions.putObject("stops");
    if (stops.stopLoss() < Double.POSITIVE_INFINITY) {
      json.put("stop_loss", stops.stopLoss());
    }
    if (stops.takeProfit() < Double.POSITIVE_INFINITY) {
      json.put("take_profit", stops.takeProfit());
    }
    if (stops.trailing() < Double.POSITIVE_INFINITY) {
      json.put("trailing", stops.trailing());
    }
    if (stops.maxBars() < Integer.MAX_VALUE) {
      json.put("max_bars", stops.maxBars());
    }
  }
}
