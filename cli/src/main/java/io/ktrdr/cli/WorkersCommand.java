package io.ktrdr.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** {@code ktrdr workers …}. */
@Command(
    name = "workers",
    description = "Look at workers.",
    subcommands = WorkersCommand.ListWorkers.class)
final class WorkersCommand implements Callable<Integer> {

  @ParentCommand private KtrdrCli cli = new KtrdrCli();

  @Override
  public Integer call() {
    return list(cli.context());
  }

  /** {@code ktrdr workers list}. */
  @Command(name = "list", description = "List registered workers.")
  static final class ListWorkers implements Callable<Integer> {

    @ParentCommand private WorkersCommand parent = new WorkersCommand();

    @Override
    public Integer call() {
      return list(parent.cli.context());
    }
  }

  private static int list(CommandContext context) {
    JsonNode workers = context.api().fetch("/api/v1/workers");
    if (context.json()) {
      context.printJson(workers);
      return ExitCode.DONE;
    }
    if (workers.isEmpty()) {
      context.print("No workers registered" + System.lineSeparator());
      return ExitCode.DONE;
    }
    Table table = new Table("WORKER", "TYPE", "STATUS", "OPERATION", "ENDPOINT");
    for (JsonNode worker : workers) {
      table.add(
          worker.path("worker_id").asText(),
          worker.path("worker_type").asText(),
          worker.path("status").asText(),
          worker.path("current_operation_id").asText("–"),
          worker.path("endpoint_url").asText());
    }
    context.print(table.render());
    return ExitCode.DONE;
  }
}
