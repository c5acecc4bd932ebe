package io.ktrdr.backtest;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.table.TableReader;
import java.io.IOException;
import java.io.StringWriter;

/** Tables as the API shows them. */
final class Tables {

  private Tables() {}

  /** An array of the rows. */
  static JsonNode json(byte[] bytes) throws IOException {
    TableReader table = new TableReader(bytes);
    StringWriter text = new StringWriter();
    try (JsonGenerator json = Json.mapper().createGenerator(text)) {
      json.writeStartArray();
      while (table.next()) {
        table.writeRow(json);
      }
      json.writeEndArray();
    }
    return Json.mapper().readTree(text.toString());
  }
}
