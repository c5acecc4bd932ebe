package io.ktrdr.standalone;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The arguments of a live process. */
final class ProcessArguments {

  private ProcessArguments() {}

  /**
   * Program and arguments, empty when the process is gone or not ours to see. The JDK's own view
   * ends at the first empty argument, which Erlang nodes have.
   */
  static List<String> of(ProcessHandle process) {
    Path file = Path.of("/proc", Long.toString(process.pid()), "cmdline");
    if (Files.exists(file)) {
      try {
        return List.of(Files.readString(file, StandardCharsets.UTF_8).split("\0", -1));
      } catch (IOException gone) {
        return List.of();
      }
    }
    return process.info().arguments().map(List::of).orElse(List.of());
  }
}
