package io.ktrdr.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.cli.DrainPlan.Choice;
import io.ktrdr.protocol.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code ktrdr workers drain}: exit code 1 when one of them could not be told to go. */
@Command(
    name = "drain",
    description = {
      "Tell workers to go: each finishes its operation, takes no more, and leaves.",
      "Name them, or let --keep pick: idle ones first, then those that would lose least."
    },
    footer = {
      "",
      "Examples:",
      "  ktrdr workers drain backtest-worker-4 backtest-worker-5",
      "  ktrdr workers drain --type backtesting --idle-first --keep 5 --wait"
    })
final class DrainWorkersCommand implements Callable<Integer> {

  @ParentCommand private WorkersCommand parent = new WorkersCommand();
  @Spec private @Nullable CommandSpec spec;

  @Parameters(paramLabel = "ID", arity = "0..*")
  private List<String> ids = new ArrayList<>();

  @Option(names = "--keep", paramLabel = "N", description = "At least N of each type stay.")
  private @Nullable Integer keep;

  @Option(
      names = {"-t", "--type"},
      description = "With --keep: only workers of this type; default: of every type.")
  private @Nullable String type;

  @Option(
      names = "--idle-first",
      description = "With --keep: says the order it has anyway; for scripts that spell it out.")
  private boolean idleFirst;

  @Option(names = "--dry-run", description = "Only show which would go, and why.")
  private boolean dryRun;

  @Option(names = "--wait", description = "Until they are gone; Ctrl-C only ends the waiting.")
  private boolean wait;

  @Override
  public Integer call() {
    boolean byName = !ids.isEmpty();
    if (byName == (keep != null) || (byName && (type != null || idleFirst)) || negative()) {
      String problem = "name workers by their ids, or say with --keep how many stay, not both";
      throw spec == null
          ? new IllegalStateException(problem)
          : new ParameterException(spec.commandLine(), problem);
    }
    CommandContext context = parent.context();
    ApiClient api = context.api();
    JsonNode workers = api.fetch(WorkersCommand.listPath(type, null));
    DrainPlan plan =
        keep == null
            ? named(workers, ids)
            : DrainPlan.of(workers, keep, id -> api.fetch(OperationsCommand.path(id, "")));
    if (!context.json()) {
      context.print(render(plan));
    }
    Map<String, String> refused = dryRun ? Map.of() : drain(api, plan.picked());
    if (!context.json()) {
      refused.forEach((id, why) -> System.err.println("Error: " + id + ": " + why));
      context.out().println(closing(plan.picked().size() - refused.size()));
    }
    if (wait && !dryRun) {
      awaitGone(context, api, plan.picked(), refused.keySet());
    }
    if (context.json()) {
      context.printJson(json(plan, refused));
    }
    return refused.isEmpty() ? ExitCode.DONE : ExitCode.FAILED;
  }

  private boolean negative() {
    return keep != null && keep < 0;
  }

  /** Those named, whatever they do; the API says what it thinks of names it does not know. */
  private static DrainPlan named(JsonNode workers, List<String> ids) {
    Map<String, JsonNode> known = new LinkedHashMap<>();
    workers.forEach(worker -> known.put(worker.path("worker_id").asText(), worker));
    List<Choice> picked = new ArrayList<>();
    for (String id : new LinkedHashSet<>(ids)) {
      JsonNode worker = known.getOrDefault(id, Json.mapper().missingNode());
      picked.add(
          new Choice(
              id,
              worker.path("worker_type").asText("–"),
              worker.path("registered_at").asText(),
              "named"));
    }
    List<Choice> kept = new ArrayList<>();
    known.forEach((id, worker) -> {
      if (!ids.contains(id)) {
        kept.add(
            new Choice(
                id,
                worker.path("worker_type").asText(),
                worker.path("registered_at").asText(),
                worker.path("status").asText()));
      }
    });
    return new DrainPlan(picked, kept);
  }

  private String render(DrainPlan plan) {
    if (plan.picked().isEmpty()) {
      return "None has to go: %d stay%n".formatted(plan.kept().size());
    }
    Table table = new Table("WORKER", "TYPE", "", "WHY");
    plan.picked()
        .forEach(c -> table.add(c.workerId(), c.type(), dryRun ? "would go" : "goes", c.why()));
    plan.kept().forEach(c -> table.add(c.workerId(), c.type(), "stays", c.why()));
    return table.render();
  }

  private String closing(int told) {
    if (dryRun) {
      return "Nothing was done (--dry-run)";
    }
    return told == 0
        ? "Nobody was told to go"
        : "%d told to go; each finishes its operation first%s"
            .formatted(told, wait ? "" : ". See: ktrdr workers list --status draining");
  }

  /** Returns those the API refused, with its words. */
  private static Map<String, String> drain(ApiClient api, List<Choice> picked) {
    Map<String, String> refused = new LinkedHashMap<>();
    for (Choice choice : picked) {
      try {
        api.post(
            WorkersCommand.path(choice.workerId(), "/drain"), Json.mapper().createObjectNode());
      } catch (CommandFailedException e) {
        if (e.exitCode() == ExitCode.UNREACHABLE) {
          throw e;
        }
        refused.put(choice.workerId(), String.valueOf(e.getMessage()));
      }
    }
    return refused;
  }

  private void awaitGone(
      CommandContext context, ApiClient api, List<Choice> picked, Set<String> refused) {
    // A successor of the same name has another time of registration.
    Map<String, String> going = new LinkedHashMap<>();
    picked.stream()
        .filter(choice -> !refused.contains(choice.workerId()))
        .forEach(choice -> going.put(choice.workerId(), choice.registeredAt()));
    context
        .watch(api)
        .until(
            WorkersCommand.listPath(type, null),
            workers -> {
              List<String> left = new ArrayList<>();
              for (JsonNode worker : workers) {
                String id = worker.path("worker_id").asText();
                if (worker.path("registered_at").asText().equals(going.get(id))) {
                  String operation = worker.path("current_operation_id").asText("");
                  left.add(operation.isEmpty() ? id : "%s finishes %s".formatted(id, operation));
                }
              }
              return left.isEmpty()
                  ? Optional.empty()
                  : Optional.of(
                      "  %d of %d gone; %s"
                          .formatted(
                              going.size() - left.size(), going.size(), String.join(", ", left)));
            });
    if (!context.json() && !going.isEmpty()) {
      context.out().println("All %d are gone".formatted(going.size()));
    }
  }

  private ObjectNode json(DrainPlan plan, Map<String, String> refused) {
    ObjectNode json = Json.mapper().createObjectNode().put("dry_run", dryRun);
    put(json.putArray("picked"), plan.picked());
    put(json.putArray("kept"), plan.kept());
    json.set("refused", Json.mapper().valueToTree(refused));
    return json;
  }

  private static void put(ArrayNode array, List<Choice> choices) {
    for (Choice choice : choices) {
      array
          .addObject()
          .put("worker_id", choice.workerId())
          .put("worker_type", choice.type())
          .put("why", choice.why());
    }
  }
}
