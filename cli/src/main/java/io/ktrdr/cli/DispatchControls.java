package io.ktrdr.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Json;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code ktrdr admin drain | undrain | pause | resume | drain-status}. */
final class DispatchControls {

  private static final String BASE = "/api/v1/admin/";
  private static final String DRAIN = BASE + "drain";
  private static final String NONE = "–";

  private DispatchControls() {}

  /** What happens to operations that wait when a drain begins. */
  enum Pending {
    HOLD,
    RUN
  }

  /** {@code ktrdr admin drain}. */
  @Command(
      name = "drain",
      description = {
        "Accept no new operations (503 with Retry-After); running ones finish.",
        "Undone by: ktrdr admin undrain"
      })
  static final class Drain implements Callable<Integer> {

    @ParentCommand private AdminCommand parent = new AdminCommand();

    @Option(
        names = {"-t", "--type"},
        description = "Only operations of this type; default: all.")
    private @Nullable String type;

    @Option(
        names = {"-r", "--reason"},
        description = "Shown to everybody who asks why.")
    private @Nullable String reason;

    @Option(
        names = "--pending",
        defaultValue = "hold",
        description = "What waits is held (hold, the default) or still run (run).")
    private Pending pending = Pending.HOLD;

    @Option(
        names = "--wait",
        description = "Until nothing runs any more, and with --pending run, nothing waits either.")
    private boolean wait;

    @Override
    public Integer call() {
      CommandContext context = parent.context();
      ApiClient api = context.api();
      ObjectNode body = body(type, reason);
      body.put("pending", pending.name().toLowerCase(Locale.ROOT));
      JsonNode status = api.post(DRAIN, body);
      if (!wait) {
        show(context, status);
        return ExitCode.DONE;
      }
      context.watch(api).until(DRAIN, this::left);
      show(context, api.fetch(DRAIN));
      return ExitCode.DONE;
    }

    private Optional<String> left(JsonNode status) {
      int running = 0;
      int waiting = 0;
      for (var entry : status.path("types").properties()) {
        if (type == null || type.equalsIgnoreCase(entry.getKey())) {
          running += entry.getValue().path("running").asInt();
          waiting += entry.getValue().path("pending").asInt();
        }
      }
      boolean done = running == 0 && (pending == Pending.HOLD || waiting == 0);
      return done
          ? Optional.empty()
          : Optional.of("  %d running, %d waiting".formatted(running, waiting));
    }
  }

  /** {@code ktrdr admin undrain}. */
  @Command(name = "undrain", description = "Accept and run operations again.")
  static final class Undrain implements Callable<Integer> {

    @ParentCommand private AdminCommand parent = new AdminCommand();

    @Option(
        names = {"-t", "--type"},
        description =
            "Only operations of this type; default: all, except types drained by themselves.")
    private @Nullable String type;

    @Override
    public Integer call() {
      return post(parent.context(), "undrain", body(type, null));
    }
  }

  /** {@code ktrdr admin pause}. */
  @Command(
      name = "pause",
      description = "Go on accepting operations, and begin none; running ones finish.")
  static final class Pause implements Callable<Integer> {

    @ParentCommand private AdminCommand parent = new AdminCommand();

    @Option(
        names = {"-t", "--type"},
        description = "Only operations of this type; default: all.")
    private @Nullable String type;

    @Option(
        names = {"-r", "--reason"},
        description = "Shown to everybody who asks why.")
    private @Nullable String reason;

    @Override
    public Integer call() {
      return post(parent.context(), "pause", body(type, reason));
    }
  }

  /** {@code ktrdr admin resume}. */
  @Command(name = "resume", description = "Begin operations again after a pause.")
  static final class Resume implements Callable<Integer> {

    @ParentCommand private AdminCommand parent = new AdminCommand();

    @Option(
        names = {"-t", "--type"},
        description =
            "Only operations of this type; default: all, except types paused by themselves.")
    private @Nullable String type;

    @Override
    public Integer call() {
      return post(parent.context(), "resume", body(type, null));
    }
  }

  /** {@code ktrdr admin drain-status}. */
  @Command(name = "drain-status", description = "Show what is drained or paused, and what is left.")
  static final class Status implements Callable<Integer> {

    @ParentCommand private AdminCommand parent = new AdminCommand();

    @Override
    public Integer call() {
      CommandContext context = parent.context();
      show(context, context.api().fetch(DRAIN));
      return ExitCode.DONE;
    }
  }

  private static int post(CommandContext context, String action, ObjectNode body) {
    show(context, context.api().post(BASE + action, body));
    return ExitCode.DONE;
  }

  private static ObjectNode body(@Nullable String type, @Nullable String reason) {
    ObjectNode body = Json.mapper().createObjectNode();
    if (type != null) {
      body.put("type", type);
    }
    if (reason != null) {
      body.put("reason", reason);
    }
    return body;
  }

  private static void show(CommandContext context, JsonNode status) {
    if (context.json()) {
      context.printJson(status);
      return;
    }
    String reason = status.path("reason").asText("");
    context
        .out()
        .printf(
            "New operations are %s, waiting ones are %s%s%s%n",
            status.path("accepting").asBoolean() ? "accepted" : "refused",
            status.path("dispatching").asBoolean() ? "begun" : "held",
            status.path("since").isTextual() ? ", since " + status.path("since").asText() : "",
            reason.isEmpty() ? "" : ": " + reason);
    Table types = new Table("TYPE", "ACCEPTED", "BEGUN", "PENDING", "RUNNING");
    status
        .path("types")
        .properties()
        .forEach(type ->
            types.add(
                type.getKey(),
                yesOrNo(type.getValue().path("accepting")),
                yesOrNo(type.getValue().path("dispatching")),
                type.getValue().path("pending").asText(NONE),
                type.getValue().path("running").asText(NONE)));
    context.print(types.render());
    if (!status.path("running").isEmpty()) {
      Table running = new Table("RUNNING", "WORKER", "DONE", "FOR");
      for (JsonNode operation : status.path("running")) {
        running.add(
            operation.path("operation_id").asText(),
            operation.path("worker_id").asText(NONE),
            String.format(Locale.ROOT, "%.0f%%", operation.path("percentage").asDouble()),
            ProgressBar.duration(
                Duration.ofMillis((long) (operation.path("running_seconds").asDouble() * 1000))));
      }
      context.print(System.lineSeparator() + running.render());
    }
  }

  private static String yesOrNo(JsonNode flag) {
    return flag.asBoolean() ? "yes" : "no";
  }
}
