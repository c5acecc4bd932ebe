package io.ktrdr.system.fault;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Programs of the machine that set up networks, also those an ordinary user's PATH leaves out. */
final class Commands {

  private static final String SYSTEM_FOLDERS = ":/usr/sbin:/sbin";

  private Commands() {}

  static Optional<String> find(String program) {
    String folders = System.getenv().getOrDefault("PATH", "/usr/bin:/bin") + SYSTEM_FOLDERS;
    return Stream.of(folders.split(":", -1))
        .map(folder -> Path.of(folder).resolve(program))
        .filter(Files::isExecutable)
        .map(Path::toString)
        .findFirst();
  }

  static String path(String program) {
    return find(program)
        .orElseThrow(() -> new IllegalStateException("there is no program " + program));
  }

  /** Runs a short program to its end; anything but success is an error with what it said. */
  static void run(String... command) {
    attempt(command)
        .ifPresent(said -> {
          throw new IllegalStateException(String.join(" ", command) + ": " + said);
        });
  }

  /**
   * As {@link #run}.
   *
   * @return what it said when it failed; empty when it succeeded
   */
  static Optional<String> attempt(String... command) {
    List<String> found = new ArrayList<>(List.of(command));
    found.set(0, path(command[0]));
    try {
      Process process =
          withSystemFolders(new ProcessBuilder(found)).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.waitFor() == 0 ? Optional.empty() : Optional.of(said.strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** What the process starts finds them, too. */
  static ProcessBuilder withSystemFolders(ProcessBuilder process) {
    process.environment().merge("PATH", SYSTEM_FOLDERS, String::concat);
    return process;
  }
}
