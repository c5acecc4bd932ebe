package io.ktrdr.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Locale;

/**
 * One line that shows how far an operation is. On a terminal it is redrawn in place; elsewhere a
 * new line is printed for every ten percent and every change of state.
 */
final class ProgressBar {

  private static final int WIDTH = 28;
  private static final int LINE_CHARS_MAX = 110;
  private static final int PLAIN_STEP_PERCENT = 10;

  private final PrintStream out;
  private final boolean terminal;
  private String plainShown = "";

  ProgressBar(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  void show(JsonNode operation) {
    double percentage = operation.path("progress").path("percentage").asDouble();
    String status = operation.path("status").asText();
    if (terminal) {
      out.print("\r\033[K" + line(operation, percentage));
      out.flush();
      return;
    }
    String key =
        "%s %s %d %s %d"
            .formatted(
                status,
                operation.path("dispatch").asText(),
                operation.path("attempt").asInt(),
                operation.path("stalled").asBoolean(),
                (int) (percentage / PLAIN_STEP_PERCENT));
    if (!key.equals(plainShown)) {
      plainShown = key;
      out.println(line(operation, percentage));
    }
  }

  /** Leaves the line as it is and goes to the next. */
  void finish() {
    if (terminal) {
      out.println();
    }
  }

  private static String line(JsonNode operation, double percentage) {
    int full = (int) Math.round(percentage / 100 * WIDTH);
    String bar = "█".repeat(full) + "░".repeat(WIDTH - full);
    String text =
        "  %s %5.1f%%  %s%s"
            .formatted(bar, percentage, step(operation), eta(operation, percentage));
    return text.length() <= LINE_CHARS_MAX ? text : text.substring(0, LINE_CHARS_MAX);
  }

  /** What goes on, in a few words. */
  static String step(JsonNode operation) {
    int attempt = operation.path("attempt").asInt();
    String which = attempt > 1 ? "attempt %d: ".formatted(attempt) : "";
    String step = operation.path("progress").path("current_step").asText();
    return switch (operation.path("status").asText()) {
      case "pending" ->
          switch (operation.path("dispatch").asText()) {
            case "scheduled" ->
                "attempt %d did not work, next attempt in %d s"
                    .formatted(attempt, secondsUntil(operation.path("next_attempt_at").asText()));
            case "waiting for broker" -> "Waiting for the broker...";
            default -> step;
          };
      case "cancelling" -> "cancelling, " + which + step;
      case "running" ->
          operation.path("stalled").asBoolean()
              ? "%s%s, no progress for %s"
                  .formatted(
                      which,
                      step,
                      duration(Duration.ofSeconds(operation.path("no_progress_seconds").asLong())))
              : which + step;
      default -> step;
    };
  }

  private static long secondsUntil(String time) {
    try {
      return Math.max(0, Duration.between(Instant.now(), Instant.parse(time)).toSeconds());
    } catch (DateTimeParseException e) {
      return 0;
    }
  }

  private static String eta(JsonNode operation, double percentage) {
    double seconds = operation.path("duration_seconds").asDouble();
    if (!operation.path("status").asText().equals("running") || percentage < 1 || seconds < 0.5) {
      return "";
    }
    double left = seconds * (100 - percentage) / percentage;
    return "  ETA " + duration(Duration.ofMillis((long) (left * 1000)));
  }

  /** For people: {@code 4.2 s}, {@code 3 min 07 s}. */
  static String duration(Duration duration) {
    return duration.toMinutes() == 0
        ? String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0)
        : String.format(
            Locale.ROOT, "%d min %02d s", duration.toMinutes(), duration.toSecondsPart());
  }
}
