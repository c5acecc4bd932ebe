package io.ktrdr.backtest;

import io.ktrdr.worker.OperationFailedException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;

/**
 * Trades of a run, up to {@value #TRADES_MAX}, as columns of blocks: nothing is copied when there
 * are more. Not thread-safe.
 */
final class TradeLedger {

  /**
   * Most trades of a run: as many as fit into an artifact even when nothing about them can be
   * compressed. One more, and the run fails there and then.
   */
  static final int TRADES_MAX = 400_000;

  /** An order in bytes, as its digest is made of it. */
  private static final int ORDER_BYTES = Long.BYTES + 3 * Double.BYTES;

  /** Trades of a block. */
  private static final int BLOCK = 128;

  /** More than everything but the columns takes in a checkpoint. */
  private static final int SCALARS_BYTES = 64;

  /** Doubles of one trade. */
  private static final int AMOUNTS = 9;

  /** Longs of one trade: when it was entered and left. */
  private static final int TIMES = 2;

  /** Ints of one trade: side, bar of the decision, bars held. */
  private static final int FACTS = 3;

  private static final int TRADE_BYTES =
      AMOUNTS * Double.BYTES + TIMES * Long.BYTES + FACTS * Integer.BYTES + 1;

  private final List<Block> blocks = new ArrayList<>();
  private int size;
  private int wins;
  private final NeumaierSum netPnl = new NeumaierSum(0);

  /** The columns of some trades, one after the other. */
  private static final class Block {

    final double[] amounts = new double[BLOCK * AMOUNTS];
    final long[] times = new long[BLOCK * TIMES];
    final int[] facts = new int[BLOCK * FACTS];
    final ExitReason[] reasons = new ExitReason[BLOCK];

    void exchange(StateStream stream, int trades) {
      stream.column(amounts, trades * AMOUNTS);
      stream.column(times, trades * TIMES);
      stream.column(facts, trades * FACTS);
      for (int i = 0; i < trades; i++) {
        ExitReason reason = stream.reason(reasons[i]);
        if (reason == null) {
          throw new IllegalArgumentException("a trade has no reason");
        }
        reasons[i] = reason;
      }
    }

    Trade trade(int i, int number) {
      int a = i * AMOUNTS;
      int f = i * FACTS;
      return new Trade(
          number,
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
          reasons[i]);
    }

    void putOrders(ByteBuffer bytes, int i) {
      int a = i * AMOUNTS;
      double signed = facts[i * FACTS] * amounts[a + 2];
      putOrder(bytes, times[i * TIMES], signed, amounts[a], amounts[a + 3]);
      putOrder(bytes, times[i * TIMES + 1], -signed, amounts[a + 1], amounts[a + 4]);
    }
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
    int i = size % BLOCK;
    if (i == 0) {
      requireRoom(exitTime);
      blocks.add(new Block());
    }
    Block block = blocks.getLast();
    double[] amounts = block.amounts;
    int a = i * AMOUNTS;
    amounts[a] = entryPrice;
    amounts[a + 1] = exitPrice;
    amounts[a + 2] = units;
    amounts[a + 3] = entryCommission;
    amounts[a + 4] = exitCommission;
    amounts[a + 5] = slippageCost;
    amounts[a + 6] = borrowCost;
    amounts[a + 7] = maxFavorable;
    amounts[a + 8] = maxAdverse;
    block.times[i * TIMES] = entryTime;
    block.times[i * TIMES + 1] = exitTime;
    int f = i * FACTS;
    block.facts[f] = side;
    block.facts[f + 1] = decidedAt;
    block.facts[f + 2] = barsHeld;
    block.reasons[i] = reason;
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

  /** Asked at the end of a block: {@link #TRADES_MAX} is a number of whole ones. */
  private void requireRoom(long time) {
    if (size == TRADES_MAX) {
      throw OperationFailedException.permanent(
          "TRADES_TOO_MANY",
          ("the backtest has made %d trades by %s, and no more are kept: choose a shorter range, a"
                  + " longer timeframe, or rules that trade less often")
              .formatted(TRADES_MAX, Instant.ofEpochSecond(time)));
    }
  }

  /** At least as many bytes as {@link #exchange} writes now. */
  long bytes() {
    return SCALARS_BYTES + (long) size * TRADE_BYTES;
  }

  /** Writes all trades, or has those that are read instead of its own. */
  void exchange(StateStream stream) {
    size = stream.count(size, TRADES_MAX);
    for (int first = 0; first < size; first += BLOCK) {
      if (first / BLOCK == blocks.size()) {
        blocks.add(new Block());
      }
      blocks.get(first / BLOCK).exchange(stream, Math.min(BLOCK, size - first));
    }
    wins = stream.number(wins);
    netPnl.exchange(stream);
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

  /** The trades so far, oldest first; each is made when it is asked for, for there may be many. */
  List<Trade> trades() {
    return new Trades(size);
  }

  /** Both orders of every trade, in turn. A position that is open has one more. */
  void digestOrders(MessageDigest digest) {
    ByteBuffer orders = ByteBuffer.allocate(2 * BLOCK * ORDER_BYTES);
    for (int first = 0; first < size; first += BLOCK) {
      Block block = blocks.get(first / BLOCK);
      for (int i = 0; i < Math.min(BLOCK, size - first); i++) {
        block.putOrders(orders, i);
      }
      digest.update(orders.flip());
      orders.clear();
    }
  }

  /** An order as the digest is made of it, big-endian. */
  static ByteBuffer order(long time, double signedUnits, double price, double commission) {
    ByteBuffer order = ByteBuffer.allocate(ORDER_BYTES);
    putOrder(order, time, signedUnits, price, commission);
    return order.flip();
  }

  private static void putOrder(
      ByteBuffer bytes, long time, double signedUnits, double price, double commission) {
    bytes.putLong(time).putDouble(signedUnits).putDouble(price).putDouble(commission);
  }

  /** What has been added to blocks stays as it is. */
  private final class Trades extends AbstractList<Trade> implements RandomAccess {

    private final int size;

    Trades(int size) {
      this.size = size;
    }

    @Override
    public Trade get(int index) {
      Objects.checkIndex(index, size);
      return blocks.get(index / BLOCK).trade(index % BLOCK, index + 1);
    }

    @Override
    public int size() {
      return size;
    }
  }
}
