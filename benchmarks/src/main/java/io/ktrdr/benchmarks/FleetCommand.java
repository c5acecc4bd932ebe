package io.ktrdr.benchmarks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./ktrdr bench fleet}. */
@Command(
    name = "fleet",
    mixinStandardHelpOptions = true,
    description = {
      "Start many idle workers, scale them down and up again, and measure what they cost.",
      "Writes .ktrdr/bench/fleet.json."
    })
final class FleetCommand implements Callable<Integer> {

  @Option(names = "--processes", description = "Processes; ${DEFAULT-VALUE}.")
  private int processes = 5;

  @Option(names = "--slots", description = "Workers in each process; ${DEFAULT-VALUE}.")
  private int slots = 10;

  @Option(names = "--json", description = "Print the report as JSON, and what goes on to stderr.")
  private boolean json;

  FleetCommand() {}

  @Override
  public Integer call() throws IOException {
    Path root = Path.of(System.getProperty("ktrdr.root", "."));
    Progress progress =
        new Progress(json ? System.err : System.out, Boolean.getBoolean("ktrdr.terminal"));
    double loadBefore = Machine.load();
    ObjectNode report = Json.mapper().createObjectNode();
    try (BenchSystem system =
        new BenchSystem(root, new BenchSystem.Shape(processes, slots, false), progress)) {
      report.set("machine", Machine.describe(system, loadBefore));
      report.set("fleet", new Fleet(system, progress).run());
    }
    Path file = root.resolve(".ktrdr/bench/fleet.json").toAbsolutePath().normalize();
    Files.write(file, Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(report));
    progress.say("Written to " + file);
    if (json) {
      System.out.println(report.toPrettyString());
    }
    return 0;
  }
}
