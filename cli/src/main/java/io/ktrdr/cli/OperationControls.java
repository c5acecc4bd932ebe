package io.ktrdr.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Json;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code ktrdr operations cancel | retry | resume}. */
final class OperationControls {

  private OperationControls() {}

  /** {@code ktrdr operations cancel}. */
  @Command(
      name = "cancel",
      description = "Stop an operation; what a running one has achieved by then is kept.")
  static final class Cancel implements Callable<Integer> {

    @ParentCommand private OperationsCommand parent = new OperationsCommand();

    @Parameters(paramLabel = "ID")
    private String id = "";

    @Option(
        names = {"-r", "--reason"},
        description = "Kept in the operation's history.")
    private @Nullable String reason;

    @Override
    public Integer call() {
      ObjectNode body = Json.mapper().createObjectNode();
      if (reason != null) {
        body.put("reason", reason);
      }
      return show(parent.context(), id, "/cancel", body);
    }
  }

  /** {@code ktrdr operations retry}. */
  @Command(
      name = "retry",
      description = "Run a failed or cancelled operation again, from its beginning.")
  static final class Retry extends Again {

    Retry() {
      super("/retry");
    }
  }

  /** {@code ktrdr operations resume}. */
  @Command(
      name = "resume",
      description = "Run a failed or cancelled operation again, from its last checkpoint.")
  static final class Resume extends Again {

    Resume() {
      super("/resume");
    }
  }

  /** What gives an operation another attempt, which may be watched. */
  abstract static class Again implements Callable<Integer> {

    private final String action;

    @ParentCommand private OperationsCommand parent = new OperationsCommand();

    @Parameters(paramLabel = "ID")
    private String id = "";

    @Mixin private FollowOptions options = new FollowOptions();

    Again(String action) {
      this.action = action;
    }

    @Override
    public final Integer call() {
      CommandContext context = parent.context();
      ObjectNode body = Json.mapper().createObjectNode();
      if (!options.follow()) {
        return show(context, id, action, body);
      }
      context.api().post(OperationsCommand.path(id, action), body);
      return context.follow(id, options.resultFile());
    }
  }

  private static int show(CommandContext context, String id, String action, ObjectNode body) {
    JsonNode answer = context.api().post(OperationsCommand.path(id, action), body);
    if (context.json()) {
      context.printJson(answer);
    } else {
      context
          .out()
          .printf(
              "%s %s: %s%n",
              answer.path("operation_id").asText(),
              answer.path("status").asText(),
              answer.path("message").asText());
    }
    return ExitCode.DONE;
  }
}
