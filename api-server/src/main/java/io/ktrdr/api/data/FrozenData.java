package io.ktrdr.api.data;

import io.ktrdr.api.artifact.ArtifactStore;
import io.ktrdr.market.BarCounts;
import io.ktrdr.market.CoveredRange;
import io.ktrdr.market.DataCatalogue;
import io.ktrdr.market.DataWarning;
import io.ktrdr.market.Dataset;
import io.ktrdr.market.DatasetBars;
import io.ktrdr.market.Gaps;
import io.ktrdr.market.MarketDataException;
import io.ktrdr.protocol.DatasetRef;
import io.ktrdr.protocol.GapPolicy;
import io.ktrdr.protocol.MarketCalendar;
import io.ktrdr.protocol.Timeframe;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Freezes price data for an operation: the file's bytes become an artifact, so an edit of the file
 * reaches only operations submitted after it.
 */
public final class FrozenData {

  /** Datasets whose filled bars are counted; eight bytes for each day of each. */
  private static final int FILLED_MAX = 100;

  private final DataCatalogue catalogue;
  private final ArtifactStore artifacts;
  private final Map<DatasetRef, BarCounts> filled = new ConcurrentHashMap<>();

  public FrozenData(DataCatalogue catalogue, ArtifactStore artifacts) {
    this.catalogue = catalogue;
    this.artifacts = artifacts;
  }

  /**
   * @param truncated what part of the range the data covers, where that is not all of it
   * @param warnings about the bars, for the user
   * @param before bars before the range
   * @param within bars within the range
   * @param covers the days the data reaches over
   */
  public record Frozen(
      DatasetRef ref,
      Optional<String> truncated,
      List<String> warnings,
      int before,
      int within,
      CoveredRange covers) {}

  /** HTTP status of a problem with the data. */
  public static int statusOf(MarketDataException e) {
    return switch (e.code()) {
      // Nothing the client could correct.
      case "DATA_DIRECTORY_UNREADABLE", "DATA_DIRECTORY_UNWRITABLE" -> 503;
      case "DATA_EXISTS" -> 409;
      case "SYMBOL_UNKNOWN", "TIMEFRAME_UNKNOWN" -> 404;
      default -> 422;
    };
  }

  /**
   * @param gaps what is done about missing bars within the range
   * @param calendar that says which are missing; {@code AUTO} becomes the one found from the bars
   * @throws MarketDataException when there is no such data or it is damaged; DATA_GAP when there
   *     are gaps and they are no option
   */
  public Frozen freeze(
      String symbol,
      Timeframe timeframe,
      LocalDate start,
      LocalDate end,
      GapPolicy gaps,
      MarketCalendar calendar) {
    Dataset dataset = catalogue.find(symbol, timeframe);
    DatasetRef ref =
        new DatasetRef(
            symbol,
            timeframe,
            dataset.sha256(),
            gaps,
            calendar == MarketCalendar.AUTO ? dataset.gaps().calendar() : calendar);
    List<DataWarning> warnings = new ArrayList<>();
    switch (gaps) {
      case FAIL -> gaps(dataset, ref, start, end).requireNone(symbol, timeframe);
      case WARN -> warnings.addAll(gaps(dataset, ref, start, end).warnings(symbol, timeframe));
      case FILL -> {}
    }
    warnings.addAll(dataset.odd());
    CoveredRange covers =
        CoveredRange.of(dataset.firstBar(), dataset.lastBar(), timeframe, ref.calendar());
    if (!artifacts.isKept(dataset.sha256())) {
      artifacts.put(catalogue.bytes(dataset));
    }
    BarCounts counts = gaps == GapPolicy.FILL ? filled(dataset, ref) : dataset.counts();
    return new Frozen(
        ref,
        covers.truncates(start, end)
            ? Optional.of(
                "%s %s covers %s to %s, asked for %s to %s"
                    .formatted(symbol, timeframe, covers.first(), covers.last(), start, end))
            : Optional.empty(),
        warnings.stream().map(DataWarning::toString).toList(),
        counts.before(start),
        counts.within(start, end),
        covers);
  }

  /** Counted once for the same bytes and calendar, however many backtests fill them. */
  private BarCounts filled(Dataset dataset, DatasetRef ref) {
    if (filled.size() >= FILLED_MAX && !filled.containsKey(ref)) {
      filled.clear();
    }
    return filled.computeIfAbsent(
        ref, asked -> BarCounts.of(DatasetBars.read(catalogue.bytes(dataset), asked).bars()));
  }

  /** Reads the file only for what the catalogue does not know. */
  private Gaps gaps(Dataset dataset, DatasetRef ref, LocalDate start, LocalDate end) {
    Instant from = start.atStartOfDay().toInstant(ZoneOffset.UTC);
    Instant to = end.plusDays(1).atStartOfDay().toInstant(ZoneOffset.UTC);
    Optional<Gaps> known =
        ref.calendar() == dataset.gaps().calendar()
            ? dataset.gaps().within(from, to)
            : Optional.empty();
    return known.orElseGet(() -> DatasetBars.read(catalogue.bytes(dataset), ref).gaps(from, to));
  }
}
