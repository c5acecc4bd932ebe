package io.ktrdr.backtest;

import static java.util.Objects.requireNonNull;

import io.ktrdr.protocol.Sizing;
import org.jspecify.annotations.Nullable;

/** How many units an entry takes. */
final class EntrySize {

  private final Sizing sizing;
  private final double @Nullable [] fractions;
  private final OrderCosts costs;

  /**
   * @param fractions for {@link Sizing.Kind#VOLATILITY_TARGET}: the share of the equity an entry
   *     decided at that bar takes, from 0 to 1
   */
  EntrySize(Sizing sizing, double @Nullable [] fractions, OrderCosts costs) {
    if (sizing.kind() == Sizing.Kind.VOLATILITY_TARGET && fractions == null) {
      throw new IllegalArgumentException("no fractions for a volatility target");
    }
    this.sizing = sizing;
    this.fractions = fractions;
    this.costs = costs;
  }

  /**
   * Units the sizing asks for; 0 when they cost more than there is.
   *
   * @param available equity of who holds nothing
   */
  double units(double available, double price, int decisionBar) {
    double count =
        switch (sizing.kind()) {
          case EQUITY_FRACTION -> costs.affordable(available * sizing.value(), price);
          case FIXED_UNITS -> sizing.value();
          case FIXED_CASH -> costs.affordable(sizing.value(), price);
          case VOLATILITY_TARGET ->
              costs.affordable(available * requireNonNull(fractions)[decisionBar], price);
        };
    if (sizing.wholeUnits()) {
      count = Math.floor(count);
    }
    return price > 0
            && count * price + costs.commission(count, price)
                <= available * (1 + EngineState.ROUNDING_MAX)
        ? count
        : 0;
  }
}
