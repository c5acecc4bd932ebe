package io.ktrdr.standalone;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A private Postgres server as a child process: own folder, own port on 127.0.0.1, role {@code
 * ktrdr}, database {@code ktrdr}. It goes on from the data it has, also after it or its starter was
 * killed. Start, stop and restart are for one thread at a time.
 */
public final class PostgresServer implements AutoCloseable {

  /** The role and the database every server has. */
  public static final String NAME = "ktrdr";

  private static final Duration INIT_LIMIT = Duration.ofMinutes(2);
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration STOP_GRACE = Duration.ofSeconds(15);
  private static final Duration POLL = Duration.ofMillis(30);
  private static final int LOG_LINES = 15;

  /** Somebody else may take the chosen port before Postgres does. */
  private static final int PORT_ATTEMPTS = 3;

  private final PostgresConfig config;
  private final Path binaries;
  private final String password;
  private OwnedProcess process;
  private int port;

  private PostgresServer(
      PostgresConfig config, Path binaries, String password, OwnedProcess process, int port) {
    this.config = config;
    this.binaries = binaries;
    this.password = password;
    this.process = process;
    this.port = port;
  }

  /**
   * Unpacks (once), initialises (once), starts, and waits until it answers queries.
   *
   * @throws StandaloneException {@code POSTGRES_…} when it does not come up, with the end of its
   *     log
   */
  public static PostgresServer start(PostgresConfig config) {
    Path binaries = PostgresBinaries.unpack(config.runtime());
    String password = Folders.password(config.directory().resolve("password"));
    stopLeftOver(config);
    initialise(config, binaries);
    StandaloneException last = null;
    for (int attempt = 0; attempt < PORT_ATTEMPTS; attempt++) {
      int port = choosePort(config);
      OwnedProcess process = launch(config, binaries, port);
      try {
        awaitReady(process, access(port, "postgres", password));
        createDatabase(access(port, "postgres", password));
        Folders.writePrivate(config.directory().resolve("port"), port + "\n");
        return new PostgresServer(config, binaries, password, process, port);
      } catch (StandaloneException e) {
        process.stop(STOP_GRACE);
        last = e;
        if (TcpPorts.isFree(port)) {
          throw e;
        }
      }
    }
    throw last == null ? new IllegalStateException("no attempt was made") : last;
  }

  /** The database {@code ktrdr}. */
  public DatabaseAccess access() {
    return access(port, NAME, password);
  }

  /** Port on 127.0.0.1. */
  public int port() {
    return port;
  }

  /** The server process. */
  public OwnedProcess process() {
    return process;
  }

  /** Kills the server and all its backends (SIGKILL), as a power cut would. */
  public void kill() {
    process.kill();
  }

  /** Freezes the server; clients wait. New backends are frozen too, running ones are not. */
  public void pause() {
    process.pause();
  }

  /** Ends {@link #pause()}. */
  public void resume() {
    process.resume();
  }

  /** Stops it if it runs and starts it on the same port and data. */
  public void restart() {
    close();
    process = launch(config, binaries, port);
    awaitReady(process, access(port, "postgres", password));
  }

  /** Disconnects every client, writes a checkpoint and stops. Does nothing when it is down. */
  @Override
  public void close() {
    process.stop(STOP_GRACE);
  }

  /** A postmaster that outlived its starter would hold the data folder: it has to go first. */
  static void stopLeftOver(PostgresConfig config) {
    leftOver(config).ifPresent(p -> OwnedProcess.stopForeign(p, "INT", STOP_GRACE));
  }

  /** The live postmaster of this folder, whoever started it. */
  static Optional<ProcessHandle> leftOver(PostgresConfig config) {
    Path pidFile = dataOf(config).resolve("postmaster.pid");
    if (!Files.exists(pidFile)) {
      return Optional.empty();
    }
    try {
      List<String> lines = Files.readAllLines(pidFile);
      return ProcessHandle.of(Long.parseLong(lines.getFirst().strip()))
          .filter(p -> ProcessArguments.of(p).contains(dataOf(config).toString()));
    } catch (IOException | NumberFormatException | java.util.NoSuchElementException unreadable) {
      return Optional.empty();
    }
  }

  private static Path dataOf(PostgresConfig config) {
    return config.directory().resolve("data");
  }

