package io.ktrdr.backtest;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.ArtifactRef;
import io.ktrdr.protocol.Json;
import io.ktrdr.protocol.table.TableReader;
import io.ktrdr.worker.OperationResult;
import io.ktrdr.worker.testkit.InMemoryRun;
import java.io.IOException;
import java.io.StringWriter;

/** Tables as the API shows them. */
final class Tables {

  private Tables() {}

  /** What a result has under a name, as an array of its rows. */
  static JsonNode artifact(InMemoryRun run, OperationResult result, String name)
      throws IOException {
    ArtifactRef found =
        result.artifacts().stream().filter(a -> a.name().equals(name)).findFirst().orElseThrow();
    return json(run.bytes(found));
  }

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
