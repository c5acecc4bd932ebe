package io.ktrdr.backtest;

import io.ktrdr.market.BarSeries;
import io.ktrdr.protocol.Execution;
import io.ktrdr.protocol.Execution.Fill;
import io.ktrdr.protocol.Sizing;
import io.ktrdr.strategy.Stops;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Trades one series bar by bar: at most one position, one pass, no object and no allocation a bar.
 *
 * <p><b>A bar</b> goes like this. What was decided at the close before is filled at the open. A
 * position lives through the bar and may be stopped. At the close the strategy decides; with {@link
 * Fill#SAME_CLOSE} that is filled at once.
 *
 * <p><b>Decisions.</b> Flat: an entry is taken unless that side's exit holds, too; when both sides
 * want in, neither gets in. Holding: the side's exit closes; an entry of the other side turns the
 * position around at one fill if flips are allowed and that side's exit does not hold, else it
 * changes nothing; an entry of the same side changes nothing.
 *
 * <p><b>Prices.</b> A market order and a stop pay slippage and half the spread ({@link
 * OrderCosts}). A take profit is a limit order and is filled at its price, or better at an open
 * beyond it, without either.
 *
 * <p><b>Within a bar</b> only open, high and low are known, and what is not known is assumed
 * against the trader. An open beyond the stop or the take profit fills there. Else, if the bar
 * reaches the stop, it fills at the stop, even if it reaches the take profit as well; else at the
 * take profit. The trailing stop follows the best price of the bars before, from the entry fill on:
 * not this bar's, which may have come after its worst. Of stop loss and trailing stop the nearer
 * counts. Whoever enters at a close meets the next bar's prices first.
 *
 * <p><b>Money.</b> Equity is cash plus what the units are worth at the close; a short sale's
 * proceeds are in the cash. Cash and the trades' results are compensated sums ({@link
 * NeumaierSum}), so a million trades drift by no more than one rounding. Initial capital plus the
 * net results of all trades is the last equity, to {@value EngineState#CENT} (or {@value
 * EngineState#ROUNDING_MAX} of amounts whose cents a double no longer tells apart), or the run
 * fails. At an equity of zero or less the position is closed at that close and nothing is entered
 * any more.
 *
 * <p>Single-threaded. Between calls it can be looked at.
 */
final class FillLoop extends EngineState {

  private static final int LONG_SIGNALS = SignalSource.ENTER_LONG | SignalSource.EXIT_LONG;
  private static final int SHORT_SIGNALS = SignalSource.ENTER_SHORT | SignalSource.EXIT_SHORT;
  private static final double SECONDS_PER_YEAR = 365.25 * 24 * 3600;

  /** Far more than rounding makes of the price at which nothing would be left. */
  private static final double RUIN_MARGIN = 1e-9;

  private final long[] times;
  private final double[] open;
  private final double[] high;
  private final double[] low;
  private final double[] close;
  private final long barSeconds;

  private final SignalSource signals;
  private final Stops stops;
  private final OrderCosts costs;
  private final boolean atClose;
  private final boolean flips;
  private final boolean trails;
  private final double borrowPerBar;
  private final EntrySize size;
  private final ReadAhead readAhead;

  /** For who is short, flat, long: not in a checkpoint, for it is found again. */
  private final int[] nextToAsk = {-1, -1, -1};

  /**
   * @param bars the whole series; those before {@code from} are not traded
   * @param from first bar that is traded
   * @param to bar after the last one that is traded
   * @param fractions for {@link Sizing.Kind#VOLATILITY_TARGET}: the share of the equity an entry
   *     decided at that bar takes, from 0 to 1
   */
  FillLoop(
      BarSeries bars,
      int from,
      int to,
      SignalSource signals,
      Stops stops,
      Execution execution,
      Sizing sizing,
      double @Nullable [] fractions,
      double initialCapital) {
    super(from, to, initialCapital);
    if (to > bars.size()) {
      throw new IllegalArgumentException("bars %d to %d of %d".formatted(from, to, bars.size()));
    }
    this.times = bars.times();
    this.open = bars.open();
    this.high = bars.high();
    this.low = bars.low();
    this.close = bars.close();
    this.readAhead = new ReadAhead(bars);
    this.barSeconds = bars.timeframe().length().toSeconds();
    this.signals = signals;
    this.stops = stops;
    this.costs = new OrderCosts(execution);
    this.size = new EntrySize(sizing, fractions, costs);
    this.atClose = execution.fill() == Fill.SAME_CLOSE;
    this.flips = execution.allowFlip();
    this.trails = stops.trailing() < Double.POSITIVE_INFINITY;
    this.borrowPerBar = execution.shortBorrowRate() * barSeconds / SECONDS_PER_YEAR;
  }

  /** Trades up to the bar before {@code limit}, or to the last. */
  void advance(int limit) {
    int end = Math.min(limit, to);
    int quietEnd = Math.min(end, to - 1);
    while (next < end) {
      trade(next++);
      if (next < quietEnd && pendingExit == null && pendingSide == 0) {
        next = side == 0 ? standAside(next, quietEnd) : hold(next, quietEnd);
      }
    }
  }

  // At most bars nothing is ordered and nothing touched. The two stretches below do for them what
  // trade does, with all that stays the same worked out once, and leave every other bar to trade.

  /** Flat. Returns the first bar that is not done. */
  private int standAside(int first, int end) {
    int until = ruined ? end : Math.min(end, nextToAsk(first));
    Arrays.fill(equity, first - from, until - from, cash.value());
    return until;
  }

  /** In a position that costs nothing to hold. Returns the first bar that is not done. */
  private int hold(int first, int end) {
    int until = quietUntil(first, end);
    double money = cash.value();
    double signedUnits = side * units;
    double ruin = -money / signedUnits;
    double quietLow = quietLow(ruin);
    double quietHigh = quietHigh(ruin);
    // Prices are positive, so their bits have their order; and of two integers the smaller is found
    // without a branch. Nobody could predict where a price has been highest so far.
    long least = Double.doubleToRawLongBits(lowest);
    long most = Double.doubleToRawLongBits(highest);
    int bar = first;
    for (; bar < until; bar++) {
      if (low[bar] < quietLow || high[bar] > quietHigh) {
        break;
      }
      least = Math.min(least, Double.doubleToRawLongBits(low[bar]));
      most = Math.max(most, Double.doubleToRawLongBits(high[bar]));
      equity[bar - from] = money + signedUnits * close[bar];
    }
    lowest = Double.longBitsToDouble(least);
    highest = Double.longBitsToDouble(most);
    Arrays.fill(positions, first - from, bar - from, (byte) side);
    return bar;
  }

  /** The first bar at which there may be something to decide, or to pay. */
  private int quietUntil(int first, int end) {
    if (side < 0 && borrowPerBar > 0) {
      return first;
    }
    long lastHeld = (long) entryBar - (atClose ? 0 : 1) + stops.maxBars();
    return Math.clamp(lastHeld, first, Math.min(end, nextToAsk(first)));
  }

  /** Each bar that has to be asked is looked for once for each position. */
  private int nextToAsk(int bar) {
    int known = nextToAsk[side + 1];
    if (known < bar) {
      known = signals.next(bar, to, side);
      nextToAsk[side + 1] = known;
      readAhead.between(bar, known);
    }
    return known;
  }

  /** A bar with a lower low may leave the position, ruin it, or move its stop. */
  private double quietLow(double ruin) {
    if (side > 0) {
      return Math.nextUp(Math.max(stop, ruin + RUIN_MARGIN * Math.abs(ruin)));
    }
    return Math.max(Math.nextUp(target), trails ? lowest : 0);
  }

  /** The same of a higher high. */
  private double quietHigh(double ruin) {
    if (side < 0) {
      return Math.nextDown(Math.min(stop, ruin - RUIN_MARGIN * Math.abs(ruin)));
    }
    return Math.min(Math.nextDown(target), trails ? highest : Double.POSITIVE_INFINITY);
  }

  private void trade(int bar) {
    if (pendingExit != null || pendingSide != 0) {
      fill(bar, times[bar], open[bar], bar - 1);
    }
    if (side != 0 && touched(bar)) {
      leave(bar);
    } else if (side != 0) {
      survive(bar);
    }
    if (bar == to - 1) {
      endAt(bar, ExitReason.END_OF_DATA);
    } else if (!ruined) {
      decide(bar, signals.at(bar, side, lastFillTime));
    }
    record(bar);
  }

  private void record(int bar) {
    double value = cash.value();
    if (side != 0) {
      value += side * units * close[bar];
      if (value <= 0) {
        endAt(bar, ExitReason.CAPITAL_LOST);
        value = cash.value();
        ruined = true;
      }
    }
    equity[bar - from] = value;
    positions[bar - from] = (byte) side;
  }

  private void decide(int bar, int wanted) {
    boolean enterLong = (wanted & LONG_SIGNALS) == SignalSource.ENTER_LONG;
    boolean enterShort = (wanted & SHORT_SIGNALS) == SignalSource.ENTER_SHORT;
    if (side == 0) {
      if (enterLong && enterShort) {
        conflicts++;
      } else if (enterLong || enterShort) {
        pendingSide = enterLong ? 1 : -1;
      }
    } else {
      boolean exit = (wanted & (side > 0 ? SignalSource.EXIT_LONG : SignalSource.EXIT_SHORT)) != 0;
      if (flips && (side > 0 ? enterShort : enterLong)) {
        pendingExit = ExitReason.OPPOSITE_SIGNAL;
        pendingSide = -side;
      } else if (exit) {
        pendingExit = ExitReason.EXIT_SIGNAL;
      } else if (barsHeld(bar) >= stops.maxBars()) {
        pendingExit = ExitReason.MAX_BARS;
      }
    }
    if (atClose && (pendingExit != null || pendingSide != 0)) {
      fill(bar, closeTime(bar), close[bar], bar);
    }
  }

  /** Bars at whose close the position was held, that of an entry at the close not counted. */
  private int barsHeld(int bar) {
    return bar - entryBar + (atClose ? 0 : 1);
  }

  private long closeTime(int bar) {
    return times[bar] + barSeconds;
  }

  private void fill(int bar, long time, double quote, int decisionBar) {
    ExitReason exit = pendingExit;
    int wanted = pendingSide;
    pendingExit = null;
    pendingSide = 0;
    if (exit != null) {
      close(time, quote, costs.marketPrice(-side, quote), bar - entryBar, exit);
    }
    if (wanted != 0) {
      enter(wanted, bar, time, quote, decisionBar);
    }
  }

  private void enter(int wanted, int bar, long time, double quote, int decisionBar) {
    double price = costs.marketPrice(wanted, quote);
    double count = size.units(cash.value(), price, decisionBar);
    if (!(count > 0)) {
      refusedOrders++;
      return;
    }
    side = wanted;
    units = count;
    entryPrice = price;
    entryQuote = quote;
    entryCommission = costs.commission(count, price);
    decidedAt = decisionBar;
    entryTime = time;
    entryBar = bar;
    borrowed = 0;
    stopLoss = price * (1 - wanted * stops.stopLoss());
    trailingFactor = 1 - wanted * stops.trailing();
    target = price * (1 + wanted * stops.takeProfit());
    lowest = price;
    highest = price;
    stop = nearerStop();
    cash.add(-wanted * price * count - entryCommission);
    lastFillTime = time;
  }

  /** Two comparisons know, for the open is inside of low and high. */
  private boolean touched(int bar) {
    return side > 0
        ? low[bar] <= stop || high[bar] >= target
        : high[bar] >= stop || low[bar] <= target;
  }

  private void leave(int bar) {
    ExitReason stopped = stop == stopLoss ? ExitReason.STOP_LOSS : ExitReason.TRAILING_STOP;
    double first = open[bar];
    double worst = side > 0 ? low[bar] : high[bar];
    if (side * (first - stop) <= 0) {
      stopAt(bar, first, costs.marketPrice(-side, first), stopped);
    } else if (side * (first - target) >= 0) {
      stopAt(bar, first, first, ExitReason.TAKE_PROFIT);
    } else if (side * (worst - stop) <= 0) {
      stopAt(bar, stop, costs.marketPrice(-side, stop), stopped);
    } else {
      stopAt(bar, target, target, ExitReason.TAKE_PROFIT);
    }
  }

  private void survive(int bar) {
    boolean better = side > 0 ? high[bar] > highest : low[bar] < lowest;
    // Plain comparisons: prices are never NaN, and Math.min and max cost several times as much.
    if (low[bar] < lowest) {
      lowest = low[bar];
    }
    if (high[bar] > highest) {
      highest = high[bar];
    }
    if (better) {
      stop = nearerStop();
    }
    if (side < 0 && borrowPerBar > 0) {
      double cost = units * close[bar] * borrowPerBar;
      borrowed += cost;
      cash.add(-cost);
    }
  }

  /** Of the stop loss and the trailing stop behind the best price so far. */
  private double nearerStop() {
    return side > 0
        ? Math.max(stopLoss, highest * trailingFactor)
        : Math.min(stopLoss, lowest * trailingFactor);
  }

  /** Of the bar in which it is stopped, a position has seen the open and the fill. */
  private void stopAt(int bar, double quote, double price, ExitReason reason) {
    lowest = Math.min(lowest, open[bar]);
    highest = Math.max(highest, open[bar]);
    close(times[bar], quote, price, barsHeld(bar) - 1, reason);
  }

  private void endAt(int bar, ExitReason reason) {
    pendingExit = null;
    pendingSide = 0;
    if (side != 0) {
      double quote = close[bar];
      close(closeTime(bar), quote, costs.marketPrice(-side, quote), barsHeld(bar), reason);
    }
  }

  private void close(long time, double quote, double price, int barsHeld, ExitReason reason) {
    double commission = costs.commission(units, price);
    lowest = Math.min(lowest, quote);
    highest = Math.max(highest, quote);
    cash.add(side * price * units - commission);
    trades.addTrade(
        side,
        decidedAt,
        entryTime,
        time,
        entryPrice,
        price,
        units,
        entryCommission,
        commission,
        (Math.abs(entryPrice - entryQuote) + Math.abs(price - quote)) * units,
        borrowed,
        barsHeld,
        units * (side > 0 ? highest - entryPrice : entryPrice - lowest),
        units * (side > 0 ? entryPrice - lowest : highest - entryPrice),
        reason);
    side = 0;
    units = 0;
    lastFillTime = time;
  }
}
