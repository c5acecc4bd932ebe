package io.ktrdr.strategy.indicator;

import io.ktrdr.market.BarSeries;
import java.time.Duration;
import org.ta4j.core.BaseBarSeriesBuilder;
import org.ta4j.core.Indicator;
import org.ta4j.core.indicators.AbstractIndicator;
import org.ta4j.core.indicators.averages.WMAIndicator;
import org.ta4j.core.indicators.volume.OnBalanceVolumeIndicator;
import org.ta4j.core.num.DoubleNumFactory;
import org.ta4j.core.num.Num;

/**
 * ta4j's indicators as columns of doubles: the only place that knows ta4j. What it gives before an
 * indicator's window is full does not matter; {@link IndicatorType#compute} blanks it. Not
 * thread-safe.
 */
final class Ta4jColumns {

  /** Bars between two looks whether to go on: a few milliseconds. */
  private static final int LOOK_EVERY = 4_096;

  private final org.ta4j.core.BarSeries series;
  private final Runnable between;

  /**
   * @param between called now and then, here and while columns are computed
   */
  Ta4jColumns(BarSeries bars, Runnable between) {
    this.between = between;
    this.series =
        new BaseBarSeriesBuilder()
            .withName(bars.symbol())
            .withNumFactory(DoubleNumFactory.getInstance())
            .build();
    Duration length = bars.timeframe().length();
    // ta4j takes bar ends and refuses overlap; our times are bar opens, which ascend.
    for (int i = 0; i < bars.size(); i++) {
      look(i);
      series
          .barBuilder()
          .timePeriod(length)
          .endTime(bars.time(i).plus(length))
          .openPrice(bars.open()[i])
          .highPrice(bars.high()[i])
          .lowPrice(bars.low()[i])
          .closePrice(bars.close()[i])
          .volume(bars.volume()[i])
          .add();
    }
  }

  double[] wma(double[] column, int period) {
    return values(new WMAIndicator(new Column(column), period));
  }

  double[] onBalanceVolume() {
    return values(new OnBalanceVolumeIndicator(series));
  }

  private double[] values(Indicator<Num> indicator) {
    double[] values = new double[series.getBarCount()];
    for (int i = 0; i < values.length; i++) {
      look(i);
      values[i] = indicator.getValue(i).doubleValue();
    }
    return values;
  }

  private void look(int bar) {
    if (bar % LOOK_EVERY == 0) {
      between.run();
    }
  }

  /** A column of ours in ta4j's clothes. */
  private final class Column extends AbstractIndicator<Num> {

    private final double[] values;

    Column(double[] values) {
      super(Ta4jColumns.this.series);
      this.values = values;
    }

    @Override
    public Num getValue(int index) {
      return getBarSeries().numFactory().numOf(values[index]);
    }

    @Override
    public int getCountOfUnstableBars() {
      return 0;
    }
  }
}
