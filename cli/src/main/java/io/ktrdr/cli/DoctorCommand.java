package io.ktrdr.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** {@code ktrdr doctor}: exit code 1 when a check fails. */
@Command(
    name = "doctor",
    description = "Check database, broker, queues and workers, and say what to do.")
final class DoctorCommand implements Callable<Integer> {

  @ParentCommand private KtrdrCli cli = new KtrdrCli();

  @Override
  public Integer call() {
    CommandContext context = cli.context();
    JsonNode report = context.api().fetch("/api/v1/admin/doctor");
    if (context.json()) {
      context.printJson(report);
    } else {
      context.print(render(report));
    }
    return report.path("status").asText().equals("fail") ? ExitCode.FAILED : ExitCode.DONE;
  }

  private static String render(JsonNode report) {
    StringBuilder text = new StringBuilder();
    for (JsonNode check : report.path("checks")) {
      text.append(
          "%-5s %-26s %s%n"
              .formatted(
                  check.path("status").asText().toUpperCase(Locale.ROOT),
                  check.path("name").asText(),
                  check.path("found").asText()));
      String advice = check.path("advice").asText();
      if (!advice.isEmpty()) {
        text.append(" ".repeat(6)).append("→ ").append(advice).append(System.lineSeparator());
      }
    }
    return text.append(
            "%d checks: %s%n"
                .formatted(report.path("checks").size(), report.path("status").asText()))
        .toString();
  }
}
