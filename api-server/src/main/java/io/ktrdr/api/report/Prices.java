package io.ktrdr.api.report;

import io.ktrdr.market.BarSeries;

/** The bars a backtest ran on, as far as they can still be had. */
public sealed interface Prices {

  /** All bars of the frozen file. */
  record Known(BarSeries bars) implements Prices {}

  /**
   * None.
   *
   * @param why a sentence for the page
   */
  record Missing(String why) implements Prices {}
}
