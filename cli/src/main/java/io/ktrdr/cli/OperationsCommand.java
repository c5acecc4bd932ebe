package io.ktrdr.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code ktrdr operations …}. */
@Command(
    name = "operations",
    aliases = {"ops", "operation"},
    description = "Look at operations, cancel them, try them again.",
    subcommands = {
      OperationsCommand.ListOperations.class,
      OperationsCommand.Get.class,
      SubmitCommand.class,
      OperationsCommand.Follow.class,
      OperationsCommand.Attempts.class,
      ExplainCommand.class,
      OperationControls.Cancel.class,
      OperationControls.Retry.class,
      OperationControls.Resume.class,
      EventsCommand.class
    })
final class OperationsCommand {

  @ParentCommand private KtrdrCli cli = new KtrdrCli();

  /** {@code ktrdr operations list}. */
  @Command(name = "list", description = "List operations, newest first.")
  static final class ListOperations implements Callable<Integer> {

    @ParentCommand private OperationsCommand parent = new OperationsCommand();

    @Option(
        names = {"-s", "--status"},
        description = "pending, running, cancelling, completed, failed or cancelled.")
    private @Nullable String status;

    @Option(
        names = {"-t", "--type"},
        description = "backtesting or training.")
    private @Nullable String type;

    @Option(
        names = {"-a", "--active"},
        description = "Only those that have not ended.")
    private boolean active;

    @Option(
        names = {"-l", "--limit"},
        defaultValue = "50")
    private int limit;

    @Override
    public Integer call() {
      CommandContext context = parent.cli.context();
      JsonNode answer =
          context
              .api()
              .fetch(
                  "/api/v1/operations?limit=%d&active_only=%s&status=%s&operation_type=%s"
                      .formatted(limit, active, encoded(status), encoded(type)));
      if (context.json()) {
        context.printJson(answer);
        return ExitCode.DONE;
      }
      Table table = new Table("OPERATION", "STATUS", "PROGRESS", "STEP", "WORKER", "CREATED");
      for (JsonNode operation : answer.path("operations")) {
        table.add(
            operation.path("operation_id").asText(),
            operation.path("status").asText(),
            String.format(
                Locale.ROOT, "%.0f%%", operation.path("progress").path("percentage").asDouble()),
            ProgressBar.step(operation),
            operation.path("worker_id").asText("–"),
            operation.path("created_at").asText());
      }
      context.print(table.render());
      context
          .out()
          .printf(
              "%d of %d, %d active%n",
              answer.path("operations").size(),
              answer.path("total_count").asInt(),
              answer.path("active_count").asInt());
      return ExitCode.DONE;
    }

    private static String encoded(@Nullable String text) {
      return text == null ? "" : URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
  }

  /** {@code ktrdr operations get}. */
  @Command(name = "get", description = "Show one operation.")
  static final class Get implements Callable<Integer> {

    @ParentCommand private OperationsCommand parent = new OperationsCommand();

    @Parameters(paramLabel = "ID")
    private String id = "";

    @Override
    public Integer call() {
      CommandContext context = parent.cli.context();
      JsonNode operation =
          context
              .api()
              .fetch("/api/v1/operations/" + URLEncoder.encode(id, StandardCharsets.UTF_8));
      if (context.json()) {
        context.printJson(operation);
      } else if (Follower.isTerminal(operation)) {
        context.print(ResultView.render(operation));
        if (operation.path("attempts").size() > 1) {
          context.print(attempts(operation));
        }
      } else {
        ProgressBar bar = new ProgressBar(context.out(), false);
        context.out().println(id + " " + operation.path("status").asText());
        bar.show(operation);
        if (!operation.path("attempts").isEmpty()) {
          context.print(attempts(operation));
        }
      }
      return ExitCode.DONE;
    }
  }

  /** {@code ktrdr operations attempts}. */
  @Command(name = "attempts", description = "Show every attempt of an operation and how it ended.")
  static final class Attempts implements Callable<Integer> {

    @ParentCommand private OperationsCommand parent = new OperationsCommand();

    @Parameters(paramLabel = "ID")
    private String id = "";

    @Override
    public Integer call() {
      CommandContext context = parent.cli.context();
      JsonNode operation = context.api().fetch(path(id, ""));
      if (context.json()) {
        context.printJson(operation.path("attempts"));
      } else if (operation.path("attempts").isEmpty()) {
        context.out().println("No attempt yet: " + ProgressBar.step(operation));
      } else {
        context.print(attempts(operation));
      }
      return ExitCode.DONE;
    }
  }

  private static String attempts(JsonNode operation) {
    Table table = new Table("ATTEMPT", "WORKER", "STARTED", "ENDED", "OUTCOME", "REASON");
    for (JsonNode attempt : operation.path("attempts")) {
      String code = attempt.path("error_code").asText("");
      String reason = attempt.path("reason").asText("");
      table.add(
          attempt.path("attempt").asText(),
          attempt.path("worker_id").asText(),
          attempt.path("started_at").asText(),
          attempt.path("ended_at").asText("–"),
          attempt.path("outcome").asText(),
          code.isEmpty() || reason.startsWith(code) ? reason : code + ": " + reason);
    }
    return table.render();
  }

  CommandContext context() {
    return cli.context();
  }

  /** Of one operation, or of what is below it. */
  static String path(String id, String below) {
    return "/api/v1/operations/" + URLEncoder.encode(id, StandardCharsets.UTF_8) + below;
  }

  /** {@code ktrdr operations follow}. */
  @Command(
      name = "follow",
      description = "Watch an operation until it ends; Ctrl-C leaves it running.")
  static final class Follow implements Callable<Integer> {

    @ParentCommand private OperationsCommand parent = new OperationsCommand();

    @Parameters(paramLabel = "ID")
    private String id = "";

    @Option(
        names = "--result-file",
        paramLabel = "FILE",
        description = "Also write the ended operation there, as JSON.")
    private @Nullable Path resultFile;

    @Override
    public Integer call() {
      return parent.cli.context().follow(id, resultFile);
    }
  }
}
