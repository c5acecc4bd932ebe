package io.ktrdr.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of commands after which an operation may be watched. */
final class FollowOptions {

  @Option(
      names = {"-f", "--follow"},
      description = "Show progress until the operation ends; Ctrl-C leaves it running.")
  private boolean follow;

  @Option(
      names = "--result-file",
      paramLabel = "FILE",
      description = "With --follow: also write the ended operation there, as JSON.")
  private @Nullable Path resultFile;

  /**
   * Whether to watch; asked before anything is submitted.
   *
   * @throws CommandFailedException FOLLOW_REQUIRED when a result is wanted that nobody waits for
   */
  boolean follow() {
    if (resultFile != null && !follow) {
      throw new CommandFailedException(
          ExitCode.USAGE,
          "FOLLOW_REQUIRED",
          "--result-file needs --follow: the result is there when the operation has ended");
    }
    return follow;
  }

  @Nullable Path resultFile() {
    return resultFile;
  }
}
