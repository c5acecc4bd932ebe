package io.ktrdr.api.report;

import com.fasterxml.jackson.databind.MappingIterator;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.table.TableReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a report wants of a trade.
 *
 * @param borrowCost null in backtests of earlier versions
 * @param barsHeld null where nobody wrote it
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
    @Nullable Integer barsHeld,
    String exitReason) {

  /**
   * Reads the artifact a backtest stores, a table or the JSON array of earlier versions, a row at a
   * time: a tree of it would fill the heap.
   */
  static List<TradeRow> read(byte[] stored) {
    return TableReader.isTable(stored) ? ofTable(new TableReader(stored)) : ofJson(stored);
  }

  private static List<TradeRow> ofTable(TableReader table) {
    List<TradeRow> rows = new ArrayList<>(table.rows());
    int id = table.column("trade_id");
    int side = table.column("side");
    int entryTime = table.column("entry_time");
    int entryPrice = table.column("entry_price");
    int exitTime = table.column("exit_time");
    int exitPrice = table.column("exit_price");
    int net = table.column("net_pnl");
    int commission = table.column("commission");
    int slippage = table.column("slippage");
    int borrow = table.column("borrow_cost");
    int favorable = table.column("max_favorable_excursion");
    int adverse = table.column("max_adverse_excursion");
    int held = table.column("bars_held");
    int reason = table.column("exit_reason");
    while (table.next()) {
      rows.add(
          new TradeRow(
              (int) table.integer(id),
              table.word(side),
              Instant.ofEpochSecond(table.integer(entryTime)),
              table.number(entryPrice),
              Instant.ofEpochSecond(table.integer(exitTime)),
              table.number(exitPrice),
              table.number(net),
              table.number(commission),
              table.number(slippage),
              table.number(borrow),
              table.number(favorable),
              table.number(adverse),
              (int) table.integer(held),
              table.word(reason)));
    }
    return rows;
  }

  private static List<TradeRow> ofJson(byte[] json) {
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

  /** 1 for long, -1 for short. */
  int sign() {
    return isLong() ? 1 : -1;
  }

  boolean won() {
    return netPnl > 0;
  }

  /** 0 where nobody wrote it. */
  int held() {
    return barsHeld == null ? 0 : barsHeld;
  }

  /**
   * Whether {@link #exitTime} is the end of a bar, and not its open.
   *
   * @param fillsAtClose whether decisions were filled at the close they were made at
   */
  boolean leftAtClose(boolean fillsAtClose) {
    return switch (exitReason) {
      case "END_OF_DATA", "CAPITAL_LOST" -> true;
      case "STOP_LOSS", "TAKE_PROFIT", "TRAILING_STOP" -> false;
      default -> fillsAtClose;
    };
  }

  double borrowing() {
    return borrowCost == null ? 0 : borrowCost;
  }
}
