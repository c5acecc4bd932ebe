package io.ktrdr.strategy;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@link LookaheadCheck} found.
 *
 * @param bars looked at
 * @param warmupBars bars before every column has a value, and a model its first whole sequence
 * @param cuts how often the columns were computed again on fewer bars
 * @param columns in the order they are computed in; at least one
 */
public record LookaheadReport(int bars, int warmupBars, int cuts, List<Column> columns) {

  public LookaheadReport {
    columns = List.copyOf(columns);
  }

  /** Whether no column changed when later bars were taken away. */
  public boolean clean() {
    return columns.stream().allMatch(column -> column.difference() == null);
  }

  /** What a column is made for. */
  public enum Kind {
    /** An output of an indicator. */
    INDICATOR,
    /** An input of the network. */
    FEATURE,
    /** Whether a rule holds: 1 or 0. */
    RULE
  }

  /**
   * One column.
   *
   * @param name e.g. {@code fast}, {@code macd.histogram}, {@code 1d_rsi_low}, {@code enter_long}
   * @param difference null when later bars change nothing
   * @param starts how much the column depends on where the data begins; informs only
   */
  public record Column(
      String name, Kind kind, @Nullable Difference difference, List<StartDifference> starts) {

    public Column {
      requireNonNull(name, "name is null");
      requireNonNull(kind, "kind is null");
      starts = List.copyOf(starts);
    }
  }

  /**
   * The first bar at which a column knows more than it may, of the shortest data that shows it.
   *
   * @param bar its index
   * @param time when it opened
   * @param barsKnown bars the column was computed from, this one the last of them or an earlier one
   * @param valueKnown what it is then; NaN where unknown
   * @param valueWhole what it is when all bars are known; NaN where unknown
   */
  public record Difference(
      int bar, Instant time, int barsKnown, double valueKnown, double valueWhole) {

    public Difference {
      requireNonNull(time, "time is null");
    }
  }

  /**
   * The largest change of a column's value when the data begins {@code barsBefore} bars before it,
   * by the column's largest absolute value after the warm-up.
   *
   * @param difference 0 for none at all; NaN when a value is missing on one of the two sides
   */
  public record StartDifference(int barsBefore, double difference) {}
}
