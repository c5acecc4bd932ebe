package io.ktrdr.backtest;

import io.ktrdr.protocol.Sha256;
import io.ktrdr.worker.OperationFailedException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * All an engine has become so far, between two bars: with it, the same bars and the same signals
 * the rest of a run is the same to the last bit. A field that is added here and not listed in
 * {@link #exchange} is lost in a checkpoint; {@code CheckpointTest} resumes at every bar and finds
 * it.
 *
 * <p>Not thread-safe.
 */
abstract sealed class EngineState permits FillLoop {

  /** Largest difference between trades and equity. */
  static final double CENT = 0.005;

  static final double ROUNDING_MAX = 1e-12;

  /** More than everything but the columns takes, in bytes. */
  private static final int SCALARS_BYTES = 256;

  private static final int BYTES_PER_BAR = Double.BYTES + 1;

  final int from;
  final int to;
  final double initialCapital;
  final double[] equity;
  final byte[] positions;
  final TradeLedger trades = new TradeLedger();
  final NeumaierSum cash;

  int next;
  boolean ruined;
  int refusedOrders;
  int conflicts;
  long lastFillTime = Long.MIN_VALUE;

  @Nullable ExitReason pendingExit;
  int pendingSide;

  int side;
  double units;
  double entryPrice;
  double entryQuote;
  double entryCommission;
  int decidedAt;
  long entryTime;
  int entryBar;
  double borrowed;
  double stopLoss;
  double trailingFactor;
  double stop;
  double target;
  double lowest;
  double highest;

  /** Before the first bar. */
  EngineState(int from, int to, double initialCapital) {
    if (from < 0 || from >= to) {
      throw new IllegalArgumentException("bars %d to %d".formatted(from, to));
    }
    this.from = from;
    this.to = to;
    this.initialCapital = initialCapital;
    this.cash = new NeumaierSum(initialCapital);
    this.equity = new double[to - from];
    this.positions = new byte[to - from];
    this.next = from;
  }

  /** Next bar to be traded; {@code to} when all are. */
  int next() {
    return next;
  }

  /** Equity at the close of the last bar that is traded. */
  double lastEquity() {
    return next == from ? initialCapital : equity[next - 1 - from];
  }

  TradeLedger trades() {
    return trades;
  }

  /**
   * The bars that are traded. A position that is open is in the equity at the last close, and in no
   * trade. Once all are traded the columns are this loop's own, not copies: never write to them.
   */
  EngineRun soFar() {
    return new EngineRun(
        from,
        initialCapital,
        next == to ? equity : Arrays.copyOf(equity, next - from),
        next == to ? positions : Arrays.copyOf(positions, next - from),
        trades.trades(),
        refusedOrders,
        conflicts,
        ordersSha256());
  }

  /** Digest of every order in turn: time, signed units, price, commission. */
  private Sha256 ordersSha256() {
    return Sha256.of(digest -> {
      trades.digestOrders(digest);
      if (side != 0) {
        digest.update(TradeLedger.order(entryTime, side * units, entryPrice, entryCommission));
      }
    });
  }

  /**
   * Holds trades against equity, once all bars are traded.
   *
   * @throws OperationFailedException RECONCILIATION_FAILED
   */
  void reconcile() {
    double total = initialCapital + trades.netPnl();
    double end = equity[to - 1 - from];
    double tolerance = Math.max(CENT, ROUNDING_MAX * Math.max(initialCapital, Math.abs(end)));
    if (!(Math.abs(total - end) <= tolerance)) {
      throw OperationFailedException.permanent(
          "RECONCILIATION_FAILED",
          "the trades add up to %s and the equity curve ends at %s: a defect, please report it"
              .formatted(total, end));
    }
  }

  /** At least as many bytes as {@link #exchange} writes now. */
  final long bytes() {
    return SCALARS_BYTES + (long) BYTES_PER_BAR * (next - from) + trades.bytes();
  }

  /**
   * Writes all of it, or becomes what is read.
   *
   * @throws IllegalArgumentException when what is read is no state of this range; it is then
   *     neither the old nor the new one
   */
  final void exchange(StateStream stream) {
    next = from + stream.count(next - from, to - from);
    cash.exchange(stream);
    ruined = stream.flag(ruined);
    refusedOrders = stream.number(refusedOrders);
    conflicts = stream.number(conflicts);
    lastFillTime = stream.number(lastFillTime);
    pendingExit = stream.reason(pendingExit);
    pendingSide = stream.number(pendingSide);
    side = stream.number(side);
    units = stream.number(units);
    entryPrice = stream.number(entryPrice);
    entryQuote = stream.number(entryQuote);
    entryCommission = stream.number(entryCommission);
    decidedAt = stream.number(decidedAt);
    entryTime = stream.number(entryTime);
    entryBar = stream.number(entryBar);
    borrowed = stream.number(borrowed);
    stopLoss = stream.number(stopLoss);
    trailingFactor = stream.number(trailingFactor);
    stop = stream.number(stop);
    target = stream.number(target);
    lowest = stream.number(lowest);
    highest = stream.number(highest);
    stream.column(equity, next - from);
    stream.column(positions, next - from);
    trades.exchange(stream);
  }
}
