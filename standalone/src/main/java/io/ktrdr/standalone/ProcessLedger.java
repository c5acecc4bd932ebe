package io.ktrdr.standalone;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.ktrdr.protocol.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;

/**
 * The processes started from one folder, one JSON line each, written as soon as each exists:
 * whoever comes after a starter that was killed finds here what it left. Thread-safe.
 */
public final class ProcessLedger {

  private final Path file;

  /** A ledger kept in {@code file}, which need not exist. */
  public ProcessLedger(Path file) {
    this.file = file;
  }

  /** Starts a process and writes it down. */
  public OwnedProcess start(ProcessSpec spec) {
    OwnedProcess process = OwnedProcess.start(spec);
    add(process.record());
    return process;
  }

  /** Writes a process down. */
  public synchronized void add(ProcessRecord record) {
    try {
      Files.createDirectories(Folders.parentOf(file));
      Files.writeString(
          file,
          Json.mapper().writeValueAsString(record) + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException("Could not write " + file, e);
    }
  }

  /** All that was written down, oldest first; a line cut short by a crash is left out. */
  public synchronized List<ProcessRecord> records() {
    if (!Files.exists(file)) {
      return List.of();
    }
    List<ProcessRecord> records = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(file)) {
        readLine(line, records);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Could not read " + file, e);
    }
    return List.copyOf(records);
  }

  /**
   * Stops every recorded process that still runs, newest first, and empties the ledger. A process
   * whose start time or command differs is somebody else's and is left alone.
   *
   * @param grace how long each may take before it is killed
   * @param said told of each process that still ran
   * @return how many there were
   */
  public synchronized int stopAll(Duration grace, Consumer<ProcessRecord> said) {
    List<ProcessRecord> newestFirst = new ArrayList<>(records());
    Collections.reverse(newestFirst);
    int stopped = 0;
    for (ProcessRecord record : newestFirst) {
      ProcessHandle process = record.find().orElse(null);
      if (process != null) {
        said.accept(record);
        OwnedProcess.stopForeign(process, "TERM", grace);
        stopped++;
      }
    }
    clear();
    return stopped;
  }

  /** Forgets everything. */
  public synchronized void clear() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException("Could not delete " + file, e);
    }
  }

  private static void readLine(String line, List<ProcessRecord> records) {
    try {
      records.add(Json.mapper().readValue(line, ProcessRecord.class));
    } catch (JsonProcessingException cutShort) {
      return;
    }
  }
}
