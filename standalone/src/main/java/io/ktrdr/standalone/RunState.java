package io.ktrdr.standalone;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.ktrdr.protocol.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What runs, for {@code status}, {@code down} and the client: {@code .ktrdr/run/state.json},
 * readable by its owner only because it holds log-ins.
 *
 * @param supervisorPid who watches all this
 * @param startedAt since when
 * @param ready whether everything came up
 * @param apiUrl base URL of the API; empty when only the infrastructure runs
 * @param databaseUrl with log-in, as psql takes it
 * @param amqpUrl with log-in
 * @param managementUrl RabbitMQ's management UI
 * @param managementUser its log-in
 * @param managementPassword its password
 * @param processes every process, in the order they were started
 */
record RunState(
    long supervisorPid,
    Instant startedAt,
    boolean ready,
    String apiUrl,
    String databaseUrl,
    String amqpUrl,
    String managementUrl,
    String managementUser,
    String managementPassword,
    List<Member> processes) {

  /**
   * One process.
   *
   * @param name such as {@code backtest-worker-1}
   * @param port where it listens
   * @param restarts how often it died and was started again
   * @param left it ended in good order and is not started again
   * @param process pid and start time
   * @param log its log file
   */
  record Member(
      String name, int port, int restarts, boolean left, ProcessRecord process, String log) {}

  RunState {
    processes = List.copyOf(processes);
  }

  /** Writes it, and the API's URL by itself for the launcher script. */
  void write(Layout layout) {
    try {
      Folders.writePrivate(file(layout), Json.mapper().writeValueAsString(this));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a state of plain values is always JSON", e);
    }
    if (ready && !apiUrl.isEmpty()) {
      Folders.writePrivate(layout.run().resolve("api-url"), apiUrl + "\n");
    }
  }

  /** The last one written; it may be of a supervisor that was killed. */
  static Optional<RunState> read(Layout layout) {
    if (!Files.exists(file(layout))) {
      return Optional.empty();
    }
    try {
      return Optional.of(Json.mapper().readValue(Files.readString(file(layout)), RunState.class));
    } catch (JsonProcessingException damaged) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void delete(Layout layout) {
    try {
      Files.deleteIfExists(file(layout));
      Files.deleteIfExists(layout.run().resolve("api-url"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path file(Layout layout) {
    return layout.run().resolve("state.json");
  }
}
