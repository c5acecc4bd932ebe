package io.ktrdr.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code ktrdr admin audit}. */
@Command(name = "audit", description = "Show what was done by hand, and by whom; newest first.")
final class AuditCommand implements Callable<Integer> {

  @ParentCommand private AdminCommand parent = new AdminCommand();

  @Option(
      names = {"-n", "--limit"},
      description = "At most this many (default: 100).")
  private @Nullable Integer limit;

  @Option(
      names = "--before",
      paramLabel = "ID",
      description = "Only what was done before the one of this number.")
  private @Nullable Long before;

  @Override
  public Integer call() {
    CommandContext context = parent.context();
    JsonNode answer = context.api().fetch(path());
    if (context.json()) {
      context.printJson(answer);
      return ExitCode.DONE;
    }
    Table table = new Table("ID", "AT", "ACTOR", "ACTION", "SUBJECT", "DETAIL");
    for (JsonNode entry : answer.path("entries")) {
      table.add(
          entry.path("id").asText(),
          entry.path("at").asText(),
          entry.path("actor").asText(),
          entry.path("action").asText(),
          entry.path("subject").asText(),
          entry.path("detail").isEmpty() ? "" : entry.path("detail").toString());
    }
    context.print(table.render());
    if (answer.path("next_before").isNumber()) {
      context.out().println("older ones: --before " + answer.path("next_before").asText());
    }
    return ExitCode.DONE;
  }

  private String path() {
    StringBuilder path = new StringBuilder("/api/v1/admin/audit");
    if (limit != null) {
      path.append("?limit=").append(limit);
    }
    if (before != null) {
      path.append(limit == null ? '?' : '&').append("before=").append(before);
    }
    return path.toString();
  }
}
