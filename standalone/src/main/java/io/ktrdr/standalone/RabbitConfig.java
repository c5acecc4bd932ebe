package io.ktrdr.standalone;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A private RabbitMQ node.
 *
 * @param directory its own folder: configuration, data, password, ports
 * @param runtime folder for an unpacked broker, shared between nodes
 * @param log file the node writes to
 * @param stopGrace how long it may take to stop by itself; what is confirmed is on disk long
 *     before, so tests may be impatient
 * @param tls what it proves its name with, and then it speaks TLS only; empty: no TLS
 * @param cluster its place in a cluster; empty: it is alone
 * @param launcher starts the node
 * @param progress told, a line at a time, what is being set up
 */
public record RabbitConfig(
    Path directory,
    Path runtime,
    Path log,
    Duration stopGrace,
    Optional<ServerTls> tls,
    Optional<ClusterMember> cluster,
    ProcessLauncher launcher,
    Consumer<String> progress) {

  private static final Duration PATIENT = Duration.ofSeconds(15);

  /** One that is alone and speaks without TLS. */
  public RabbitConfig(
      Path directory,
      Path runtime,
      Path log,
      Duration stopGrace,
      ProcessLauncher launcher,
      Consumer<String> progress) {
    this(
        directory, runtime, log, stopGrace, Optional.empty(), Optional.empty(), launcher, progress);
  }

  /** The same with TLS, and without anything else. */
  public RabbitConfig with(ServerTls proof) {
    return new RabbitConfig(
        directory, runtime, log, stopGrace, Optional.of(proof), cluster, launcher, progress);
  }

  /** The same as one of a cluster. */
  public RabbitConfig with(ClusterMember member) {
    return new RabbitConfig(
        directory, runtime, log, stopGrace, tls, Optional.of(member), launcher, progress);
  }

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
