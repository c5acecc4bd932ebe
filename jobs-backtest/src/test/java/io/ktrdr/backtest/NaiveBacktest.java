package io.ktrdr.backtest;

import io.ktrdr.market.BarSeries;
import io.ktrdr.protocol.Execution;
import io.ktrdr.protocol.Execution.Fill;
import io.ktrdr.protocol.Sizing;
import io.ktrdr.strategy.Stops;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;

/**
 * The fill rules a second time, written from their description and for reading: every order is an
 * object in a list, and money is whatever that list adds up to, in decimals of 40 digits. It shares
 * no code with {@link FillLoop}.
 */
final class NaiveBacktest {

  private static final MathContext EXACT = new MathContext(40);

  /** One fill: units are negative when sold. */
  record Order(int bar, double units, double price, double commission) {}

  /** One position's life: indexes into the orders. */
  record Closed(Order entry, Order exit, ExitReason reason) {}

  private final BarSeries bars;
  private final SignalSource signals;
  private final Stops stops;
  private final Execution execution;
  private final Sizing sizing;
  private final double capital;

  final List<Order> orders = new ArrayList<>();
  final List<Closed> closed = new ArrayList<>();
  final List<Double> equity = new ArrayList<>();
  private final List<BigDecimal> borrowing = new ArrayList<>();

  NaiveBacktest(
      BarSeries bars,
      SignalSource signals,
      Stops stops,
      Execution execution,
      Sizing sizing,
      double capital) {
    this.bars = bars;
    this.signals = signals;
    this.stops = stops;
    this.execution = execution;
    this.sizing = sizing;
    this.capital = capital;
  }

  NaiveBacktest run() {
    int last = bars.size() - 1;
    String plan = "";
    boolean lost = false;
    for (int i = 0; i <= last; i++) {
      if (!plan.isEmpty()) {
        carryOut(plan, i, bars.open()[i]);
        plan = "";
      }
      if (!flat()) {
        boolean out = checkStops(i);
        if (!out && position() < 0) {
          double days = bars.timeframe().length().toSeconds() / 86_400.0;
          borrowing.add(
              decimal(-position() * bars.close()[i] * execution.shortBorrowRate() * days / 365.25));
        }
      }
      if (i == last) {
        if (!flat()) {
          leave(i, bars.close()[i], true, ExitReason.END_OF_DATA);
        }
      } else if (!lost) {
        plan = plan(i);
        if (execution.fill() == Fill.SAME_CLOSE && !plan.isEmpty()) {
          carryOut(plan, i, bars.close()[i]);
          plan = "";
        }
      }
      if (!flat() && worth(i).signum() <= 0) {
        leave(i, bars.close()[i], true, ExitReason.CAPITAL_LOST);
        lost = true;
        plan = "";
      }
      equity.add(worth(i).doubleValue());
    }
    return this;
  }

  /** Cash after all orders and borrowing, plus the open units at the close. */
  private BigDecimal worth(int bar) {
    return cash().add(decimal(position()).multiply(decimal(bars.close()[bar]), EXACT));
  }

  private BigDecimal cash() {
    BigDecimal sum = decimal(capital);
    for (Order order : orders) {
      sum = sum.subtract(decimal(order.units).multiply(decimal(order.price), EXACT), EXACT);
      sum = sum.subtract(decimal(order.commission), EXACT);
    }
    for (BigDecimal fee : borrowing) {
      sum = sum.subtract(fee, EXACT);
    }
    return sum;
  }

  private double position() {
    return flat() ? 0 : orders.getLast().units;
  }

  private boolean flat() {
    return orders.size() == 2 * closed.size();
  }

  private String plan(int bar) {
    int wants = signals.at(bar, (int) Math.signum(position()), Long.MIN_VALUE);
    boolean leavesLong = (wants & SignalSource.EXIT_LONG) != 0;
    boolean leavesShort = (wants & SignalSource.EXIT_SHORT) != 0;
    boolean goesLong = (wants & SignalSource.ENTER_LONG) != 0 && !leavesLong;
    boolean goesShort = (wants & SignalSource.ENTER_SHORT) != 0 && !leavesShort;
    if (flat()) {
      if (goesLong == goesShort) {
        return "";
      }
      return goesLong ? "go long" : "go short";
    }
    boolean isLong = position() > 0;
    if (execution.allowFlip() && (isLong ? goesShort : goesLong)) {
      return isLong ? "turn short" : "turn long";
    }
    if (isLong ? leavesLong : leavesShort) {
      return "leave";
    }
    int entered = orders.getLast().bar;
    int closesSeen = bar - entered + (execution.fill() == Fill.SAME_CLOSE ? 0 : 1);
    return closesSeen >= stops.maxBars() ? "leave old" : "";
  }

