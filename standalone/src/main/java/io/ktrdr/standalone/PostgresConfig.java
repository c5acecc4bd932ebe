package io.ktrdr.standalone;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A private Postgres server.
 *
 * @param directory its own folder: data, password, port; a server that was stopped or killed goes
 *     on from here
 * @param runtime folder of the unpacked binaries, shared between servers
 * @param log file the server writes to
 * @param durable whether a commit survives a power cut (fsync and synchronous_commit); only tests
 *     that keep nothing say no
 * @param tls what it proves its name with; empty: no TLS
 * @param launcher starts the server process
 */
public record PostgresConfig(
    Path directory,
    Path runtime,
    Path log,
    boolean durable,
    Optional<ServerTls> tls,
    ProcessLauncher launcher) {

  /** One without TLS. */
  public PostgresConfig(
      Path directory, Path runtime, Path log, boolean durable, ProcessLauncher launcher) {
    this(directory, runtime, log, durable, Optional.empty(), launcher);
  }

  /** The same with TLS. */
  public PostgresConfig with(ServerTls proof) {
    return new PostgresConfig(directory, runtime, log, durable, Optional.of(proof), launcher);
  }

  /** The server of {@code ./ktrdr up}. */
  public static PostgresConfig of(Layout layout, ProcessLauncher launcher) {
    return new PostgresConfig(
        layout.postgres(), layout.runtime(), layout.logs().resolve("postgres.log"), true, launcher);
  }
}
