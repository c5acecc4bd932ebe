package io.ktrdr.api.data;

import io.ktrdr.api.artifact.ArtifactStore;
import io.ktrdr.market.DataCatalogue;
import io.ktrdr.market.Dataset;
import io.ktrdr.market.MarketDataException;
import io.ktrdr.protocol.DatasetRef;
import io.ktrdr.protocol.Timeframe;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/**
 * Freezes price data for an operation: the file's bytes become an artifact, so an edit of the file
 * reaches only operations submitted after it.
 */
public final class FrozenData {

  /** Holidays at the edge of a range are not missing data. */
  private static final int EDGE_DAYS = 7;

  private final DataCatalogue catalogue;
  private final ArtifactStore artifacts;

  public FrozenData(DataCatalogue catalogue, ArtifactStore artifacts) {
    this.catalogue = catalogue;
    this.artifacts = artifacts;
  }

  /**
   * @param notes about the range, for the user
   * @param warnings about the bars, for the user
   * @param before bars before the range
   * @param within bars within the range
   * @param covers what the data covers, for messages
   */
  public record Frozen(
      DatasetRef ref,
      List<String> notes,
      List<String> warnings,
      int before,
      int within,
      String covers) {}

  /** HTTP status of a problem with the data. */
  public static int statusOf(MarketDataException e) {
    if (e.code().equals("DATA_DIRECTORY_UNREADABLE")) {
      // Nothing the client could correct.
      return 503;
    }
    return e.code().endsWith("_UNKNOWN") ? 404 : 422;
  }

  /**
   * @throws MarketDataException when there is no such data or it is damaged
   */
  public Frozen freeze(String symbol, Timeframe timeframe, LocalDate start, LocalDate end) {
    Dataset dataset = catalogue.find(symbol, timeframe);
    LocalDate first = LocalDate.ofInstant(dataset.firstBar(), ZoneOffset.UTC);
    LocalDate last = LocalDate.ofInstant(dataset.lastBar(), ZoneOffset.UTC);
    List<String> notes = new ArrayList<>();
    if (start.isBefore(first.minusDays(EDGE_DAYS)) || end.isAfter(last.plusDays(EDGE_DAYS))) {
      notes.add(
          "RANGE_TRUNCATED: %s %s covers %s to %s, asked for %s to %s"
              .formatted(symbol, timeframe, first, last, start, end));
    }
    if (!artifacts.exists(dataset.sha256())) {
      artifacts.put(catalogue.bytes(dataset));
    }
    return new Frozen(
        new DatasetRef(symbol, timeframe, dataset.sha256()),
        notes,
        dataset.warnings(),
        dataset.counts().before(start),
        dataset.counts().within(start, end),
        "%s to %s".formatted(first, last));
  }
}
