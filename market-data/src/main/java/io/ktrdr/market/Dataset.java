package io.ktrdr.market;

import static java.util.Objects.requireNonNull;

import io.ktrdr.protocol.MarketCalendar;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.protocol.Timeframe;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/**
 * One CSV file of the data directory that can be used.
 *
 * @param sha256 digest of the file's bytes when it was read
 * @param firstBar open of the first bar
 * @param lastBar open of the last bar
 * @param counts how many bars there are up to each day
 * @param layout how the file is written
 * @param gaps by the calendar found from the bars
 * @param notes the file's own {@code # note:} lines: where the prices come from, what they are not
 *     good for; and what of it was not read
 * @param zeroVolumeBars bars without volume, of a file that has volumes at all; else 0
 * @param odd closes that jump, and bars without volume
 */
public record Dataset(
    String symbol,
    Timeframe timeframe,
    Path file,
    Sha256 sha256,
    int rows,
    Instant firstBar,
    Instant lastBar,
    BarCounts counts,
    Layout layout,
    Gaps gaps,
    List<String> notes,
    int zeroVolumeBars,
    List<DataWarning> odd) {

  public Dataset {
    requireNonNull(symbol, "symbol is null");
    requireNonNull(timeframe, "timeframe is null");
    requireNonNull(file, "file is null");
    requireNonNull(sha256, "sha256 is null");
    requireNonNull(firstBar, "firstBar is null");
    requireNonNull(lastBar, "lastBar is null");
    requireNonNull(counts, "counts is null");
    requireNonNull(layout, "layout is null");
    requireNonNull(gaps, "gaps is null");
    notes = List.copyOf(notes);
    odd = List.copyOf(odd);
  }

  static Dataset of(Path file, Sha256 sha256, CsvBarReader.Content content) {
    BarSeries bars = content.bars();
    Gaps gaps = Gaps.of(bars, MarketCalendar.AUTO);
    ZeroVolume zeroVolume = ZeroVolume.of(bars, 0, bars.size());
    return new Dataset(
        bars.symbol(),
        bars.timeframe(),
        file,
        sha256,
        bars.size(),
        bars.time(0),
        bars.time(bars.size() - 1),
        BarCounts.of(bars),
        content.layout(),
        gaps,
        content.notes(),
        zeroVolume.bars(),
        Stream.concat(Outliers.of(bars).stream(), zeroVolume.warnings(bars).stream()).toList());
  }

  /** What is odd about the bars, each with its code in front. */
  public List<String> warnings() {
    return Stream.concat(gaps.warnings(symbol, timeframe).stream(), odd.stream())
        .map(DataWarning::toString)
        .toList();
  }

  /** The days it reaches over. */
  public CoveredRange range() {
    return CoveredRange.of(firstBar, lastBar, timeframe, gaps.calendar());
  }
}
