package io.ktrdr.backtest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.strategy.Stops;
import io.ktrdr.worker.OperationFailedException;

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

  /** Adds to a trade why it was entered. */
  void addEntry(ObjectNode json, Trade trade);

  /** What the user should know when there was no trade at all. */
  String whyNoTrades();
}
