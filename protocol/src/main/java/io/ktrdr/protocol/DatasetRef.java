package io.ktrdr.protocol;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * Price data frozen at submit: which bars, the fingerprint of the file they were in, and how its
 * gaps are treated. The bytes are the artifact of that digest, so a later edit of the file cannot
 * change a queued operation.
 *
 * @param symbol as in the file name, e.g. {@code EURUSD}
 * @param sha256 digest of the CSV file's bytes, as they are without anything filled
 * @param gaps what is done about missing bars
 * @param calendar which bars are missed
 */
public record DatasetRef(
    String symbol, Timeframe timeframe, Sha256 sha256, GapPolicy gaps, MarketCalendar calendar) {

  public DatasetRef {
    requireNonNull(symbol, "symbol is null");
    requireNonNull(timeframe, "timeframe is null");
    requireNonNull(sha256, "sha256 is null");
    requireNonNull(gaps, "gaps is null");
    requireNonNull(calendar, "calendar is null");
  }

  /** Its gaps are warned about, and its calendar found from the bars. */
  public DatasetRef(String symbol, Timeframe timeframe, Sha256 sha256) {
    this(symbol, timeframe, sha256, GapPolicy.WARN, MarketCalendar.AUTO);
  }

  /** As specs have it; those accepted by earlier versions say nothing of gaps. */
  @JsonCreator
  static DatasetRef of(
      @JsonProperty("symbol") String symbol,
      @JsonProperty("timeframe") Timeframe timeframe,
      @JsonProperty("sha256") Sha256 sha256,
      @JsonProperty("gaps") @Nullable GapPolicy gaps,
      @JsonProperty("calendar") @Nullable MarketCalendar calendar) {
    return new DatasetRef(
        symbol,
        timeframe,
        sha256,
        gaps == null ? GapPolicy.WARN : gaps,
        calendar == null ? MarketCalendar.AUTO : calendar);
  }
}
