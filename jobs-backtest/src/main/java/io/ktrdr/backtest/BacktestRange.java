package io.ktrdr.backtest;

import io.ktrdr.market.BarSeries;
import io.ktrdr.market.DataFacts;
import io.ktrdr.market.DatasetBars;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.strategy.ModelBundle;
import io.ktrdr.strategy.UsableBars;
import io.ktrdr.worker.OperationFailedException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;

/**
 * The bars a backtest sees and the part of them it trades.
 *
 * @param visible every bar up to the end date; those before {@code from} only warm the indicators
 * @param from first bar that is traded
 */
record BacktestRange(BarSeries visible, int from) {

  /**
   * Cuts {@code bars} at the spec's dates.
   *
   * @throws OperationFailedException RANGE_TOO_SHORT when no bar is within the dates
   */
  static BacktestRange of(BarSeries bars, OperationSpec.Backtest spec) {
    int from = bars.firstIndexAtOrAfter(opens(spec));
    int to = bars.firstIndexAtOrAfter(closes(spec));
    if (to <= from) {
      throw OperationFailedException.permanent(
          "RANGE_TOO_SHORT",
          "no bar of %s between %s and %s: have 0, need %d; the data runs from %s to %s"
              .formatted(
                  name(bars),
                  spec.startDate(),
                  spec.endDate(),
                  UsableBars.NEEDED,
                  day(bars, 0),
                  day(bars, bars.size() - 1)));
    }
    return new BacktestRange(to == bars.size() ? bars : bars.slice(0, to), from);
  }

  int size() {
    return visible.size() - from;
  }

  /**
   * @param firstUsable first bar with all features
   * @throws OperationFailedException RANGE_TOO_SHORT when nothing could be decided and filled
   */
  void requireUsable(int firstUsable) {
    UsableBars usable = new UsableBars(from, size(), firstUsable);
    if (!usable.enough()) {
      throw OperationFailedException.permanent(
          "RANGE_TOO_SHORT",
          usable.tooFew(name(visible), day(visible, visible.size() - 1).toString()));
    }
  }

  /** Adds what is odd about the bars within the dates, and whether they reach over all of them. */
  void warnAboutData(DatasetBars data, OperationSpec.Backtest spec, List<Warning> warnings) {
    if (data.range().truncates(spec.startDate(), spec.endDate())) {
      warnings.add(
          new Warning(
              "RANGE_TRUNCATED",
              "asked for %s to %s, the data covers %s to %s of it"
                  .formatted(
                      spec.startDate(),
                      spec.endDate(),
                      day(visible, from),
                      day(visible, visible.size() - 1))));
    }
    data.warnings(opens(spec), closes(spec))
        .forEach(odd -> warnings.add(new Warning(odd.code(), odd.message())));
  }

  /** How the bars within the dates were got. */
  DataFacts facts(DatasetBars data, OperationSpec.Backtest spec) {
    return data.facts(opens(spec), closes(spec));
  }

  private static Instant opens(OperationSpec.Backtest spec) {
    return spec.startDate().atStartOfDay().toInstant(ZoneOffset.UTC);
  }

  private static Instant closes(OperationSpec.Backtest spec) {
    return spec.endDate().plusDays(1).atStartOfDay().toInstant(ZoneOffset.UTC);
  }

  /** Adds a warning when the model has seen a part of the range while it was trained. */
  void warnIfInSample(ModelBundle model, List<Warning> warnings) {
    int seen = 0;
    for (int bar = from; bar < visible.size(); bar++) {
      LocalDate day = day(visible, bar);
      seen += day.isBefore(model.trainStart()) || day.isAfter(model.trainEnd()) ? 0 : 1;
    }
    if (seen > 0) {
      warnings.add(
          new Warning(
              "IN_SAMPLE_BACKTEST",
              String.format(
                  Locale.ROOT,
                  "%d of %d bars (%.1f %%) lie in the model's training range %s to %s: expect"
                      + " better figures than on new data",
                  seen,
                  size(),
                  100.0 * seen / size(),
                  model.trainStart(),
                  model.trainEnd())));
    }
  }

  private static LocalDate day(BarSeries bars, int bar) {
    return bars.time(bar).atOffset(ZoneOffset.UTC).toLocalDate();
  }

  private static String name(BarSeries bars) {
    return bars.symbol() + " " + bars.timeframe();
  }
}
