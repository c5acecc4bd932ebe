package io.ktrdr.backtest;

import io.ktrdr.market.BarSeries;
import io.ktrdr.protocol.Progress;
import io.ktrdr.worker.RunContext;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a loop through its bars in stretches and tells the run's context how far it is: at round
 * bar numbers, fifty to 250 times a run, and at the last bar. After each stretch, the longest of
 * which takes about a millisecond, a checkpoint is offered and a stop obeyed; nothing of all this
 * is done at a bar.
 *
 * <p>A state of more than {@link RunContext#CHECKPOINT_BYTES_MAX} is not offered any more: the
 * checkpoint before it stays the newest, which the progress and one line of the log say.
 */
final class BarProgress {

  /** Share of the whole run that comes before the first bar: reading, features, inference. */
  static final double PERCENT_BEFORE_BARS = 2;

  private static final int REPORTS_MIN = 50;
  private static final int[] ROUND = {1, 5};
  private static final int STRETCH_MAX = 50_000;

  private static final Logger LOG = LoggerFactory.getLogger(BarProgress.class);

  private final RunContext context;
  private final BarPace pace;
  private final BarSeries bars;
  private final int from;
  private final int total;
  private final int stride;
  private final double initialCapital;
  private int offered;
  private boolean tooLarge;

  BarProgress(RunContext context, BarPace pace, BarSeries bars, int from, double initialCapital) {
    this.context = context;
    this.pace = pace;
    this.bars = bars;
    this.from = from;
    this.total = bars.size() - from;
    this.stride = stride(total);
    this.initialCapital = initialCapital;
  }

  /** The largest of 1, 5, 10, 50, 100, … that still gives {@value #REPORTS_MIN} reports. */
  static int stride(int total) {
    int best = 1;
    for (long power = 1; power <= total; power *= 10) {
      for (int digit : ROUND) {
        if (digit * power * REPORTS_MIN <= total) {
          best = (int) (digit * power);
        }
      }
    }
    return best;
  }

  /** What there is to keep of a run between two bars. */
  interface State {

    /** At least as many bytes as {@link #write} gives now. */
    long bytes();

    byte[] write();
  }

  /** Runs the loop to its end. */
  void run(FillLoop loop, State state) throws InterruptedException {
    int stretch = pace.isSet() ? 1 : Math.min(stride, STRETCH_MAX);
    while (loop.next() < bars.size()) {
      int done = loop.next() - from;
      loop.advance(from + Math.min(done + stretch, (done / stride + 1) * stride));
      done = loop.next() - from;
      offer(state, done);
      if (done % stride == 0 || done == total) {
        context.report(progress(loop, done));
      }
      pace.await(() -> offer(state, loop.next() - from));
    }
  }

  private void offer(State state, int done) {
    if (state.bytes() <= RunContext.CHECKPOINT_BYTES_MAX) {
      offered = done;
      context.checkpoint(state::write);
      return;
    }
    if (!tooLarge) {
      tooLarge = true;
      LOG.info(
          "No checkpoints of {} after bar {}: they would be larger than {} bytes",
          context.operationId(),
          offered,
          RunContext.CHECKPOINT_BYTES_MAX);
    }
    context.throwIfStopped();
  }

  private Progress progress(FillLoop loop, int done) {
    Map<String, Object> figures = new HashMap<>();
    figures.put("current_pnl", Math.round((loop.lastEquity() - initialCapital) * 100) / 100.0);
    figures.put("total_trades", loop.trades().size());
    if (loop.trades().size() > 0) {
      figures.put("win_rate", (double) loop.trades().wins() / loop.trades().size());
    }
    if (tooLarge) {
      figures.put("checkpoints_until_bar", offered);
    }
    double share = (double) done / total;
    return new Progress(
        PERCENT_BEFORE_BARS + share * (100 - PERCENT_BEFORE_BARS),
        // Not formatted(…), which takes as long as hundreds of bars.
        "Processing bar " + done + "/" + total,
        0,
        0,
        done,
        total,
        bars.time(loop.next() - 1).toString(),
        figures);
  }
}
