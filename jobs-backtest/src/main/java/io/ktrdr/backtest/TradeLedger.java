package io.ktrdr.backtest;

import io.ktrdr.protocol.Sha256;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Trades and orders of a run, as columns that double when they are full. Not thread-safe. */
final class TradeLedger {

  private static final int FIRST_CAPACITY = 64;

  /** Doubles of one trade. */
  private static final int AMOUNTS = 9;

  /** Longs of one trade: when it was entered and left. */
  private static final int TIMES = 2;

  /** Ints of one trade: side, bar of the decision, bars held. */
  private static final int FACTS = 3;

  /** Doubles of one order: signed units, price, commission. */
  private static final int ORDER_AMOUNTS = 3;

  private double[] amounts = new double[FIRST_CAPACITY * AMOUNTS];
  private long[] times = new long[FIRST_CAPACITY * TIMES];
  private int[] facts = new int[FIRST_CAPACITY * FACTS];
  private ExitReason[] reasons = new ExitReason[FIRST_CAPACITY];
  private int size;
  private int wins;
  private final NeumaierSum netPnl = new NeumaierSum(0);

  private long[] orderTimes = new long[FIRST_CAPACITY];
  private double[] orders = new double[FIRST_CAPACITY * ORDER_AMOUNTS];
  private int orderCount;

  void addOrder(long time, double signedUnits, double price, double commission) {
    if (orderCount == orderTimes.length) {
      orderTimes = Arrays.copyOf(orderTimes, 2 * orderCount);
      orders = Arrays.copyOf(orders, 2 * orders.length);
    }
    orderTimes[orderCount] = time;
    int at = orderCount * ORDER_AMOUNTS;
    orders[at] = signedUnits;
    orders[at + 1] = price;
    orders[at + 2] = commission;
    orderCount++;
  }

  /** See {@link Trade} for the meaning of each. */
  void addTrade(
      int side,
      int decidedAt,
      long entryTime,
      long exitTime,
      double entryPrice,
      double exitPrice,
      double units,
      double entryCommission,
      double exitCommission,
      double slippageCost,
      double borrowCost,
      int barsHeld,
      double maxFavorable,
      double maxAdverse,
      ExitReason reason) {
    if (size == reasons.length) {
      amounts = Arrays.copyOf(amounts, 2 * amounts.length);
      times = Arrays.copyOf(times, 2 * times.length);
      facts = Arrays.copyOf(facts, 2 * facts.length);
      reasons = Arrays.copyOf(reasons, 2 * size);
    }
    int amount = size * AMOUNTS;
    amounts[amount] = entryPrice;
    amounts[amount + 1] = exitPrice;
    amounts[amount + 2] = units;
    amounts[amount + 3] = entryCommission;
    amounts[amount + 4] = exitCommission;
    amounts[amount + 5] = slippageCost;
    amounts[amount + 6] = borrowCost;
    amounts[amount + 7] = maxFavorable;
    amounts[amount + 8] = maxAdverse;
    times[size * TIMES] = entryTime;
    times[size * TIMES + 1] = exitTime;
    int fact = size * FACTS;
    facts[fact] = side;
    facts[fact + 1] = decidedAt;
    facts[fact + 2] = barsHeld;
    reasons[size] = reason;
    size++;
    double net =
        Trade.net(
            Trade.gross(side, entryPrice, exitPrice, units),
            entryCommission,
            exitCommission,
            borrowCost);
    netPnl.add(net);
    wins += net > 0 ? 1 : 0;
  }

  int size() {
    return size;
  }

  /** Trades with a positive net result. */
  int wins() {
    return wins;
  }

  /** Sum of the trades' net results. */
  double netPnl() {
    return netPnl.value();
  }

  /** All trades, oldest first. */
  List<Trade> trades() {
    List<Trade> trades = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      int a = i * AMOUNTS;
      int f = i * FACTS;
      trades.add(
          new Trade(
              i + 1,
              facts[f] > 0 ? Side.LONG : Side.SHORT,
              facts[f + 1],
              Instant.ofEpochSecond(times[i * TIMES]),
              Instant.ofEpochSecond(times[i * TIMES + 1]),
              amounts[a],
              amounts[a + 1],
              amounts[a + 2],
              amounts[a + 3],
              amounts[a + 4],
              amounts[a + 5],
              amounts[a + 6],
              facts[f + 2],
              amounts[a + 7],
              amounts[a + 8],
              reasons[i]));
    }
    return trades;
  }

  /** Digest of every order in turn: time, signed units, price, commission, big-endian. */
  Sha256 ordersSha256() {
    ByteBuffer bytes = ByteBuffer.allocate(orderCount * (1 + ORDER_AMOUNTS) * Long.BYTES);
    for (int i = 0; i < orderCount; i++) {
      bytes.putLong(orderTimes[i]);
      for (int k = 0; k < ORDER_AMOUNTS; k++) {
        bytes.putDouble(orders[i * ORDER_AMOUNTS + k]);
      }
    }
    return Sha256.of(bytes.array());
  }
}
