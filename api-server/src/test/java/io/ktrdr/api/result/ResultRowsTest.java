package io.ktrdr.api.result;

import static org.assertj.core.api.Assertions.assertThat;

import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.table.Column;
import io.ktrdr.protocol.table.TableWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is shown does not say in which form it was kept. */
class ResultRowsTest {

  private static final OperationId ID = OperationId.parse("op_backtest_20251110_103000_abc12345");
  private static final String JSON =
      "[{\"trade_id\":1,\"side\":\"LONG\",\"entry_time\":\"2024-01-02T00:00:00Z\","
          + "\"entry_price\":1.1,\"confidence\":0.61,\"exit_reason\":\"a, \\\"b\\\"\"},"
          + "{\"trade_id\":2,\"side\":\"SHORT\",\"entry_time\":\"2024-01-03T00:00:00Z\","
          + "\"entry_price\":1.25E-7,\"confidence\":0.5,\"exit_reason\":\"c\"}]";
  private static final String CSV =
      "trade_id,side,entry_time,entry_price,confidence,exit_reason\r\n"
          + "1,LONG,2024-01-02T00:00:00Z,1.1,0.61,\"a, \"\"b\"\"\"\r\n"
          + "2,SHORT,2024-01-03T00:00:00Z,1.25E-7,0.5,c\r\n";

  @Test
  void aTableIsShownAsJsonAndAsCsv() throws IOException {
    assertThat(json(table())).isEqualTo(framed(JSON));
    assertThat(csv(table())).isEqualTo(CSV);
  }

  @Test
  void theJsonOfEarlierVersionsIsShownAlike() throws IOException {
    byte[] stored = JSON.getBytes(StandardCharsets.UTF_8);
    assertThat(json(stored)).isEqualTo(framed(JSON));
    assertThat(csv(stored)).isEqualTo(CSV);
  }

  @Test
  void withoutRowsThereIsAnEmptyArrayAndAHeader() throws IOException {
    byte[] empty = new TableWriter(columns(), 0).finish();
    assertThat(json(empty)).isEqualTo(framed("[]"));
    assertThat(csv(empty))
        .isEqualTo("trade_id,side,entry_time,entry_price,confidence,exit_reason\r\n");
    assertThat(csv("[]".getBytes(StandardCharsets.UTF_8))).isEmpty();
  }

  private static String framed(String rows) {
    return "{\"success\":true,\"operation_id\":\"%s\",\"trades\":%s}".formatted(ID, rows);
  }

  private static String json(byte[] stored) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ResultRows.of(stored).writeJson(ID, "trades", out);
    return out.toString(StandardCharsets.UTF_8);
  }

  private static String csv(byte[] stored) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ResultRows.of(stored).writeCsv(out);
    return out.toString(StandardCharsets.UTF_8);
  }

  private static List<Column> columns() {
    return List.of(
        Column.integer("trade_id"),
        Column.word("side"),
        Column.time("entry_time"),
        Column.number("entry_price"),
        Column.ofFloats("confidence"),
        Column.word("exit_reason"));
  }

  private static byte[] table() {
    return new TableWriter(columns(), 2)
        .integer(1)
        .word("LONG")
        .time(1_704_153_600)
        .number(1.1)
        .ofFloat(0.61f)
        .word("a, \"b\"")
        .integer(2)
        .word("SHORT")
        .time(1_704_240_000)
        .number(1.25e-7)
        .ofFloat(0.5f)
        .word("c")
        .finish();
  }
}
