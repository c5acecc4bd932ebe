package io.ktrdr.api.result;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.api.report.Prices;
import io.ktrdr.api.report.ReportSource;
import io.ktrdr.market.DatasetBars;
import io.ktrdr.market.MarketDataException;
import io.ktrdr.protocol.DatasetRef;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.OperationSpec;
import io.ktrdr.protocol.OperationSpec.Decider;
import io.ktrdr.protocol.Sha256;
import io.ktrdr.strategy.ModelBundle;
import io.ktrdr.strategy.ModelBundleCodec;
import io.ktrdr.strategy.ModelInvalidException;
import java.util.Optional;

/**
 * Brings together what a report is made of. The prices and the model are those the operation froze;
 * where they cannot be had any more, the report says so and does without. Thread-safe.
 */
final class ReportSources {

  /** Larger price files are not read for a report: half a million bars. */
  static final int PRICE_BYTES_MAX = 32 * 1024 * 1024;

  private final ResultStore results;

  ReportSources(ResultStore results) {
    this.results = results;
  }

  ReportSource of(
      OperationId id, JsonNode metadata, JsonNode result, byte[] trades, byte[] equity) {
    Optional<OperationSpec.Backtest> spec = results.backtest(id);
    return new ReportSource(
        id.value(),
        metadata,
        result,
        trades,
        equity,
        spec.map(known -> prices(known.dataset()))
            .orElseGet(() -> new Prices.Missing("This operation has no prices.")),
        spec.flatMap(known -> model(known.decider())));
  }

  private Prices prices(DatasetRef dataset) {
    return prices(dataset, results.stored(dataset.sha256(), PRICE_BYTES_MAX));
  }

  /** The bars the backtest had, filled ones, too. */
  static Prices prices(DatasetRef dataset, Optional<ResultStore.Stored> stored) {
    if (stored.isEmpty()) {
      return new Prices.Missing(
          "The prices this backtest ran on are not in the store any more: no candles.");
    }
    if (stored.get().bytes().isEmpty()) {
      return new Prices.Missing(
          "The price file has %d bytes, and a report reads at most %d: no candles."
              .formatted(stored.get().size(), PRICE_BYTES_MAX));
    }
    try {
      return new Prices.Known(DatasetBars.read(stored.get().bytes().get(), dataset).bars());
    } catch (MarketDataException e) {
      return new Prices.Missing(
          "The stored prices cannot be read (%s): no candles.".formatted(e.code()));
    }
  }

  private Optional<ModelBundle> model(Decider decider) {
    return switch (decider) {
      case Decider.Rules _ -> Optional.empty();
      case Decider.Model(String _, Sha256 sha256) ->
          results
              .stored(sha256, ModelBundleCodec.BYTES_MAX)
              .flatMap(ResultStore.Stored::bytes)
              .flatMap(ReportSources::decoded);
    };
  }

  /** A model of a later version is as good as none: the report only shows it. */
  private static Optional<ModelBundle> decoded(byte[] bytes) {
    try {
      return Optional.of(ModelBundleCodec.decode(bytes));
    } catch (ModelInvalidException e) {
      return Optional.empty();
    }
  }
}
