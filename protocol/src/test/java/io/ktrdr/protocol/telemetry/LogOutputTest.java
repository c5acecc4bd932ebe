package io.ktrdr.protocol.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.Json;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import net.logstash.logback.encoder.LogstashEncoder;
import org.junit.jupiter.api.Test;

/** A line of the log as JSON has what somebody searches by. */
final class LogOutputTest {

  private final LoggerContext context = new LoggerContext();

  @Test
  void lineIsOneObjectWithContextAndException() throws Exception {
    LogstashEncoder encoder =
        LogOutput.encoder(context, Map.of("service", "ktrdr-worker", "worker", "w1"));
    LoggingEvent event =
        new LoggingEvent(
            "fqcn",
            context.getLogger("io.ktrdr.Example"),
            Level.WARN,
            "Attempt {} \"failed\"\nbadly",
            new IllegalStateException("why"),
            new Object[] {2});
    event.setMDCPropertyMap(
        Map.of(
            LogOutput.OPERATION_ID, "op_pi_1",
            LogOutput.ATTEMPT, "2",
            LogOutput.TRACE_ID, "0af7651916cd43dd8448eb211c80319c",
            LogOutput.SPAN_ID, "b7ad6b7169203331"));
    String line = new String(encoder.encode(event), StandardCharsets.UTF_8);
    assertThat(line).endsWith("}\n");
    assertThat(line.lines()).hasSize(1);
    JsonNode json = Json.mapper().readTree(line);
    assertThat(List.copyOf(json.properties()).stream().map(Map.Entry::getKey))
        .containsExactlyInAnyOrder(
            "time",
            "level",
            "logger",
            "thread",
            "message",
            "exception",
            "operation_id",
            "attempt",
            "trace_id",
            "span_id",
            "service",
            "worker");
    assertThat(json.path("level").asText()).isEqualTo("WARN");
    assertThat(json.path("logger").asText()).isEqualTo("io.ktrdr.Example");
    assertThat(json.path("message").asText()).isEqualTo("Attempt 2 \"failed\"\nbadly");
    assertThat(json.path("exception").asText())
        .startsWith("java.lang.IllegalStateException: why")
        .contains("LogOutputTest");
    assertThat(json.path("operation_id").asText()).isEqualTo("op_pi_1");
    assertThat(OffsetDateTime.parse(json.path("time").asText()).toInstant())
        .isBetween(Instant.now().minus(Duration.ofMinutes(1)), Instant.now());
    assertThat(json.path("time").asText()).endsWith("Z");
  }
}
