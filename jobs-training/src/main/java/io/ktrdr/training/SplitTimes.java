package io.ktrdr.training;

import io.ktrdr.strategy.TrainingSettings;
import java.util.Arrays;
import java.util.List;

/**
 * Where validation and test begin, at the same time for every symbol: what one symbol is tested on,
 * no other has been trained on, though markets move together.
 *
 * @param validationFrom open of the first bar of validation in epoch seconds; {@link #NEVER} when
 *     there is none
 * @param testFrom the same of test
 * @param trainKnownBefore labels of training rows are known before: the beginning of validation, or
 *     as many rows earlier as the embargo is long
 * @param validationKnownBefore the same of validation rows
 */
record SplitTimes(
    long validationFrom, long testFrom, long trainKnownBefore, long validationKnownBefore) {

  static final long NEVER = Long.MAX_VALUE;

  /** Cuts the rows of all symbols, in the order of time, into parts of the given shares. */
  static SplitTimes of(List<LabelledRows> symbols, TrainingSettings.Split shares) {
    long[] times =
        symbols.stream()
            .flatMapToLong(rows -> Arrays.stream(rows.bars()).mapToLong(bar -> rows.times()[bar]))
            .sorted()
            .toArray();
    int trainEnd = (int) Math.floor(times.length * shares.train());
    int validationEnd = (int) Math.floor(times.length * (shares.train() + shares.validation()));
    int embargo = (int) Math.ceil(times.length * shares.embargo());
    return new SplitTimes(
        at(times, trainEnd),
        at(times, validationEnd),
        at(times, Math.max(0, trainEnd - embargo)),
        at(times, Math.max(0, validationEnd - embargo)));
  }

  private static long at(long[] times, int row) {
    return row < times.length ? times[row] : NEVER;
  }
}
