package io.ktrdr.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code ktrdr operations explain}. */
@Command(
    name = "explain",
    aliases = "why",
    description = "Say why an operation waits, or what it does, and when it may start or end.")
final class ExplainCommand implements Callable<Integer> {

  private static final String NONE = "–";

  @ParentCommand private OperationsCommand parent = new OperationsCommand();

  @Parameters(paramLabel = "ID")
  private String id = "";

  @Override
  public Integer call() {
    CommandContext context = parent.context();
    JsonNode answer = context.api().fetch(OperationsCommand.path(id, "/explain"));
    if (context.json()) {
      context.printJson(answer);
    } else {
      context.print(render(answer));
    }
    return ExitCode.DONE;
  }

  private static String render(JsonNode answer) {
    String end = System.lineSeparator();
    StringBuilder text = new StringBuilder();
    text.append(answer.path("operation_id").asText())
        .append(' ')
        .append(answer.path("status").asText())
        .append(" (")
        .append(answer.path("state").asText().replace('_', ' '))
        .append(')')
        .append(end)
        .append(answer.path("summary").asText())
        .append(end);
    JsonNode queue = answer.path("queue");
    if (queue.isObject()) {
      text.append(
          "Queue %s: position %d, %d ahead%n"
              .formatted(
                  queue.path("name").asText(),
                  queue.path("position").asInt(),
                  queue.path("ahead").asInt()));
    }
    if (answer.path("demand").isObject()) {
      text.append("Requires ").append(answer.path("demand")).append(end);
    }
    for (String what : new String[] {"start", "end"}) {
      JsonNode expected = answer.path("expected_" + what);
      if (expected.isObject()) {
        text.append(
            "Expected %s: %s (%s to %s), from %d runs%n"
                .formatted(
                    what,
                    expected.path("median").asText(),
                    expected.path("earliest").asText(),
                    expected.path("latest").asText(),
                    expected.path("based_on_runs").asInt()));
      }
    }
    return text + workers(answer.path("workers"));
  }

  private static String workers(JsonNode workers) {
    if (workers.isEmpty()) {
      return "";
    }
    Table table = new Table("WORKER", "STATUS", "OPERATION", "FOR", "DONE", "CAN TAKE IT");
    for (JsonNode worker : workers) {
      table.add(
          worker.path("worker_id").asText(),
          worker.path("status").asText(),
          worker.path("current_operation_id").asText(NONE),
          worker.path("busy_seconds").isNumber()
              ? ProgressBar.duration(
                  Duration.ofMillis((long) (worker.path("busy_seconds").asDouble() * 1000)))
              : NONE,
          worker.path("percentage").isNumber()
              ? String.format(Locale.ROOT, "%.0f%%", worker.path("percentage").asDouble())
              : NONE,
          worker.path("capable").asBoolean()
              ? "yes"
              : "no: " + worker.path("not_capable_because").asText());
    }
    return System.lineSeparator() + table.render();
  }
}
