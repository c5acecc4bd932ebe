package io.ktrdr.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Json;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code ktrdr dead-letters …}. */
@Command(
    name = "dead-letters",
    description = "Messages that nobody could handle: look, send back, throw away.",
    subcommands = {
      DeadLettersCommand.ListLetters.class,
      DeadLettersCommand.Show.class,
      DeadLettersCommand.Requeue.class,
      DeadLettersCommand.Discard.class
    })
final class DeadLettersCommand implements Callable<Integer> {

  private static final String BASE = "/api/v1/dead-letters";
  private static final String NONE = "–";

  @ParentCommand private KtrdrCli cli = new KtrdrCli();

  @Override
  public Integer call() {
    return list(cli.context(), null, null);
  }

  /** {@code ktrdr dead-letters list}. */
  @Command(name = "list", description = "List them with the reasons.")
  static final class ListLetters implements Callable<Integer> {

    @ParentCommand private DeadLettersCommand parent = new DeadLettersCommand();

    @Option(
        names = {"-q", "--queue"},
        description = "Only those of this queue, e.g. operations.backtesting.")
    private @Nullable String queue;

    @Option(
        names = {"-n", "--limit"},
        description = "At most this many (default: 100).")
    private @Nullable Integer limit;

    @Override
    public Integer call() {
      return list(parent.cli.context(), queue, limit);
    }
  }

  /** {@code ktrdr dead-letters show}. */
  @Command(name = "show", description = "Show one, with its body.")
  static final class Show implements Callable<Integer> {

    @ParentCommand private DeadLettersCommand parent = new DeadLettersCommand();

    @Parameters(paramLabel = "ID")
    private String id = "";

    @Override
    public Integer call() {
      CommandContext context = parent.cli.context();
      context.printJson(context.api().fetch(path(id)));
      return ExitCode.DONE;
    }
  }

  /** {@code ktrdr dead-letters requeue}. */
  @Command(
      name = "requeue",
      description = {
        "Send letters back to their queue.",
        "One whose operation failed or was cancelled gives that operation a new attempt."
      })
  static final class Requeue implements Callable<Integer> {

    @ParentCommand private DeadLettersCommand parent = new DeadLettersCommand();
    @Spec private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "ID", arity = "0..*")
    private List<String> ids = new ArrayList<>();

    @Option(names = "--all", description = "All letters, or all of --queue.")
    private boolean all;

    @Option(
        names = {"-q", "--queue"},
        description = "Only those of this queue.")
    private @Nullable String queue;

    @Override
    public Integer call() {
      if (ids.isEmpty() == !all) {
        String problem = "name letters by their ids, or all of them by --all, not both";
        throw spec == null
            ? new IllegalStateException(problem)
            : new ParameterException(spec.commandLine(), problem);
      }
      ObjectNode body = Json.mapper().createObjectNode();
      ids.forEach(body.putArray("ids")::add);
      if (queue != null) {
        body.put("queue", queue);
      }
      CommandContext context = parent.cli.context();
      JsonNode answer = context.api().post(BASE + "/requeue", body);
      if (context.json()) {
        context.printJson(answer);
      } else {
        answer.path("dead_letters").forEach(letter -> printOutcome(context, letter));
        context
            .out()
            .printf(
                "%d requeued, %d kept%n",
                answer.path("requeued").asInt(), answer.path("kept").asInt());
      }
      boolean everyOne =
          answer.path("kept").asInt() == 0 && answer.path("requeued").asInt() >= ids.size();
      return everyOne ? ExitCode.DONE : ExitCode.FAILED;
    }
  }

  /** {@code ktrdr dead-letters discard}. */
  @Command(
      name = "discard",
      description = "Throw one away. It stays in the table audit; its operation is not changed.")
  static final class Discard implements Callable<Integer> {

    @ParentCommand private DeadLettersCommand parent = new DeadLettersCommand();

    @Parameters(paramLabel = "ID")
    private String id = "";

    @Override
    public Integer call() {
      CommandContext context = parent.cli.context();
      JsonNode answer = context.api().delete(path(id));
      if (context.json()) {
        context.printJson(answer);
      } else {
        printOutcome(context, answer);
      }
      return ExitCode.DONE;
    }
  }

  private static String path(String id) {
    return BASE + "/" + encode(id);
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static void printOutcome(CommandContext context, JsonNode letter) {
    context
        .out()
        .printf(
            "%s %s: %s%n",
            letter.path("id").asText(),
            letter.path("outcome").asText(),
            letter.path("detail").asText());
  }

  private static int list(CommandContext context, @Nullable String queue, @Nullable Integer limit) {
    List<String> query = new ArrayList<>();
    if (queue != null) {
      query.add("queue=" + encode(queue));
    }
    if (limit != null) {
      query.add("limit=" + limit);
    }
    JsonNode answer =
        context.api().fetch(query.isEmpty() ? BASE : BASE + "?" + String.join("&", query));
    if (context.json()) {
      context.printJson(answer);
      return ExitCode.DONE;
    }
    JsonNode letters = answer.path("dead_letters");
    if (letters.isEmpty()) {
      context.print("No dead letters" + System.lineSeparator());
      return ExitCode.DONE;
    }
    Table table = new Table("ID", "QUEUE", "OPERATION", "STATUS", "REASON");
    for (JsonNode letter : letters) {
      table.add(
          letter.path("id").asText(),
          letter.path("queue").asText(),
          letter.path("operation_id").asText(NONE),
          letter.path("operation_status").asText(NONE),
          letter.path("reason").asText());
    }
    context.print(table.render());
    return ExitCode.DONE;
  }
}
