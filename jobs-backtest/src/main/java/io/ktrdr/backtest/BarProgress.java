package io.ktrdr.backtest;

import io.ktrdr.market.BarSeries;
import io.ktrdr.protocol.Progress;
import io.ktrdr.worker.RunContext;
import java.util.HashMap;
import java.util.Map;

/**
 * Tells a run's context how far the engine is: at round bar numbers, fifty to 250 times a run, and
 * at the last bar. Obeys a stop at every bar.
 */
final class BarProgress implements BarListener {

  /** Share of the whole run that comes before the first bar: reading, features, inference. */
  static final double PERCENT_BEFORE_BARS = 2;

  private static final int REPORTS_MIN = 50;
  private static final int[] ROUND = {1, 5};

  private final RunContext context;
  private final BarPace pace;
  private final BarSeries bars;
  private final int total;
  private final int stride;
  private final double initialCapital;

  BarProgress(RunContext context, BarPace pace, BarSeries bars, int total, double initialCapital) {
    this.context = context;
    this.pace = pace;
    this.bars = bars;
    this.total = total;
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

  @Override
  public void afterBar(int bar, int done, double equity, int trades, int wins)
      throws InterruptedException {
    context.throwIfStopped();
    if (done % stride == 0 || done == total) {
      context.report(progress(bar, done, equity, trades, wins));
    }
    pace.await(context);
  }

  private Progress progress(int bar, int done, double equity, int trades, int wins) {
    Map<String, Object> figures = new HashMap<>();
    figures.put("current_pnl", Math.round((equity - initialCapital) * 100) / 100.0);
    figures.put("total_trades", trades);
    if (trades > 0) {
      figures.put("win_rate", (double) wins / trades);
    }
    double share = (double) done / total;
    return new Progress(
        PERCENT_BEFORE_BARS + share * (100 - PERCENT_BEFORE_BARS),
        "Processing bar %d/%d".formatted(done, total),
        0,
        0,
        done,
        total,
        bars.time(bar).toString(),
        figures);
  }
}
