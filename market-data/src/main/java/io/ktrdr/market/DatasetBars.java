package io.ktrdr.market;

import io.ktrdr.protocol.DatasetRef;
import io.ktrdr.protocol.GapPolicy;
import io.ktrdr.protocol.MarketCalendar;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The bars of a frozen dataset as an operation gets them: read, and filled where it asked for that.
 * Equal references give equal bars. Immutable.
 */
public final class DatasetBars {

  private final DatasetRef ref;
  private final Layout layout;
  private final BarSeries read;
  private final BarCalendar calendar;
  private final BarSeries bars;
  private final long[] filled;

  private DatasetBars(DatasetRef ref, CsvBarReader.Content content) {
    this.ref = ref;
    this.layout = content.layout();
    this.read = content.bars();
    this.calendar = new BarCalendar(ref.calendar(), read);
    if (ref.gaps() == GapPolicy.FILL) {
      GapFill fill = GapFill.of(read, calendar);
      this.bars = fill.bars();
      this.filled = fill.times();
    } else {
      this.bars = read;
      this.filled = new long[0];
    }
  }

  /** As the other, of a caller that will not want to stop. */
  public static DatasetBars read(byte[] csv, DatasetRef ref) {
    return read(csv, ref, () -> {});
  }

  /**
   * @param csv the dataset's bytes
   * @param between called after every {@value CsvBarReader#STRETCH} rows; what it throws ends the
   *     reading
   * @throws MarketDataException naming symbol, line and value
   */
  public static DatasetBars read(byte[] csv, DatasetRef ref, Runnable between) {
    return new DatasetBars(
        ref,
        CsvBarReader.readContent(
            csv, ref.symbol(), ref.timeframe(), ReadOptions.STANDARD, between));
  }

  /** With the filled bars, if gaps are to be filled. */
  public BarSeries bars() {
    return bars;
  }

  /** Which bars are missed; never {@code AUTO}. */
  public MarketCalendar calendar() {
    return calendar.calendar();
  }

  /** The days the file reaches over. */
  public CoveredRange range() {
    return CoveredRange.of(
        read.time(0), read.time(read.size() - 1), read.timeframe(), calendar.calendar());
  }

  /** What was found and done within {@code fromInclusive .. toExclusive}. */
  public DataFacts facts(Instant fromInclusive, Instant toExclusive) {
    Gaps gaps = gaps(fromInclusive, toExclusive);
    int before = filledBefore(fromInclusive);
    return new DataFacts(
        layout.wireName(),
        calendar.calendar(),
        ref.gaps(),
        gaps.count(),
        gaps.missingBars(),
        filledBefore(toExclusive) - before,
        before);
  }

  /** The file's own gaps within {@code fromInclusive .. toExclusive}, filled or not. */
  public Gaps gaps(Instant fromInclusive, Instant toExclusive) {
    return Gaps.of(read, calendar, fromInclusive, toExclusive);
  }

  /**
   * What is odd about the bars within {@code fromInclusive .. toExclusive}: gaps that were not
   * filled, jumps, and bars of the file without volume.
   */
  public List<DataWarning> warnings(Instant fromInclusive, Instant toExclusive) {
    int from = read.firstIndexAtOrAfter(fromInclusive);
    int to = Math.max(from, read.firstIndexAtOrAfter(toExclusive));
    List<DataWarning> warnings = new ArrayList<>();
    if (ref.gaps() != GapPolicy.FILL) {
      warnings.addAll(gaps(fromInclusive, toExclusive).warnings(read.symbol(), read.timeframe()));
    }
    warnings.addAll(Outliers.of(read.slice(from, to)));
    warnings.addAll(ZeroVolume.of(read, from, to).warnings(read));
    return List.copyOf(warnings);
  }

  private int filledBefore(Instant time) {
    int found = Arrays.binarySearch(filled, time.getEpochSecond());
    return found >= 0 ? found : -found - 1;
  }
}
