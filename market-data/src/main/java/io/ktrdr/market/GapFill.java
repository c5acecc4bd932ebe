package io.ktrdr.market;

import java.util.Arrays;

/**
 * A series in which each missing bar is one: open, high, low and close are the close before it, its
 * volume is 0.
 */
final class GapFill {

  private final BarSeries bars;
  private final long[] times;

  private GapFill(BarSeries bars, long[] times) {
    this.bars = bars;
    this.times = times;
  }

  /** Those that were there, and those that were not. */
  BarSeries bars() {
    return bars;
  }

  /** Opens of the bars that were not there, ascending. */
  long[] times() {
    return times;
  }

  /**
   * @throws MarketDataException DATA_TOO_LARGE when it would have more than {@link
   *     CsvBarReader#ROWS_MAX} bars
   */
  static GapFill of(BarSeries series, BarCalendar calendar) {
    BarColumns columns = new BarColumns();
    Filled filled = new Filled(series, columns);
    for (int i = 0; i < series.size(); i++) {
      if (i > 0) {
        filled.close = series.close()[i - 1];
        calendar.missingBefore(i, filled::add);
      }
      columns.add(
          series.times()[i],
          series.open()[i],
          series.high()[i],
          series.low()[i],
          series.close()[i],
          series.volume()[i]);
    }
    return new GapFill(
        columns.toSeries(series.symbol(), series.timeframe()),
        Arrays.copyOf(filled.times, filled.count));
  }

  private static final class Filled {

    private final BarSeries series;
    private final BarColumns columns;
    private long[] times = new long[64];
    private int count;
    private double close;

    Filled(BarSeries series, BarColumns columns) {
      this.series = series;
      this.columns = columns;
    }

    void add(long time) {
      if (series.size() + count >= CsvBarReader.ROWS_MAX) {
        throw new MarketDataException(
            "DATA_TOO_LARGE",
            "%s %s: with its gaps filled it has more than %d bars; choose gaps=warn, or another calendar"
                .formatted(series.symbol(), series.timeframe(), CsvBarReader.ROWS_MAX));
      }
      if (count == times.length) {
        times = Arrays.copyOf(times, count * 2);
      }
      times[count++] = time;
      columns.add(time, close, close, close, close, 0);
    }
  }
}
