package io.ktrdr.api.report;

import com.fasterxml.jackson.databind.MappingIterator;
import io.ktrdr.protocol.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a report wants of a trade.
 *
 * @param borrowCost null in backtests of earlier versions
 */
record TradeRow(
    int tradeId,
    String side,
    Instant entryTime,
    double entryPrice,
    Instant exitTime,
    double exitPrice,
    double netPnl,
    double commission,
    double slippage,
    @Nullable Double borrowCost,
    double maxFavorableExcursion,
    double maxAdverseExcursion,
    String exitReason) {

  /** Reads the artifact a backtest stores, a row at a time: a tree of it would fill the heap. */
  static List<TradeRow> read(byte[] json) {
    try (MappingIterator<TradeRow> rows =
        Json.mapper().readerFor(TradeRow.class).readValues(json)) {
      return rows.readAll();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean isLong() {
    return side.equals("LONG");
  }

  double borrowing() {
    return borrowCost == null ? 0 : borrowCost;
  }
}
