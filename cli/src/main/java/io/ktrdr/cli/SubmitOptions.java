package io.ktrdr.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of commands that submit an operation. */
final class SubmitOptions {

  @Mixin private FollowOptions follow = new FollowOptions();

  @Option(
      names = "--idempotency-key",
      paramLabel = "KEY",
      description = "The same key and request again, within a day, is the same operation.")
  private @Nullable String idempotencyKey;

  FollowOptions follow() {
    return follow;
  }

  @Nullable String idempotencyKey() {
    return idempotencyKey;
  }
}
