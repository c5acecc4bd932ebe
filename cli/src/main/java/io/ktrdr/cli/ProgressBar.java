package io.ktrdr.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintStream;
import java.time.Duration;
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
    String key = status + (int) (percentage / PLAIN_STEP_PERCENT);
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
            .formatted(
                bar,
                percentage,
                operation.path("progress").path("current_step").asText(),
                eta(operation, percentage));
    return text.length() <= LINE_CHARS_MAX ? text : text.substring(0, LINE_CHARS_MAX);
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
