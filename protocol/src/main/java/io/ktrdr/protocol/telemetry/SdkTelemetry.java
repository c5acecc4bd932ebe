package io.ktrdr.protocol.telemetry;

import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigurationException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** The only class that knows OpenTelemetry's SDK: loaded when telemetry is on, and not before. */
final class SdkTelemetry {

  /** How long the end of a process may wait for its last spans. */
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(3);

  private SdkTelemetry() {}

  static Telemetry start(String service, Map<String, String> properties) {
    // The SDK says what goes wrong through java.util.logging, once a while.
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
    Map<String, String> defaults = new HashMap<>();
    defaults.put("otel.service.name", service);
    defaults.put("otel.exporter.otlp.protocol", "http/protobuf");
    // Figures are Prometheus' and log lines have a form of their own.
    defaults.put("otel.metrics.exporter", "none");
    defaults.put("otel.logs.exporter", "none");
    defaults.putAll(properties);
    try {
      OpenTelemetrySdk sdk =
          AutoConfiguredOpenTelemetrySdk.builder()
              .addPropertiesSupplier(() -> defaults)
              .disableShutdownHook()
              .build()
              .getOpenTelemetrySdk();
      return new Telemetry(
          true,
          sdk.getTracerProvider(),
          () -> sdk.shutdown().join(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS));
    } catch (ConfigurationException e) {
      throw new IllegalArgumentException("OTEL_… settings: " + e.getMessage(), e);
    }
  }
}
