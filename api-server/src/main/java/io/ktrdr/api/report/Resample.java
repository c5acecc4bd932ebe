package io.ktrdr.api.report;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * How much of a result is the luck of which trades came: {@value #PATHS} histories of as many
 * trades, each drawn from those of the run, with replacement. A trade changes the capital by the
 * fraction it changed it by in the run. The seed is fixed, so equal trades give equal figures.
 *
 * @param at after how many trades
 * @param low 5 % of the histories are below it, at each of {@code at}
 * @param middle half of them are
 * @param high 95 % of them are
 * @param actual the run itself
 * @param drawdowns 5 %, 50 % and 95 % quantile of the histories' deepest drawdowns, trade by trade
 * @param losing share of the histories that end below their beginning
 */
// Never compared.
@SuppressWarnings("ArrayRecordComponent")
record Resample(
    long[] at,
    double[] low,
    double[] middle,
    double[] high,
    double[] actual,
    double[] drawdowns,
    double losing) {

  static final int PATHS = 500;
  static final long SEED = 42;

  /** Fewer say too little, more take too long. */
  static final int TRADES_MIN = 20;

  static final int TRADES_MAX = 2_000;

  private static final int POINTS_MAX = 100;

  /**
   * Empty with too few or too many trades, and when the capital was used up on the way.
   *
   * @param capital before the first trade
   */
  static Optional<Resample> of(double capital, List<TradeRow> trades) {
    int n = trades.size();
    if (n < TRADES_MIN || n > TRADES_MAX) {
      return Optional.empty();
    }
    double[] factors = new double[n];
    double[] actual = new double[n + 1];
    actual[0] = capital;
    for (int i = 0; i < n; i++) {
      actual[i + 1] = actual[i] + trades.get(i).netPnl();
      factors[i] = actual[i + 1] / actual[i];
      if (!(actual[i + 1] > 0)) {
        return Optional.empty();
      }
    }
    return Optional.of(drawn(capital, factors, actual));
  }

  private static Resample drawn(double capital, double[] factors, double[] actual) {
    int n = factors.length;
    int points = Math.min(n, POINTS_MAX) + 1;
    double[][] values = new double[points][PATHS];
    double[] drawdowns = new double[PATHS];
    SplittableRandom random = new SplittableRandom(SEED);
    for (int path = 0; path < PATHS; path++) {
      double equity = capital;
      double peak = capital;
      values[0][path] = capital;
      int point = 1;
      for (int trade = 1; trade <= n; trade++) {
        equity *= factors[random.nextInt(n)];
        peak = Math.max(peak, equity);
        drawdowns[path] = Math.max(drawdowns[path], 1 - equity / peak);
        if (trade == place(point, points, n)) {
          values[point++][path] = equity;
        }
      }
    }
    Resample fan =
        new Resample(
            new long[points],
            new double[points],
            new double[points],
            new double[points],
            new double[points],
            quantiles(drawdowns),
            (double) Arrays.stream(values[points - 1]).filter(end -> end < capital).count()
                / PATHS);
    for (int point = 0; point < points; point++) {
      int trade = place(point, points, n);
      double[] quantiles = quantiles(values[point]);
      fan.at[point] = trade;
      fan.low[point] = quantiles[0];
      fan.middle[point] = quantiles[1];
      fan.high[point] = quantiles[2];
      fan.actual[point] = actual[trade];
    }
    return fan;
  }

  private static int place(int point, int points, int trades) {
    return (int) ((long) point * trades / (points - 1));
  }

  /** 5 %, 50 % and 95 %, linear between neighbours. */
  static double[] quantiles(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return Arrays.stream(new double[] {0.05, 0.5, 0.95})
        .map(share -> {
          double place = share * (sorted.length - 1);
          int below = (int) place;
          int above = Math.min(below + 1, sorted.length - 1);
          return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
        })
        .toArray();
  }

  void addTo(Page page) {
    int last = at.length - 1;
    page.heading(
        "What chance could have made of the trades",
        "%d histories of %d trades drawn from these with replacement, seed %d"
            .formatted(PATHS, at[last], SEED));
    page.legend(
        "strategy", "as it was", "middle", "half are below", "edge", "5 % are below, above");
    double least = Arrays.stream(low).min().orElse(0);
    double most = Arrays.stream(high).max().orElse(0);
    for (double value : actual) {
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    page.wide(
        new Chart(
                "Resampled trades",
                "Quantiles of the capital after each trade: at the end 5 % of the histories are"
                    + " below %s, half below %s, 5 %% above %s."
                        .formatted(
                            Texts.money(low[last]),
                            Texts.money(middle[last]),
                            Texts.money(high[last])),
                Chart.WIDE,
                220,
                Scale.of(0, (double) at[last]),
                Scale.roomy(least, most))
            .yAxis(Texts::units)
            .xAxis(value -> String.valueOf(Math.round(value)))
            .line("edge", at, low)
            .line("edge", at, high)
            .line("middle", at, middle)
            .line("strategy", at, actual)
            .svg());
    page.openTable("", "5 %", "50 %", "95 %");
    page.row(
        "capital at the end",
        Texts.money(low[last]),
        Texts.money(middle[last]),
        Texts.money(high[last]));
    page.row(
        "deepest drawdown, trade by trade",
        Texts.percent(drawdowns[0]),
        Texts.percent(drawdowns[1]),
        Texts.percent(drawdowns[2]));
    page.closeTable();
    page.note("%s of the histories end with a loss.".formatted(Texts.percent(losing)));
  }
}
