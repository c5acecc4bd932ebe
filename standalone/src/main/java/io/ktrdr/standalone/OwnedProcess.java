package io.ktrdr.standalone;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A process we started, in a session of its own: Ctrl-C in the terminal reaches only us, and we
 * stop it in order. Thread-safe.
 */
public final class OwnedProcess implements AutoCloseable {

  /** How long a process that was killed may take to disappear. */
  private static final Duration KILL_LIMIT = Duration.ofSeconds(10);

  /** Grace of {@link #close()}. */
  private static final Duration CLOSE_GRACE = Duration.ofSeconds(10);

  private static final Duration POLL = Duration.ofMillis(20);

  private final ProcessSpec spec;
  private final Process process;
  private final ProcessRecord record;

  private OwnedProcess(ProcessSpec spec, Process process) {
    this.spec = spec;
    this.process = process;
    Instant started = process.info().startInstant().orElseGet(Instant::now);
    this.record = new ProcessRecord(spec.name(), process.pid(), started, spec.marker());
  }

  /**
   * Starts it; returns at once.
   *
   * @throws StandaloneException {@code PROCESS_NOT_STARTED} when the program cannot be run
   */
  public static OwnedProcess start(ProcessSpec spec) {
    List<String> command = new ArrayList<>(ownSession());
    command.addAll(spec.command());
    ProcessBuilder builder = new ProcessBuilder(command);
    Map<String, String> environment = builder.environment();
    environment
        .keySet()
        .removeIf(name -> spec.withoutPrefixes().stream().anyMatch(name::startsWith));
    environment.putAll(spec.environment());
    try {
      Files.createDirectories(spec.directory());
      Path logFolder = spec.log().getParent();
      if (logFolder != null) {
        Files.createDirectories(logFolder);
      }
      Process process =
          builder
              .directory(spec.directory().toFile())
              .redirectErrorStream(true)
              .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
              .redirectOutput(ProcessBuilder.Redirect.appendTo(spec.log().toFile()))
              .start();
      return new OwnedProcess(spec, process);
    } catch (IOException e) {
      throw new StandaloneException(
          "PROCESS_NOT_STARTED", "Could not start " + spec.name() + ": " + e.getMessage(), e);
    }
  }

  /** What it is called. */
  public String name() {
    return spec.name();
  }

  /** Operating system process id. */
  public long pid() {
    return process.pid();
  }

  /** How to recognise it from another JVM. */
  public ProcessRecord record() {
    return record;
  }

  /** Where its output goes. */
  public Path log() {
    return spec.log();
  }

  /** What it was started with. */
  public ProcessSpec spec() {
    return spec;
  }

  /** Whether it runs. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** Its exit code (128 + signal when it was killed), once it has ended. */
  public Optional<Integer> exitCode() {
    return process.isAlive() ? Optional.empty() : Optional.of(process.exitValue());
  }

  /** Completes when it ends. */
  public CompletableFuture<Process> onExit() {
    return process.onExit();
  }

  /**
   * Asks it to stop (SIGTERM) and kills it when {@code grace} is over. Does nothing when it is
   * gone.
   *
   * @return whether it ended by itself
   */
  public boolean stop(Duration grace) {
    return stop("TERM", grace);
  }

  /** As {@link #stop(Duration)}, asking with another signal. */
  boolean stop(String signal, Duration grace) {
    if (!process.isAlive()) {
      return true;
    }
    Signals.send(signal, pid());
    if (awaitEnd(grace)) {
      return true;
    }
    kill();
    return false;
  }

  /** Kills it and its descendants (SIGKILL) and waits until it is gone. */
  public void kill() {
    List<ProcessHandle> descendants = process.descendants().toList();
    process.destroyForcibly();
    descendants.forEach(ProcessHandle::destroyForcibly);
    awaitEnd(KILL_LIMIT);
  }

  /** Freezes it (SIGSTOP): it keeps its sockets and answers nothing. */
  public void pause() {
    Signals.send("STOP", pid());
  }

  /** Lets a frozen process go on (SIGCONT). */
  public void resume() {
    Signals.send("CONT", pid());
  }

  /** Stops it with a grace of ten seconds. */
  @Override
  public void close() {
    stop(CLOSE_GRACE);
  }

  /**
   * Stops a process somebody else started, with its descendants: signal, wait, kill.
   *
   * @return whether it ended by itself
   */
  static boolean stopForeign(ProcessHandle process, String signal, Duration grace) {
    List<ProcessHandle> descendants = process.descendants().toList();
    Signals.send(signal, process.pid());
    boolean ended = Await.until(grace, POLL, () -> !process.isAlive());
    if (!ended) {
      process.destroyForcibly();
    }
    descendants.stream().filter(ProcessHandle::isAlive).forEach(ProcessHandle::destroyForcibly);
    Await.until(KILL_LIMIT, POLL, () -> !process.isAlive());
    return ended;
  }

  /** The last lines of its log, for an error message. */
  public String logTail(int lines) {
    try {
      List<String> all = Files.readAllLines(spec.log());
      return String.join("\n", all.subList(Math.max(0, all.size() - lines), all.size()));
    } catch (IOException unreadable) {
      return "(no log: " + unreadable.getMessage() + ")";
    }
  }

  private boolean awaitEnd(Duration limit) {
    try {
      return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return !process.isAlive();
    }
  }

  /** Words in front of a command that give it its own session, keeping its process id. */
  private static List<String> ownSession() {
    if (Programs.find("setsid").isPresent()) {
      return List.of("setsid");
    }
    return Programs.find("perl")
        .map(perl -> List.of(perl.toString(), "-e", "use POSIX; POSIX::setsid(); exec @ARGV"))
        .orElse(List.of());
  }
}
