package io.ktrdr.training;

import io.ktrdr.market.BarSeries;
import io.ktrdr.strategy.LabelClasses;
import io.ktrdr.strategy.LabelSettings;
import io.ktrdr.strategy.indicator.IndicatorCatalogue;
import io.ktrdr.strategy.indicator.IndicatorParameters;
import io.ktrdr.strategy.indicator.IndicatorType;
import io.ktrdr.strategy.indicator.PriceColumns;
import io.ktrdr.training.Turns.First;
import io.ktrdr.training.Turns.Turn;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How prices move at a bar: up in a trend, down in one, in a range, or wildly. Only labelled bars
 * are looked at.
 *
 * <p>ATR is the indicator {@code atr} of that period, Wilder's. A turn ({@link Turns}) is confirmed
 * by a close that is at least {@code multiplier · ATR} away from it, and not equal to it; the ATR
 * is that of the turn's own bar. Turns begin at the first bar with an ATR.
 *
 * <ol>
 *   <li>The macro turns, by the macro multiplier, cut the closes into legs. A leg from one to the
 *       next has the bars from its first turn up to, without, its second. Up is from a low to a
 *       high.
 *   <li>The micro turns of a leg are its two ends, and between them the turns by the micro
 *       multiplier that are confirmed up to the leg's second end: counted from its first end, so
 *       that the first of an up leg is a high. Where the last of those is of the kind the leg ends
 *       with, the end takes its place. A swing is from one micro turn to the next, its bars like a
 *       leg's.
 *   <li>A micro turn of an up leg progresses when its close is above that of the micro turn two
 *       before it, which is of its kind, by more than {@code tolerance · ATR}, the ATR of its own
 *       bar; of a down leg, below it. The first two of a leg have none to compare with and count as
 *       progress.
 *   <li>A swing whose two ends progress is TRENDING_UP in an up leg, TRENDING_DOWN in a down leg,
 *       pullbacks included; any other is RANGING.
 *   <li>A bar of any leg is VOLATILE instead when its ATR is above {@code threshold} times the
 *       median of the last {@code lookback} ATRs, its own one of them (of an even number, the mean
 *       of the middle two).
 * </ol>
 *
 * <p>This looks ahead, as labels must: the label of a swing is known when the turn that ends its
 * leg is confirmed, that of a volatile bar at its own close. Bars before the first macro turn and
 * from the last confirmed one on have no label, volatile or not: of the youngest only volatile ones
 * would be known. Neither have bars without {@code lookback} ATRs up to their own.
 */
final class RegimeLabels {

  private static final String ATR = "atr";

  private final double[] close;
  private final double[] atr;
  private final double[] usual;
  private final LabelSettings.Regime settings;
  private final Labels labels;

  private RegimeLabels(double[] close, double[] atr, LabelSettings.Regime settings) {
    this.close = close;
    this.atr = atr;
    this.usual = medians(atr, settings.volatilityLookback());
    this.settings = settings;
    byte[] classes = new byte[close.length];
    Arrays.fill(classes, Labels.NONE);
    this.labels = new Labels(classes, new int[close.length]);
  }

  static Labels of(BarSeries bars, LabelSettings.Regime settings) {
    return new RegimeLabels(bars.close(), averageRange(bars, settings.atrPeriod()), settings)
        .label();
  }

  private static double[] averageRange(BarSeries bars, int period) {
    IndicatorType type = IndicatorCatalogue.find(ATR).orElseThrow();
    Map<String, Object> values = new HashMap<>(type.defaults().values());
    values.put("period", period);
    return type.compute(new PriceColumns(bars), new IndicatorParameters(values))[0];
  }

  private Labels label() {
    int start = settings.atrPeriod() - 1;
    List<Turn> turns =
        Turns.of(close, start, close.length, First.EITHER, reversal(settings.macroMultiplier()));
    for (int i = 1; i < turns.size(); i++) {
      label(turns.get(i - 1), turns.get(i));
    }
    return labels;
  }

  private void label(Turn first, Turn second) {
    int[] micro = microTurns(first, second);
    int sign = second.high() ? 1 : -1;
    int trend = second.high() ? LabelClasses.TRENDING_UP : LabelClasses.TRENDING_DOWN;
    for (int i = 1; i < micro.length; i++) {
      boolean trends = progresses(micro, i - 1, sign) && progresses(micro, i, sign);
      for (int bar = micro[i - 1]; bar < micro[i]; bar++) {
        label(bar, trends ? trend : LabelClasses.RANGING, second.knownAt());
      }
    }
  }

  private void label(int bar, int ofSwing, int knownAt) {
    if (Double.isNaN(usual[bar])) {
      return;
    }
    boolean wild = atr[bar] > settings.volatilityThreshold() * usual[bar];
    labels.classes()[bar] = (byte) (wild ? LabelClasses.VOLATILE : ofSwing);
    labels.knownAt()[bar] = wild ? bar : knownAt;
  }

  /** Bars of the micro turns of a leg, its ends among them. */
  private int[] microTurns(Turn first, Turn second) {
    List<Turn> turns = new ArrayList<>();
    turns.add(first);
    turns.addAll(
        Turns.of(
            close,
            first.bar(),
            second.bar() + 1,
            second.high() ? First.HIGH : First.LOW,
            reversal(settings.microMultiplier())));
    if (turns.getLast().high() == second.high()) {
      turns.removeLast();
    }
    turns.add(second);
    return turns.stream().mapToInt(Turn::bar).toArray();
  }

  private boolean progresses(int[] micro, int turn, int sign) {
    if (turn < 2) {
      return true;
    }
    int bar = micro[turn];
    return sign * (close[bar] - close[micro[turn - 2]])
        > settings.progressionTolerance() * atr[bar];
  }

  private Turns.Reversal reversal(double multiplier) {
    return new Turns.Reversal() {
      @Override
      public boolean risen(int low, int bar) {
        return close[bar] > close[low] && close[bar] - close[low] >= multiplier * atr[low];
      }

      @Override
      public boolean fallen(int high, int bar) {
        return close[bar] < close[high] && close[high] - close[bar] >= multiplier * atr[high];
      }
    };
  }

  /** Of the last {@code count} values, NaN where there are fewer; values begin with NaN only. */
  static double[] medians(double[] values, int count) {
    double[] medians = new double[values.length];
    Arrays.fill(medians, Double.NaN);
    double[] sorted = new double[count];
    int size = 0;
    for (int i = 0; i < values.length; i++) {
      if (Double.isNaN(values[i])) {
        continue;
      }
      if (size == count) {
        int oldest = Arrays.binarySearch(sorted, 0, size, values[i - count]);
        System.arraycopy(sorted, oldest + 1, sorted, oldest, --size - oldest);
      }
      int found = Arrays.binarySearch(sorted, 0, size, values[i]);
      int at = found < 0 ? -found - 1 : found;
      System.arraycopy(sorted, at, sorted, at + 1, size++ - at);
      sorted[at] = values[i];
      if (size == count) {
        int middle = count / 2;
        medians[i] = count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
      }
    }
    return medians;
  }
}