  private static void initialise(PostgresConfig config, Path binaries) {
    Path data = dataOf(config);
    Folders.once(
        data,
        staging -> {
          List<String> command = new ArrayList<>(asAllowedUser());
          command.addAll(
              List.of(
                  binaries.resolve("bin/initdb").toString(),
                  "--pgdata=" + staging,
                  "--username=" + NAME,
                  "--pwfile=" + config.directory().resolve("password"),
                  "--auth=scram-sha-256",
                  "--encoding=UTF8",
                  "--locale-provider=builtin",
                  "--builtin-locale=C.UTF-8",
                  "--locale=C"));
          if (!config.durable()) {
            command.add("--no-sync");
          }
          Programs.Result result =
              Programs.run(command, Map.of("LC_ALL", "C"), config.directory(), INIT_LIMIT);
          if (!result.succeeded()) {
            throw new StandaloneException(
                "POSTGRES_INIT_FAILED",
                "initdb failed in "
                    + data
                    + " (exit "
                    + result.exitCode()
                    + "):\n"
                    + result.output());
          }
        });
  }

  private static OwnedProcess launch(PostgresConfig config, Path binaries, int port) {
    Path data = dataOf(config);
    List<String> command = new ArrayList<>(asAllowedUser());
    command.addAll(
        List.of(
            binaries.resolve("bin/postgres").toString(),
            "-D",
            data.toString(),
            "-p",
            Integer.toString(port),
            "-c",
            "listen_addresses=127.0.0.1",
            // A path under a deep folder is longer than a socket's name may be; TCP is enough.
            "-c",
            "unix_socket_directories=",
            "-c",
            "max_connections=200",
            "-c",
            "log_line_prefix=%m [%p] %u@%d "));
    String safety = config.durable() ? "on" : "off";
    for (String setting : List.of("fsync", "synchronous_commit", "full_page_writes")) {
      command.addAll(List.of("-c", setting + "=" + safety));
    }
    config
        .tls()
        .ifPresent(tls -> {
          command.addAll(List.of("-c", "ssl=on", "-c", "ssl_cert_file=" + tls.certificate()));
          command.addAll(List.of("-c", "ssl_key_file=" + tls.key()));
        });
    return config
        .launcher()
        .launch(
            new ProcessSpec(
                "postgres",
                command,
                Map.of("LC_ALL", "C"),
                List.of("PG"),
                config.directory(),
                config.log(),
                "INT",
                data.toString()));
  }

  /** Words in front of a Postgres program: it refuses root, unless root is nobody special. */
  private static List<String> asAllowedUser() {
    if (!Programs.isRoot()) {
      return List.of();
    }
    Programs.Result probe =
        Programs.run(
            List.of("unshare", "-U", "true"), Map.of(), Path.of("/"), Duration.ofSeconds(10));
    if (!probe.succeeded()) {
      throw new StandaloneException(
          "POSTGRES_REFUSES_ROOT",
          "Postgres does not run as root, and 'unshare -U' is not allowed here ("
              + probe.output()
              + "). Run as an ordinary user, or set DATABASE_URL.");
    }
    return List.of("unshare", "-U");
  }

  private static int choosePort(PostgresConfig config) {
    Path file = config.directory().resolve("port");
    if (Files.exists(file)) {
      try {
        int last = Integer.parseInt(Files.readString(file).strip());
        if (TcpPorts.isFree(last)) {
          return last;
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (NumberFormatException damaged) {
        return TcpPorts.free(1).getFirst();
      }
    }
    return TcpPorts.free(1).getFirst();
  }

  private static void awaitReady(OwnedProcess process, DatabaseAccess access) {
    Instant begun = Instant.now();
    boolean ready = Await.until(START_LIMIT, POLL, () -> !process.isAlive() || answers(access));
    if (!process.isAlive()) {
      throw new StandaloneException(
          "POSTGRES_DIED",
          "Postgres ended while starting. End of "
              + process.log()
              + ":\n"
              + process.logTail(LOG_LINES));
    }
    if (!ready) {
      throw new StandaloneException(
          "POSTGRES_START_TIMEOUT",
          "Postgres did not answer within "
              + Duration.between(begun, Instant.now()).toSeconds()
              + " s. End of "
              + process.log()
              + ":\n"
              + process.logTail(LOG_LINES));
    }
  }

  private static boolean answers(DatabaseAccess access) {
    if (!TcpPorts.accepts(access.port())) {
      return false;
    }
    try (Connection connection = access.connect()) {
      return connection.isValid(1);
    } catch (SQLException stillStarting) {
      return false;
    }
  }

  private static void createDatabase(DatabaseAccess maintenance) {
    try (Connection connection = maintenance.connect();
        Statement statement = connection.createStatement();
        var existing =
            statement.executeQuery("SELECT 1 FROM pg_database WHERE datname = '" + NAME + "'")) {
      if (!existing.next()) {
        try (Statement create = connection.createStatement()) {
          create.execute("CREATE DATABASE " + NAME);
        }
      }
    } catch (SQLException e) {
      throw new StandaloneException(
          "POSTGRES_DATABASE_NOT_CREATED", "Could not create database " + NAME + ": " + e, e);
    }
  }

  private static DatabaseAccess access(int port, String database, String password) {
    return new DatabaseAccess("127.0.0.1", port, database, NAME, password);
  }
}
