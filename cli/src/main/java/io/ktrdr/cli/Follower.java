package io.ktrdr.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Watches an operation until it ends. Leaving early (Ctrl-C) does not touch the operation. */
final class Follower {

  private static final Duration POLL = Duration.ofMillis(300);

  /** How long the API may be away in the middle of watching. */
  private static final Duration AWAY_MAX = Duration.ofSeconds(60);

  private final ApiClient api;
  private final PrintStream out;
  private final boolean terminal;

  Follower(ApiClient api, PrintStream out, boolean terminal) {
    this.api = api;
    this.out = out;
    this.terminal = terminal;
  }

  /** The operation in its end state. */
  JsonNode follow(String operationId) {
    ProgressBar bar = new ProgressBar(out, terminal);
    long lastAnswer = System.nanoTime();
    while (true) {
      try {
        JsonNode operation = api.fetch("/api/v1/operations/" + operationId);
        lastAnswer = System.nanoTime();
        bar.show(operation);
        if (isTerminal(operation)) {
          bar.finish();
          return operation;
        }
      } catch (CommandFailedException e) {
        if (e.exitCode() != ExitCode.UNREACHABLE
            || System.nanoTime() - lastAnswer > AWAY_MAX.toNanos()) {
          throw e;
        }
      }
      pause();
    }
  }

  static boolean isTerminal(JsonNode operation) {
    return switch (operation.path("status").asText()) {
      case "completed", "failed", "cancelled" -> true;
      default -> false;
    };
  }

  /** 0 completed, 1 failed, 3 cancelled. */
  static int exitCode(JsonNode operation) {
    return switch (operation.path("status").asText()) {
      case "completed" -> ExitCode.DONE;
      case "cancelled" -> ExitCode.CANCELLED;
      default -> ExitCode.FAILED;
    };
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailedException(ExitCode.FAILED, "INTERRUPTED", "interrupted");
    }
  }
}
