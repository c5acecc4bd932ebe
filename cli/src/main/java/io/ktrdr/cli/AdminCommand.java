package io.ktrdr.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.ktrdr.protocol.Json;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** {@code ktrdr admin …}. */
@Command(
    name = "admin",
    description =
        "Drain and pause the system; repair what operators broke or lost; see who did it.",
    subcommands = {
      DispatchControls.Drain.class,
      DispatchControls.Undrain.class,
      DispatchControls.Pause.class,
      DispatchControls.Resume.class,
      DispatchControls.Status.class,
      AuditCommand.class,
      AdminCommand.Reconcile.class
    })
final class AdminCommand {

  @ParentCommand private KtrdrCli cli = new KtrdrCli();

  CommandContext context() {
    return cli.context();
  }

  /** {@code ktrdr admin reconcile}. */
  @Command(
      name = "reconcile",
      description =
          "Build every queue anew from the database, after the broker lost its data. Runs that are"
              + " under way are left alone; doing it needlessly is harmless.")
  static final class Reconcile implements Callable<Integer> {

    @ParentCommand private AdminCommand parent = new AdminCommand();

    @Override
    public Integer call() {
      CommandContext context = parent.cli.context();
      JsonNode answer =
          context.api().post("/api/v1/admin/reconcile", Json.mapper().createObjectNode());
      if (context.json()) {
        context.printJson(answer);
        return ExitCode.DONE;
      }
      Table table = new Table("TYPE", "PENDING", "REPUBLISHED", "RUNNING, LEFT ALONE", "STRANGERS");
      answer
          .path("types")
          .properties()
          .forEach(type ->
              table.add(
                  type.getKey(),
                  type.getValue().path("pending").asText(),
                  type.getValue().path("republished").asText(),
                  type.getValue().path("running_untouched").asText(),
                  String.valueOf(type.getValue().path("messages_without_operation").size())));
      context.print(table.render());
      return ExitCode.DONE;
    }
  }
}
