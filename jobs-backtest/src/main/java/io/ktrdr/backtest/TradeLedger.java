package io.ktrdr.backtest;

import io.ktrdr.protocol.Sha256;
import io.ktrdr.worker.OperationFailedException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Trades and orders of a run, as columns that double when they are full, up to {@value #TRADES_MAX}
 * trades. Not thread-safe.
 */
final class TradeLedger {

  /**
   * Most trades of a run: as many as fit into an artifact even when nothing about them can be
   * compressed. One more, and the run fails there and then.
   */
  static final int TRADES_MAX = 400_000;

  private static final int FIRST_CAPACITY = 64;

  /** More than everything but the columns takes in a checkpoint. */
  private static final int SCALARS_BYTES = 64;

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
      reserveOrders(2 * orderCount);
    }
    orderTimes[orderCount] = time;
    int at = orderCount * ORDER_AMOUNTS;
    orders[at] = signedUnits;
    orders[at + 1] = price;
    orders[at + 2] = commission;
    orderCount++;
  }

  /**
   * See {@link Trade} for the meaning of each.
   *
   * @throws OperationFailedException TRADES_TOO_MANY
   */
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
      requireRoom(exitTime);
      reserveTrades(Math.min(2 * size, TRADES_MAX));
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

  private void requireRoom(long time) {
    if (size == TRADES_MAX) {
      throw OperationFailedException.permanent(
          "TRADES_TOO_MANY",
          ("the backtest has made %d trades by %s, and no more are kept: choose a shorter range, a"
                  + " longer timeframe, or rules that trade less often")
              .formatted(TRADES_MAX, Instant.ofEpochSecond(time)));
    }
  }

  private void reserveTrades(int capacity) {
    amounts = Arrays.copyOf(amounts, capacity * AMOUNTS);
    times = Arrays.copyOf(times, capacity * TIMES);
    facts = Arrays.copyOf(facts, capacity * FACTS);
    reasons = Arrays.copyOf(reasons, capacity);
  }

  private void reserveOrders(int capacity) {
    orderTimes = Arrays.copyOf(orderTimes, capacity);
    orders = Arrays.copyOf(orders, capacity * ORDER_AMOUNTS);
  }

  /** At least as many bytes as {@link #exchange} writes now. */
  long bytes() {
    int trade = AMOUNTS * Double.BYTES + TIMES * Long.BYTES + FACTS * Integer.BYTES + 1;
    int order = Long.BYTES + ORDER_AMOUNTS * Double.BYTES;
    return SCALARS_BYTES + (long) size * trade + (long) orderCount * order;
  }

  /** Writes all trades and orders, or has those that are read instead of its own. */
  void exchange(StateStream stream) {
    size = stream.count(size, TRADES_MAX);
    if (size > reasons.length) {
      reserveTrades(size);
    }
    stream.column(amounts, size * AMOUNTS);
    stream.column(times, size * TIMES);
    stream.column(facts, size * FACTS);
    for (int i = 0; i < size; i++) {
      ExitReason reason = stream.reason(reasons[i]);
      if (reason == null) {
        throw new IllegalArgumentException("trade %d has no reason".formatted(i + 1));
      }
      reasons[i] = reason;
    }
    wins = stream.number(wins);
    netPnl.exchange(stream);
    orderCount = stream.count(orderCount, 2 * TRADES_MAX + 1);
    if (orderCount > orderTimes.length) {
      reserveOrders(orderCount);
    }
    stream.column(orderTimes, orderCount);
    stream.column(orders, orderCount * ORDER_AMOUNTS);
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
