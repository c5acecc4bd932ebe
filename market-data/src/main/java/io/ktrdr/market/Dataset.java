package io.ktrdr.market;

import static java.util.Objects.requireNonNull;

import io.ktrdr.protocol.Sha256;
import io.ktrdr.protocol.Timeframe;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * One CSV file of the data directory that can be used.
 *
 * @param sha256 digest of the file's bytes when it was read
 * @param firstBar open of the first bar
 * @param lastBar open of the last bar
 * @param counts how many bars there are up to each day
 * @param notes the file's own {@code # note:} lines: where the prices come from, what they are not
 *     good for
 * @param warnings what is odd about the bars, each with its code in front: {@code DATA_GAP}, {@code
 *     DATA_OUTLIER}
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
    List<String> notes,
    List<String> warnings) {

  public Dataset {
    requireNonNull(symbol, "symbol is null");
    requireNonNull(timeframe, "timeframe is null");
    requireNonNull(file, "file is null");
    requireNonNull(sha256, "sha256 is null");
    requireNonNull(firstBar, "firstBar is null");
    requireNonNull(lastBar, "lastBar is null");
    requireNonNull(counts, "counts is null");
    notes = List.copyOf(notes);
    warnings = List.copyOf(warnings);
  }
}
