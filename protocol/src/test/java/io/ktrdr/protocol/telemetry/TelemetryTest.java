package io.ktrdr.protocol.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ktrdr.protocol.settings.Settings;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Off costs nothing; on, a collector that is away is nobody's trouble. */
final class TelemetryTest {

  private static final String SDK = "io.opentelemetry.sdk.";
  private static final String EXPORTER = "io.opentelemetry.exporter.";

  /** Nothing listens there. */
  private static final Map<String, String> NO_COLLECTOR =
      Map.of("otel.exporter.otlp.endpoint", "http://127.0.0.1:1");

  @TempDir private Path folder;

  /** What a process does that traces. The argument is the value of the setting. */
  static final class Program {
    private Program() {}

    public static void main(String[] arguments) {
      Settings settings = new Settings(Map.of("KTRDR_OTEL", arguments[0]));
      try (Telemetry telemetry = Telemetry.of(settings, "test")) {
        Span span = telemetry.tracer().spanBuilder("step").startSpan();
        System.out.println(TraceParent.of(span.getSpanContext()).isPresent());
        span.end();
      }
    }
  }

  @Test
  void offNothingOfTheSdkIsEvenLoaded() throws Exception {
    assertThat(loaded("off")).contains(Telemetry.class.getName()).doesNotContain(SDK, EXPORTER);
    assertThat(loaded("on")).contains(SDK, EXPORTER);
  }

  private String loaded(String setting) throws IOException, InterruptedException {
    Path log = folder.resolve(setting + ".log");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xlog:class+load:file=" + log,
                "-cp",
                System.getProperty("java.class.path"),
                Program.class.getName(),
                setting)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(setting + ".out").toFile())
            .start();
    assertThat(process.waitFor()).as(setting).isZero();
    return Files.readString(log);
  }

  @Test
  void collectorThatIsAwayDisturbsNobodyHoweverManySpansThereAre() {
    try (Telemetry telemetry = Telemetry.on("test", NO_COLLECTOR)) {
      for (int i = 0; i < 10_000; i++) {
        telemetry.tracer().spanBuilder("step").startSpan().end();
      }
      assertThat(telemetry.isOn()).isTrue();
    }
  }

  @Test
  void wrongSettingOfTheSdkIsASentence() {
    assertThatThrownBy(() -> Telemetry.on("test", Map.of("otel.traces.sampler", "dice")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("OTEL_… settings: ")
        .hasMessageContaining("dice");
  }

  @Test
  void traceparentIsReadAsItIsWritten() {
    String text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    SpanContext there = TraceParent.parse(text);
    assertThat(there.getTraceId()).isEqualTo("0af7651916cd43dd8448eb211c80319c");
    assertThat(there.getSpanId()).isEqualTo("b7ad6b7169203331");
    assertThat(there.isSampled()).isTrue();
    assertThat(TraceParent.of(there)).contains(text);
    assertThat(TraceParent.parse(Map.of("traceparent", (Object) text))).isEqualTo(there);
    assertThat(TraceParent.parse("00-nonsense").isValid()).isFalse();
    assertThat(TraceParent.parse(Map.of()).isValid()).isFalse();
    assertThat(TraceParent.of(SpanContext.getInvalid())).isEmpty();
  }
}
