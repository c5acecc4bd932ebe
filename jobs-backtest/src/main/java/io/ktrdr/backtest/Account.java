package io.ktrdr.backtest;

import io.ktrdr.protocol.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Cash, at most one position, and the trades and orders that came of them. Single-threaded.
 *
 * <p>A short sale credits its proceeds; what it takes to buy the units back is owed at the current
 * price. So equity is {@code cash + sign × quantity × close} at any time.
 */
final class Account {

  /**
   * Share of the equity one position takes. Below one, so that a gap between the decision and the
   * fill, slippage and commission still fit into the cash.
   */
  static final double EQUITY_FRACTION = 0.95;

  private final Costs costs;
  private final List<Trade> trades = new ArrayList<>();
  private final ByteArrayOutputStream orderBytes = new ByteArrayOutputStream();
  private final DataOutputStream orders = new DataOutputStream(orderBytes);

  private double cash;
  private int wins;
  private int refusedOrders;

  private @Nullable Side side;
  private long quantity;
  private double entryPrice;
  private double entryQuote;
  private double entryCommission;
  private long entryTime;
  private int entryBar;
  private double confidence;
  private double best;
  private double worst;

  Account(double initialCapital, Costs costs) {
    this.cash = initialCapital;
    this.costs = costs;
  }

  /** The open position's side; null when flat. */
  @Nullable Side side() {
    return side;
  }

  double equity(double price) {
    Side open = side;
    return open == null ? cash : cash + open.sign() * quantity * price;
  }

  /**
   * Opens a position in whole units.
   *
   * @param quote the market's price, before slippage
   * @return false when the equity does not reach for one unit; nothing happened then
   */
  boolean open(Side newSide, int bar, long time, double quote, double decisionConfidence) {
    if (side != null) {
      throw new IllegalStateException("a position is open");
    }
    double price = newSide == Side.LONG ? costs.buyPrice(quote) : costs.sellPrice(quote);
    double units = Math.floor(cash * EQUITY_FRACTION / (price * (1 + costs.commission())));
    if (!(units >= 1)) {
      refusedOrders++;
      return false;
    }
    side = newSide;
    quantity = (long) units;
    entryPrice = price;
    entryQuote = quote;
    entryCommission = price * quantity * costs.commission();
    entryTime = time;
    entryBar = bar;
    confidence = decisionConfidence;
    best = 0;
    worst = 0;
    cash -= newSide.sign() * price * quantity + entryCommission;
    recordOrder(time, newSide.sign(), quantity, price, entryCommission);
    return true;
  }

  /** Takes notice of prices the position lived through. */
  void touch(double high, double low) {
    Side open = side;
    if (open == null) {
      return;
    }
    double up = (high - entryPrice) * quantity;
    double down = (low - entryPrice) * quantity;
    best = Math.max(best, open == Side.LONG ? up : -down);
    worst = Math.max(worst, open == Side.LONG ? -down : up);
  }

  /**
   * Closes the open position.
   *
   * @param barsHeld see {@link Trade}
   */
  void close(long time, double quote, int barsHeld, ExitReason reason) {
    Side open = side;
    if (open == null) {
      throw new IllegalStateException("no position is open");
    }
    double price = open == Side.LONG ? costs.sellPrice(quote) : costs.buyPrice(quote);
    double exitCommission = price * quantity * costs.commission();
    double gross = open.sign() * (price - entryPrice) * quantity;
    double net = gross - entryCommission - exitCommission;
    touch(quote, quote);
    cash += open.sign() * price * quantity - exitCommission;
    recordOrder(time, -open.sign(), quantity, price, exitCommission);
    trades.add(
        new Trade(
            trades.size() + 1,
            open,
            Instant.ofEpochSecond(entryTime),
            Instant.ofEpochSecond(time),
            entryPrice,
            price,
            quantity,
            gross,
            entryCommission,
            exitCommission,
            (Math.abs(entryPrice - entryQuote) + Math.abs(price - quote)) * quantity,
            net,
            barsHeld,
            best,
            worst,
            reason,
            confidence));
    if (net > 0) {
      wins++;
    }
    side = null;
    quantity = 0;
  }

  int entryBar() {
    return entryBar;
  }

  int wins() {
    return wins;
  }

  /** Orders that were dropped because the equity did not reach for one unit. */
  int refusedOrders() {
    return refusedOrders;
  }

  List<Trade> trades() {
    return trades;
  }

  /** Digest of every order in turn: time, signed quantity, price, commission, big-endian. */
  Sha256 ordersSha256() {
    return Sha256.of(orderBytes.toByteArray());
  }

  private void recordOrder(long time, int sign, long units, double price, double commission) {
    try {
      orders.writeLong(time);
      orders.writeLong(sign * units);
      orders.writeDouble(price);
      orders.writeDouble(commission);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
