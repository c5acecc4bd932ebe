package io.ktrdr.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of commands that submit an operation. */
final class FollowOptions {

  @Option(
      names = {"-f", "--follow"},
      description = "Show progress until the operation ends; Ctrl-C leaves it running.")
  boolean follow;

  @Option(
      names = "--result-file",
      paramLabel = "FILE",
      description = "With --follow: also write the ended operation there, as JSON.")
  @Nullable Path resultFile;

  @Option(
      names = "--idempotency-key",
      paramLabel = "KEY",
      description = "The same key and request again, within a day, is the same operation.")
  @Nullable String idempotencyKey;
}
