package io.ktrdr.api.result;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.OperationId;
import io.ktrdr.protocol.table.TableReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The rows of an artifact of a backtest, written a row at a time: there may be millions. What
 * versions before the tables have stored, a JSON array, is written just so.
 */
final class ResultRows {

  private final byte[] stored;

  private ResultRows(byte[] stored) {
    this.stored = stored;
  }

  static ResultRows of(byte[] stored) {
    return new ResultRows(stored);
  }

  /** An object with the rows in an array of that name. */
  void writeJson(OperationId id, String name, OutputStream out) throws IOException {
    String head = "{\"success\":true,\"operation_id\":\"%s\",\"%s\":".formatted(id, name);
    out.write(head.getBytes(StandardCharsets.UTF_8));
    if (TableReader.isTable(stored)) {
      writeArray(new TableReader(stored), out);
    } else {
      out.write(stored);
    }
    out.write('}');
    out.flush();
  }

  private static void writeArray(TableReader table, OutputStream out) throws IOException {
    try (JsonGenerator json = Json.mapper().createGenerator(out)) {
      json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
      json.writeStartArray();
      while (table.next()) {
        table.writeRow(json);
      }
      json.writeEndArray();
    }
  }

  /**
   * A header of the columns' names, then the rows (RFC 4180). What earlier versions stored has no
   * columns without a row, and is then empty.
   */
  void writeCsv(OutputStream out) throws IOException {
    Writer text = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
    if (TableReader.isTable(stored)) {
      writeCsv(new TableReader(stored), text);
    } else {
      writeStoredJson(text);
    }
    text.flush();
  }

  private static void writeCsv(TableReader table, Writer text) throws IOException {
    int width = table.columns().size();
    List<String> cells = new ArrayList<>();
    table.columns().forEach(column -> cells.add(column.name()));
    writeRow(cells, text);
    while (table.next()) {
      cells.clear();
      for (int i = 0; i < width; i++) {
        cells.add(table.text(i));
      }
      writeRow(cells, text);
    }
  }

  private void writeStoredJson(Writer text) throws IOException {
    try (MappingIterator<JsonNode> rows =
        Json.mapper().readerFor(JsonNode.class).readValues(stored)) {
      boolean first = true;
      while (rows.hasNextValue()) {
        JsonNode row = rows.nextValue();
        if (first) {
          List<String> names = new ArrayList<>();
          row.fieldNames().forEachRemaining(names::add);
          writeRow(names, text);
          first = false;
        }
        writeRow(
            row.properties().stream().map(Map.Entry::getValue).map(JsonNode::asText).toList(),
            text);
      }
    }
  }

  private static void writeRow(List<String> cells, Writer text) throws IOException {
    for (int i = 0; i < cells.size(); i++) {
      if (i > 0) {
        text.write(',');
      }
      writeCell(cells.get(i), text);
    }
    text.write("\r\n");
  }

  private static void writeCell(String value, Writer text) throws IOException {
    boolean quoted = value.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    text.write(quoted ? '"' + value.replace("\"", "\"\"") + '"' : value);
  }
}
