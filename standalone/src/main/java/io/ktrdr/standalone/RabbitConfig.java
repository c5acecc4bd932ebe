package io.ktrdr.standalone;

import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * A private RabbitMQ node.
 *
 * @param directory its own folder: configuration, data, password, ports
 * @param runtime folder for an unpacked broker, shared between nodes
 * @param log file the node writes to
 * @param stopGrace how long it may take to stop by itself; what is confirmed is on disk long
 *     before, so tests may be impatient
 * @param launcher starts the node
 * @param progress told, a line at a time, what is being set up
 */
public record RabbitConfig(
    Path directory,
    Path runtime,
    Path log,
    Duration stopGrace,
    ProcessLauncher launcher,
    Consumer<String> progress) {

  private static final Duration PATIENT = Duration.ofSeconds(15);

  /** The node of {@code ./ktrdr up}. */
  public static RabbitConfig of(
      Layout layout, ProcessLauncher launcher, Consumer<String> progress) {
    return new RabbitConfig(
        layout.rabbitmq(),
        layout.runtime(),
        layout.logs().resolve("rabbitmq.log"),
        PATIENT,
        launcher,
        progress);
  }
}
