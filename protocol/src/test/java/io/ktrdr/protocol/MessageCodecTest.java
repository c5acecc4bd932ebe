package io.ktrdr.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The golden files are the wire format: writing must give them, reading must understand them. */
final class MessageCodecTest {

  private static final OperationId ID = OperationId.parse("op_backtest_20251110_103000_1f0c9a2b");
  private static final Instant AT = Instant.parse("2025-11-10T10:30:00.250Z");
  private static final EventHeader HEADER =
      new EventHeader(
          UUID.fromString("5f0c1b52-3c6e-4b0e-9a57-0d3d6a4f8f01"),
          ID,
          OperationType.BACKTESTING,
          2,
          RunId.parse("0b9f3c1e-7d52-4c7a-8a43-6a2c3f1d9e10"),
          7,
          new WorkerId("backtest-worker-1"),
          AT);

  private final MessageCodec codec = new MessageCodec();

  static Stream<OperationEvent> events() {
    ObjectNode result = Json.mapper().createObjectNode();
    result.put("total_trades", 42).put("profit_factor", 1.85).putNull("calmar_ratio");
    return Stream.of(
        new OperationEvent.Started(HEADER),
        new OperationEvent.Progressed(
            HEADER,
            new Progress(
                25,
                "Processing bar 250/1000",
                0,
                0,
                250,
                1000,
                "2024-03-04T00:00:00Z",
                Map.of("total_trades", 3))),
        new OperationEvent.Completed(
            HEADER, result, List.of(new ArtifactRef("trades", Sha256.of(new byte[0]), 0))),
        new OperationEvent.Failed(
            HEADER,
            new Failure("LABELS_DEGENERATE", "no SELL label: lower zigzag_threshold", false)),
        new OperationEvent.Cancelled(
            HEADER,
            "cancelled by user",
            Json.mapper().createObjectNode().put("bars_processed", 250),
            List.of(new ArtifactRef("trades", Sha256.of(new byte[0]), 0))));
  }

  @ParameterizedTest
  @MethodSource("events")
  void eventIsWrittenAsItsGoldenFile(OperationEvent event) throws IOException {
    assertThat(Json.mapper().readTree(codec.encode(event)))
        .isEqualTo(Json.mapper().readTree(golden(MessageCodec.typeOf(event))));
  }

  @ParameterizedTest
  @MethodSource("events")
  void goldenFileIsReadAsTheEvent(OperationEvent event) throws IOException {
    assertThat(codec.decodeEvent(golden(MessageCodec.typeOf(event)))).isEqualTo(event);
  }

  @Test
  void commandIsWrittenAndReadAsItsGoldenFile() throws IOException {
    OperationCommand run = new OperationCommand.RunOperation(ID, OperationType.BACKTESTING, AT);
    assertThat(Json.mapper().readTree(codec.encode(run)))
        .isEqualTo(Json.mapper().readTree(golden("operation.run")));
    assertThat(codec.decodeCommand(golden("operation.run"))).isEqualTo(run);
  }

  @Test
  void unknownFieldIsIgnored() throws IOException {
    ObjectNode message = (ObjectNode) Json.mapper().readTree(golden("operation.started"));
    message.put("added_by_a_later_build", 1);
    assertThat(codec.decodeEvent(message.toString().getBytes(StandardCharsets.UTF_8)))
        .isEqualTo(new OperationEvent.Started(HEADER));
  }

  @Test
  void cancelledWithoutPartialResultIsRead() throws IOException {
    ObjectNode message = (ObjectNode) Json.mapper().readTree(golden("operation.cancelled"));
    message.remove(List.of("partial_result", "artifacts"));
    OperationEvent expected =
        new OperationEvent.Cancelled(HEADER, "cancelled by user", null, List.of());
    assertThat(codec.decodeEvent(message.toString().getBytes(StandardCharsets.UTF_8)))
        .isEqualTo(expected);
    assertThat(codec.decodeEvent(codec.encode(expected))).isEqualTo(expected);
  }

  @Test
  void unknownTypeVersionAndFormAreRefusedWithTheReason() throws IOException {
    assertRefused("{\"type\":\"operation.explode\",\"version\":1}", "operation.explode");
    assertRefused("{\"type\":\"operation.run\",\"version\":2}", "unknown version 2");
    assertRefused("{\"type\":\"operation.run\"}", "unknown version");
    assertRefused("[]", "not a JSON object");
    assertRefused("hello", "not JSON");
    assertRefused("{\"type\":\"operation.run\",\"version\":1,\"operation_id\":\"x\"}", "'x'");
  }

  private void assertRefused(String body, String reason) {
    assertThatThrownBy(() -> codec.decodeCommand(body.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(UnreadableMessageException.class)
        .hasMessageContaining(reason);
  }

  private static byte[] golden(String type) throws IOException {
    try (InputStream file =
        MessageCodecTest.class.getResourceAsStream("/golden/" + type + ".json")) {
      return Objects.requireNonNull(file, type).readAllBytes();
    }
  }
}
