package io.ktrdr.standalone;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Programs of the machine: where they are, and running short ones to their end. */
final class Programs {

  private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

  private Programs() {}

  /** What a program that ended printed (both streams) and its exit code. */
  record Result(int exitCode, String output) {
    boolean succeeded() {
      return exitCode == 0;
    }
  }

  /** The first executable of that name on {@code PATH}. */
  static Optional<Path> find(String name) {
    String path = System.getenv().getOrDefault("PATH", "/usr/bin:/bin");
    for (String folder : path.split(File.pathSeparator, -1)) {
      Path candidate = Path.of(folder.isEmpty() ? "." : folder, name);
      if (Files.isRegularFile(candidate) && Files.isExecutable(candidate)) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  /** Whether the user this JVM runs as is root, whom Postgres refuses. */
  static boolean isRoot() {
    try {
      return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    } catch (IOException | UnsupportedOperationException noProcFolder) {
      return "root".equals(System.getProperty("user.name"));
    }
  }

  /** Kills what {@link #run} is running right now, for a JVM that ends. */
  static void killAll() {
    RUNNING.forEach(Programs::killTree);
  }

  private static void killTree(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  /**
   * Runs a short program to its end.
   *
   * @param limit after this it is killed and the exit code is 124
   * @throws StandaloneException {@code PROCESS_NOT_STARTED} when it cannot be run
   */
  static Result run(
      List<String> command, Map<String, String> environment, Path directory, Duration limit) {
    Path output = null;
    try {
      output = Files.createTempFile("ktrdr-", ".out");
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
              .redirectOutput(output.toFile());
      builder.environment().putAll(environment);
      Process process = builder.start();
      RUNNING.add(process);
      boolean ended = false;
      try {
        ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
      } finally {
        RUNNING.remove(process);
        if (!ended) {
          killTree(process);
        }
      }
      String text = Files.readString(output, StandardCharsets.UTF_8).strip();
      return new Result(ended ? process.exitValue() : 124, text);
    } catch (IOException e) {
      throw new StandaloneException(
          "PROCESS_NOT_STARTED", "Could not run " + command.getFirst() + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StandaloneException("INTERRUPTED", "Interrupted while running " + command, e);
    } finally {
      Folders.deleteQuietly(output);
    }
  }
}