  private void carryOut(String plan, int bar, double quote) {
    switch (plan) {
      case "go long" -> enter(bar, quote, 1);
      case "go short" -> enter(bar, quote, -1);
      case "turn long" -> {
        leave(bar, quote, true, ExitReason.OPPOSITE_SIGNAL);
        enter(bar, quote, 1);
      }
      case "turn short" -> {
        leave(bar, quote, true, ExitReason.OPPOSITE_SIGNAL);
        enter(bar, quote, -1);
      }
      case "leave" -> leave(bar, quote, true, ExitReason.EXIT_SIGNAL);
      case "leave old" -> leave(bar, quote, true, ExitReason.MAX_BARS);
      default -> throw new IllegalStateException(plan);
    }
  }

  private void enter(int bar, double quote, int way) {
    double price = worsened(quote, way);
    double money = cash().doubleValue();
    double units =
        switch (sizing.kind()) {
          case EQUITY_FRACTION -> affordable(money * sizing.value(), price);
          case FIXED_CASH -> affordable(sizing.value(), price);
          case FIXED_UNITS -> sizing.value();
          case VOLATILITY_TARGET -> throw new IllegalStateException("not here");
        };
    if (sizing.wholeUnits()) {
      units = Math.floor(units);
    }
    if (units > 0 && price > 0 && units * price + fee(units, price) <= money * (1 + 1e-12)) {
      orders.add(new Order(bar, way * units, price, fee(units, price)));
    }
  }

  private void leave(int bar, double quote, boolean atMarket, ExitReason reason) {
    Order entry = orders.getLast();
    int way = entry.units > 0 ? -1 : 1;
    double price = atMarket ? worsened(quote, way) : quote;
    Order exit = new Order(bar, -entry.units, price, fee(Math.abs(entry.units), price));
    orders.add(exit);
    closed.add(new Closed(entry, exit, reason));
  }

  private boolean checkStops(int bar) {
    Order entry = orders.getLast();
    boolean isLong = entry.units > 0;
    // Everything below is for a long position; a short one is the same with prices upside down.
    double up = isLong ? 1 : -1;
    double best = up * entry.price;
    int firstSeen = entry.bar + (execution.fill() == Fill.SAME_CLOSE ? 1 : 0);
    for (int i = firstSeen; i < bar; i++) {
      best = Math.max(best, up * (isLong ? bars.high()[i] : bars.low()[i]));
    }
    double stopLoss = up * entry.price * (1 - up * stops.stopLoss());
    double trailing = best * (1 - up * stops.trailing());
    double stop = Math.max(stopLoss, trailing);
    double target = up * entry.price * (1 + up * stops.takeProfit());
    double open = up * bars.open()[bar];
    double low = up * (isLong ? bars.low()[bar] : bars.high()[bar]);
    double high = up * (isLong ? bars.high()[bar] : bars.low()[bar]);
    ExitReason stopped = trailing > stopLoss ? ExitReason.TRAILING_STOP : ExitReason.STOP_LOSS;
    if (open <= stop) {
      leave(bar, up * open, true, stopped);
    } else if (open >= target) {
      leave(bar, up * open, false, ExitReason.TAKE_PROFIT);
    } else if (low <= stop) {
      leave(bar, up * stop, true, stopped);
    } else if (high >= target) {
      leave(bar, up * target, false, ExitReason.TAKE_PROFIT);
    } else {
      return false;
    }
    return true;
  }

  private double worsened(double quote, int way) {
    double slipped = quote + way * quote * execution.slippageRate();
    return Math.max(0, slipped + way * (execution.slippageFixed() + execution.spread() / 2));
  }

  private double fee(double units, double price) {
    return Math.max(
        execution.commissionMinimum(),
        execution.commissionFixed()
            + units * execution.commissionPerUnit()
            + units * price * execution.commissionRate());
  }

  /** Most units whose price and commission the money pays for. */
  private double affordable(double money, double price) {
    double byRate =
        (money - execution.commissionFixed())
            / (price + price * execution.commissionRate() + execution.commissionPerUnit());
    double byMinimum = (money - execution.commissionMinimum()) / price;
    return Math.min(byRate, byMinimum);
  }

  private static BigDecimal decimal(double value) {
    return new BigDecimal(value);
  }
}
