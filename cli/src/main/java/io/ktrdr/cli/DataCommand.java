package io.ktrdr.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** {@code ktrdr data}: what prices the API has. */
@Command(name = "data", description = "List market data.")
final class DataCommand implements Callable<Integer> {

  @ParentCommand private KtrdrCli cli = new KtrdrCli();

  @Override
  public Integer call() {
    CommandContext context = cli.context();
    JsonNode answer = context.api().fetch("/api/v1/data");
    if (context.json()) {
      context.printJson(answer);
      return ExitCode.DONE;
    }
    Table table = new Table("SYMBOL", "TIMEFRAME", "BARS", "FIRST", "LAST", "NOTE");
    for (JsonNode dataset : answer.path("datasets")) {
      table.add(
          dataset.path("symbol").asText(),
          dataset.path("timeframe").asText(),
          dataset.path("rows").asText(),
          dataset.path("first_bar").asText(),
          dataset.path("last_bar").asText(),
          dataset.path("notes").path(0).asText(""));
    }
    context.print(table.render());
    context.printDamaged(answer);
    return ExitCode.DONE;
  }
}
