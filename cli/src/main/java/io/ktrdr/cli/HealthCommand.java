package io.ktrdr.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** {@code ktrdr health}. */
@Command(name = "health", description = "Ask the API how it is.")
final class HealthCommand implements Callable<Integer> {

  @ParentCommand private KtrdrCli cli = new KtrdrCli();

  @Override
  public Integer call() {
    CommandContext context = cli.context();
    JsonNode health = context.api().fetch(ApiClient.HEALTH);
    if (context.json()) {
      context.printJson(health);
    } else {
      context
          .out()
          .println(
              "%s (database %s, broker %s, version %s)"
                  .formatted(
                      health.path("status").asText(),
                      health.path("components").path("database").asText(),
                      health.path("components").path("broker").asText(),
                      health.path("version").asText()));
    }
    return health.path("healthy").asBoolean() ? ExitCode.DONE : ExitCode.FAILED;
  }
}
