package io.ktrdr.benchmarks;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./ktrdr bench}. */
@Command(
    name = "ktrdr bench",
    description = "Measures KTRDR on this machine.",
    subcommands = {BenchMain.RingCommand.class, FleetCommand.class, BacktestCommand.class})
public final class BenchMain {

  BenchMain() {}

  public static void main(String[] args) {
    System.exit(
        new CommandLine(new BenchMain()).setCaseInsensitiveEnumValuesAllowed(true).execute(args));
  }

  /** {@code ./ktrdr bench ring}. */
  @Command(
      name = "ring",
      mixinStandardHelpOptions = true,
      description = {
        "Submit, dispatch, run and finish operations that do nothing, on a private Postgres and",
        "RabbitMQ, with everything persisted. Prints a table; writes .ktrdr/bench/ring.json."
      })
  static final class RingCommand implements Callable<Integer> {

    @Option(names = "--quick", description = "One repetition of everything, some minutes.")
    private boolean quick;

    @Option(names = "--workers", description = "Worker processes; ${DEFAULT-VALUE}.")
    private int workers = 2;

    @Option(names = "--slots", description = "Operations a worker runs at once; ${DEFAULT-VALUE}.")
    private int slots = 5;

    @Option(
        names = "--profile",
        description = "Record API and one worker, count SQL statements; the figures suffer.")
    private boolean profile;

    @Option(
        names = "--only",
        split = ",",
        description = "Some of ${COMPLETION-CANDIDATES}; all without it.")
    private Set<Ring.Part> only = EnumSet.allOf(Ring.Part.class);

    @Option(names = "--json", description = "Print the report as JSON, and what goes on to stderr.")
    private boolean json;

    RingCommand() {}

    @Override
    public Integer call() throws IOException {
      Path root = Path.of(System.getProperty("ktrdr.root", "."));
      Progress progress =
          new Progress(json ? System.err : System.out, Boolean.getBoolean("ktrdr.terminal"));
      double loadBefore = Machine.load();
      if (loadBefore > 1) {
        progress.say(
            "! The machine is busy (load %.1f): the figures will be worse than it can do."
                .formatted(loadBefore));
      }
      ObjectNode report = Json.mapper().createObjectNode();
      Path file = root.resolve(".ktrdr/bench/ring.json").toAbsolutePath().normalize();
      try (BenchSystem system =
          new BenchSystem(root, new BenchSystem.Shape(workers, slots, profile), progress)) {
        ObjectNode machine = Machine.describe(system, loadBefore);
        report.set("machine", machine);
        Ring ring = new Ring(system, quick ? Ring.Size.QUICK : Ring.Size.WHOLE, progress);
        ring.run(only);
        table(progress, machine, ring);
        fill(report, ring);
        if (profile) {
          Profile.statements(system.database()).forEach(progress::say);
        }
      }
      if (profile) {
        Profile.recordings(root.resolve(".ktrdr/bench/profile")).forEach(progress::say);
      }
      Files.write(file, Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(report));
      progress.say("Written to " + file);
      if (json) {
        System.out.println(report.toPrettyString());
      }
      return 0;
    }

    private static void table(Progress progress, ObjectNode machine, Ring ring) {
      progress.say("");
      machine
          .properties()
          .forEach(entry ->
              progress.say("%-18s %s".formatted(entry.getKey(), entry.getValue().asText())));
      progress.say("");
      progress.say(
          "%-34s %10s %-9s %8s – %-8s %s".formatted("", "median", "", "least", "most", "  target"));
      ring.measurements().forEach(measurement -> progress.say(measurement.row()));
      progress.say("");
      ring.costs()
          .forEach((load, cost) -> {
            progress.say("CPU of one operation, " + load + ":");
            cost.cpuMicros()
                .forEach((name, micros) ->
                    progress.say(String.format(Locale.ROOT, "  %-18s %7.0f µs", name, micros)));
            progress.say(
                String.format(
                    Locale.ROOT,
                    "  commits %.2f an operation; %.2f cores busy",
                    cost.commits(),
                    cost.busyCores()));
          });
    }

    private static void fill(ObjectNode report, Ring ring) {
      ArrayNode measurements = report.putArray("measurements");
      ring.measurements().forEach(measurement -> measurements.add(measurement.json()));
      ObjectNode costs = report.putObject("cost_of_one_operation");
      ring.costs()
          .forEach((load, cost) -> {
            ObjectNode one = costs.putObject(load.replace(' ', '_'));
            cost.cpuMicros()
                .forEach((name, micros) -> one.put("cpu_us_" + name.replace(' ', '_'), micros));
            one.put("commits", cost.commits()).put("busy_cores", cost.busyCores());
          });
    }
  }
}
