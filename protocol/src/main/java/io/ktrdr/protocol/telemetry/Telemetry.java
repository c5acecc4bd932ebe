package io.ktrdr.protocol.telemetry;

import io.ktrdr.protocol.settings.Settings;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.TracerProvider;
import java.util.Map;

/**
 * Where this process's traces go. Off, and that is the default, nothing of OpenTelemetry's SDK is
 * loaded, no thread started and no connection made. On, spans wait in a bounded queue of the SDK's
 * and are sent from a thread of its own; what the collector does not take is dropped and is never
 * noticed by operations.
 *
 * <p>Thread-safe.
 */
public final class Telemetry implements AutoCloseable {

  private static final String SCOPE = "io.ktrdr";

  private final boolean on;
  private final Tracer tracer;
  private final Runnable close;

  Telemetry(boolean on, TracerProvider tracers, Runnable close) {
    this.on = on;
    this.tracer = tracers.get(SCOPE);
    this.close = close;
  }

  /** Traces nothing. */
  public static Telemetry off() {
    return new Telemetry(false, TracerProvider.noop(), () -> {});
  }

  /**
   * As {@code KTRDR_OTEL} says: {@code on} or {@code off}. Everything else about it the SDK reads
   * from its own variables, such as {@code OTEL_EXPORTER_OTLP_ENDPOINT}.
   *
   * @param service the name of this process, unless {@code OTEL_SERVICE_NAME} is set
   * @throws IllegalArgumentException when one of those variables is wrong
   */
  public static Telemetry of(Settings settings, String service) {
    return settings.telemetry() ? SdkTelemetry.start(service, Map.of()) : off();
  }

  /**
   * On, whatever the settings are.
   *
   * @param properties of the SDK's autoconfiguration, for those its variables do not set
   */
  public static Telemetry on(String service, Map<String, String> properties) {
    return SdkTelemetry.start(service, properties);
  }

  /** Whether there is anything to be said: ask before preparing what is costly. */
  public boolean isOn() {
    return on;
  }

  /** Its spans cost next to nothing while this is off. */
  public Tracer tracer() {
    return tracer;
  }

  /** Sends what waits, for at most a few seconds. */
  @Override
  public void close() {
    close.run();
  }
}
