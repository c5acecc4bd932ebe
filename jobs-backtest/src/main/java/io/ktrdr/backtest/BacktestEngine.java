package io.ktrdr.backtest;

import io.ktrdr.market.BarSeries;
import io.ktrdr.strategy.Decisions;
import io.ktrdr.worker.OperationFailedException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Trades one series bar by bar, in one pass.
 *
 * <p>A decision is made at a bar's close from what was known then, and filled at the next bar's
 * open with slippage and commission. So the first fill is at the range's second bar, and a decision
 * at the last bar is never filled. One position at a time, in whole units worth {@link
 * Account#EQUITY_FRACTION} of the equity:
 *
 * <ul>
 *   <li>BUY opens a long position; when short, it buys back and opens the long one at the same
 *       open.
 *   <li>SELL closes a long position; with shorts allowed it also opens a short one at that same
 *       open. When flat it opens a short one if shorts are allowed.
 *   <li>A signal for the side already held changes nothing.
 * </ul>
 *
 * <p>What is open at the last bar is closed at that bar's close, at the same costs, and the last
 * point of the equity curve is what is left. Initial capital plus the net results of all trades is
 * that last point, or the run fails.
 */
final class BacktestEngine {

  /** Largest difference between trades and equity curve, as a fraction of the capital. */
  static final double RECONCILIATION_TOLERANCE = 1e-6;

  /** Classes of the network's output. */
  static final int CLASSES = 3;

  private final BarSeries bars;
  private final float[] probabilities;
  private final int firstUsable;
  private final DecisionFilter filter;
  private final Account account;
  private final double initialCapital;

  private Signal pending = Signal.HOLD;
  private double pendingConfidence;
  private long lastFillTime = Long.MIN_VALUE;
  private final int[] decisionCounts = new int[CLASSES];
  private double[] equity = {};
  private byte[] positions = {};
  private int from;
  private int done;

  /**
   * @param probabilities one row of BUY, HOLD, SELL for each bar of {@code bars}
   * @param firstUsable bars before it have no features yet and are held through
   */
  BacktestEngine(
      BarSeries bars,
      float[] probabilities,
      int firstUsable,
      Decisions decisions,
      Costs costs,
      double initialCapital) {
    if (probabilities.length != bars.size() * CLASSES) {
      throw new IllegalArgumentException(
          "%d probabilities for %d bars".formatted(probabilities.length, bars.size()));
    }
    this.bars = bars;
    this.probabilities = probabilities;
    this.firstUsable = firstUsable;
    this.filter = new DecisionFilter(decisions);
    this.account = new Account(initialCapital, costs);
    this.initialCapital = initialCapital;
  }

  /**
   * Trades the bars from {@code first} up to the end of the series. Call it once.
   *
   * @throws OperationFailedException RECONCILIATION_FAILED, MODEL_OUTPUT_INVALID
   */
  EngineRun run(int first, BarListener listener) throws InterruptedException {
    int to = bars.size();
    if (first < 0 || first >= to) {
      throw new IllegalArgumentException("range %d to %d is empty".formatted(first, to));
    }
    from = first;
    equity = new double[to - from];
    positions = new byte[to - from];
    for (int bar = from; bar < to; bar++) {
      fillPending(bar);
      account.touch(bars.high()[bar], bars.low()[bar]);
      if (bar == to - 1) {
        closeAtEnd(bar);
      } else {
        decide(bar);
      }
      Side held = account.side();
      equity[bar - from] = account.equity(bars.close()[bar]);
      positions[bar - from] = (byte) (held == null ? 0 : held.sign());
      done = bar - from + 1;
      listener.afterBar(bar, done, equity[bar - from], account.trades().size(), account.wins());
    }
    EngineRun run = soFar();
    reconcile(run);
    return run;
  }

  /**
   * The bars that are finished. A position that is open is in the equity at the last close, and in
   * no trade.
   */
  EngineRun soFar() {
    return new EngineRun(
        from,
        initialCapital,
        Arrays.copyOf(equity, done),
        Arrays.copyOf(positions, done),
        List.copyOf(account.trades()),
        account.refusedOrders(),
        decisionCounts.clone(),
        account.ordersSha256());
  }

  private void fillPending(int bar) {
    Signal signal = pending;
    pending = Signal.HOLD;
    switch (signal) {
      case BUY -> turnTo(Side.LONG, true, bar);
      case SELL -> turnTo(Side.SHORT, filter.shortsAllowed(), bar);
      case HOLD -> {}
    }
  }

  private void turnTo(Side wanted, boolean mayOpen, int bar) {
    Side held = account.side();
    if (held == wanted) {
      return;
    }
    long time = bars.times()[bar];
    double open = bars.open()[bar];
    if (held != null) {
      account.close(time, open, bar - account.entryBar(), ExitReason.OPPOSITE_SIGNAL);
      lastFillTime = time;
    }
    if (mayOpen && account.open(wanted, bar, time, open, pendingConfidence)) {
      lastFillTime = time;
    }
  }

  private void decide(int bar) {
    if (bar < firstUsable) {
      return;
    }
    float buy = probabilities[bar * CLASSES];
    float hold = probabilities[bar * CLASSES + 1];
    float sell = probabilities[bar * CLASSES + 2];
    if (!Float.isFinite(buy + hold + sell)) {
      throw OperationFailedException.permanent(
          "MODEL_OUTPUT_INVALID",
          "the model gives no number for %s bar %s: train it again"
              .formatted(bars.symbol(), bars.time(bar)));
    }
    Signal raw = DecisionFilter.mostProbable(buy, hold, sell);
    decisionCounts[raw.output()]++;
    float confidence = probabilities[bar * CLASSES + raw.output()];
    pending = filter.filter(raw, confidence, closeTime(bar), lastFillTime, account.side());
    pendingConfidence = confidence;
  }

  private void closeAtEnd(int bar) {
    @Nullable Side held = account.side();
    if (held != null) {
      int barsHeld = bar - account.entryBar() + 1;
      account.close(closeTime(bar), bars.close()[bar], barsHeld, ExitReason.END_OF_DATA);
    }
  }

  private long closeTime(int bar) {
    return bars.times()[bar] + bars.timeframe().length().toSeconds();
  }

  private static void reconcile(EngineRun run) {
    double total = run.initialCapital();
    for (Trade trade : run.trades()) {
      total += trade.netPnl();
    }
    double difference = Math.abs(total - run.finalEquity());
    if (!(difference <= RECONCILIATION_TOLERANCE * run.initialCapital())) {
      throw OperationFailedException.permanent(
          "RECONCILIATION_FAILED",
          "the trades add up to %s and the equity curve ends at %s: a defect, please report it"
              .formatted(total, run.finalEquity()));
    }
  }
}
