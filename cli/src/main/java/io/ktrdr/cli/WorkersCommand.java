package io.ktrdr.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code ktrdr workers …}. */
@Command(
    name = "workers",
    aliases = "worker",
    description = "Look at workers, and tell them to go.",
    subcommands = {
      WorkersCommand.ListWorkers.class,
      WorkersCommand.Show.class,
      WorkersCommand.Health.class,
      WorkersCommand.Scale.class,
      DrainWorkersCommand.class
    })
final class WorkersCommand implements Callable<Integer> {

  private static final String BASE = "/api/v1/workers";
  private static final String NONE = "–";

  @ParentCommand private KtrdrCli cli = new KtrdrCli();

  @Override
  public Integer call() {
    return list(cli.context(), null, null);
  }

  CommandContext context() {
    return cli.context();
  }

  /** Of one worker, or of what is below it. */
  static String path(String id, String below) {
    return BASE + "/" + encode(id) + below;
  }

  static String listPath(@Nullable String type, @Nullable String status) {
    List<String> query = new ArrayList<>();
    if (type != null) {
      query.add("worker_type=" + encode(type));
    }
    if (status != null) {
      query.add("status=" + encode(status));
    }
    return query.isEmpty() ? BASE : BASE + "?" + String.join("&", query);
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** {@code ktrdr workers list}. */
  @Command(name = "list", description = "List registered workers and what they do.")
  static final class ListWorkers implements Callable<Integer> {

    @ParentCommand private WorkersCommand parent = new WorkersCommand();

    @Option(
        names = {"-t", "--type"},
        description = "Only those of this type, e.g. backtesting.")
    private @Nullable String type;

    @Option(
        names = {"-s", "--status"},
        description = "available, busy, draining or temporarily_unavailable.")
    private @Nullable String status;

    @Override
    public Integer call() {
      return list(parent.context(), type, status);
    }
  }

  /** {@code ktrdr workers show}. */
  @Command(name = "show", description = "Show all that is known of one worker.")
  static final class Show implements Callable<Integer> {

    @ParentCommand private WorkersCommand parent = new WorkersCommand();

    @Parameters(paramLabel = "ID")
    private String id = "";

    @Override
    public Integer call() {
      CommandContext context = parent.context();
      JsonNode worker = context.api().fetch(path(id, ""));
      if (context.json()) {
        context.printJson(worker);
        return ExitCode.DONE;
      }
      Table table = new Table("Worker", worker.path("worker_id").asText());
      worker.properties().stream()
          .filter(field -> !List.of("worker_id", "metadata").contains(field.getKey()))
          .forEach(field -> table.add(words(field.getKey()), text(field.getValue())));
      worker
          .path("metadata")
          .properties()
          .forEach(field -> table.add(words(field.getKey()), text(field.getValue())));
      context.print(table.render());
      return ExitCode.DONE;
    }
  }

  /** {@code ktrdr workers health}. */
  @Command(name = "health", description = "Count workers by type and status.")
  static final class Health implements Callable<Integer> {

    @ParentCommand private WorkersCommand parent = new WorkersCommand();

    @Override
    public Integer call() {
      CommandContext context = parent.context();
      JsonNode health = context.api().fetch(BASE + "/health");
      if (context.json()) {
        context.printJson(health);
        return ExitCode.DONE;
      }
      Table table = new Table("TYPE", "AVAILABLE", "BUSY", "DRAINING", "UNAVAILABLE");
      health
          .path("by_type")
          .properties()
          .forEach(type -> addCounts(table, type.getKey(), type.getValue()));
      addCounts(table, "all %d".formatted(health.path("total_workers").asInt()), health);
      context.print(table.render());
      return ExitCode.DONE;
    }
  }

  private static void addCounts(Table table, String name, JsonNode counts) {
    table.add(
        name,
        counts.path("available").asText(NONE),
        counts.path("busy").asText(NONE),
        counts.path("draining").asText(NONE),
        counts.path("temporarily_unavailable").asText(NONE));
  }

  /** {@code ktrdr workers scale}. */
  @Command(
      name = "scale",
      description = "How many workers of a type the work at hand can use: for autoscalers.")
  static final class Scale implements Callable<Integer> {

    @ParentCommand private WorkersCommand parent = new WorkersCommand();

    @Option(
        names = {"-t", "--type"},
        required = true,
        description = "E.g. backtesting.")
    private String type = "";

    @Override
    public Integer call() {
      CommandContext context = parent.context();
      JsonNode scale = context.api().fetch(BASE + "/scale?type=" + encode(type));
      if (context.json()) {
        context.printJson(scale);
        return ExitCode.DONE;
      }
      context
          .out()
          .printf(
              "%s: %d can be used (%d queued, %d running); %d workers, %d busy, %d may go%n",
              scale.path("type").asText(),
              scale.path("value").asInt(),
              scale.path("queued").asInt(),
              scale.path("running").asInt(),
              scale.path("workers").asInt(),
              scale.path("busy").asInt(),
              scale.path("drainable").asInt());
      return ExitCode.DONE;
    }
  }

  private static int list(CommandContext context, @Nullable String type, @Nullable String status) {
    JsonNode workers = context.api().fetch(listPath(type, status));
    if (context.json()) {
      context.printJson(workers);
      return ExitCode.DONE;
    }
    if (workers.isEmpty()) {
      String which = type == null && status == null ? "" : " like that";
      context.print("No workers" + which + " registered" + System.lineSeparator());
      return ExitCode.DONE;
    }
    Table table = new Table("WORKER", "TYPE", "STATUS", "OPERATION", "SINCE", "SIGNALS", "QUEUES");
    for (JsonNode worker : workers) {
      JsonNode metadata = worker.path("metadata");
      table.add(
          worker.path("worker_id").asText(),
          worker.path("worker_type").asText(),
          worker.path("status").asText(),
          worker.path("current_operation_id").asText(NONE),
          metadata.path("current_operation_since").asText(NONE),
          signals(metadata),
          text(metadata.path("queues")));
    }
    context.print(table.render());
    return ExitCode.DONE;
  }

  /** What it shows of itself, and what it does not. */
  private static String signals(JsonNode metadata) {
    List<String> signals = new ArrayList<>();
    for (String name : List.of("alive", "subscribed", "advancing")) {
      JsonNode signal = metadata.path(name);
      if (signal.isBoolean()) {
        signals.add(signal.asBoolean() ? name : "NOT " + name);
      }
    }
    return signals.isEmpty() ? NONE : String.join(", ", signals);
  }

  private static String text(JsonNode value) {
    if (value.isArray()) {
      String items =
          StreamSupport.stream(value.spliterator(), false)
              .map(JsonNode::asText)
              .collect(Collectors.joining(", "));
      return items.isEmpty() ? NONE : items;
    }
    if (value.isObject()) {
      return value.properties().stream()
          .map(field -> words(field.getKey()) + " " + text(field.getValue()))
          .collect(Collectors.joining(", "));
    }
    return value.asText(NONE);
  }

  private static String words(String name) {
    return name.replace('_', ' ');
  }
}
