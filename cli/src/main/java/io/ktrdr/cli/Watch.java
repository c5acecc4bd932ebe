package io.ktrdr.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Asks the API again and again until nothing is left of what is waited for, over outages of the
 * API. There is no limit of its own: a worker that finishes its operation may take hours. Ctrl-C
 * ends the watching and nothing else.
 */
final class Watch {

  private static final Duration POLL = Duration.ofSeconds(1);

  /** How long the API may be away in the middle of watching. */
  private static final Duration AWAY_MAX = Duration.ofSeconds(60);

  private final ApiClient api;
  private final PrintStream out;
  private final boolean terminal;
  private String shown = "";

  Watch(ApiClient api, PrintStream out, boolean terminal) {
    this.api = api;
    this.out = out;
    this.terminal = terminal;
  }

  /**
   * @param left one line on what is left, from the answer; empty when nothing is
   */
  void until(String path, Function<JsonNode, Optional<String>> left) {
    long lastAnswer = System.nanoTime();
    while (true) {
      try {
        Optional<String> line = left.apply(api.fetch(path));
        lastAnswer = System.nanoTime();
        if (line.isEmpty()) {
          finish();
          return;
        }
        show(line.get());
      } catch (CommandFailedException e) {
        if (e.exitCode() != ExitCode.UNREACHABLE
            || System.nanoTime() - lastAnswer > AWAY_MAX.toNanos()) {
          throw e;
        }
      }
      pause();
    }
  }

  private void show(String line) {
    if (line.equals(shown)) {
      return;
    }
    shown = line;
    if (terminal) {
      out.print("\r\033[K" + line);
      out.flush();
    } else {
      out.println(line);
    }
  }

  private void finish() {
    if (terminal && !shown.isEmpty()) {
      out.println();
    }
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
