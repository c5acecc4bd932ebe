package io.ktrdr.benchmarks;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./ktrdr bench backtest}. */
@Command(
    name = "backtest",
    mixinStandardHelpOptions = true,
    description = {
      "The engine beside ta4j's on the same prices, with the same trades; a sweep; a model with",
      "27 features; on a private Postgres and RabbitMQ a backtest from submit to report, and what",
      "progress, cancel and checkpoints cost one of a million bars.",
      "Writes .ktrdr/bench/backtest.json."
    })
final class BacktestCommand implements Callable<Integer> {

  private static final int MODEL_BARS = 100_000;

  @Option(names = "--bars", description = "Bars of the long run; ${DEFAULT-VALUE}.")
  private int bars = 1_000_000;

  @Option(names = "--repeats", description = "Of each figure; ${DEFAULT-VALUE}.")
  private int repeats = 9;

  @Option(names = "--engine-only", description = "Leave out the servers, and what needs them.")
  private boolean engineOnly;

  @Option(names = "--json", description = "Print the report as JSON, and what goes on to stderr.")
  private boolean json;

  BacktestCommand() {}

  @Override
  public Integer call() throws IOException {
    Path root = Path.of(System.getProperty("ktrdr.root", "."));
    Progress progress =
        new Progress(json ? System.err : System.out, Boolean.getBoolean("ktrdr.terminal"));
    ObjectNode machine = Machine.describe(Machine.load());
    List<Measurement> measurements = new ArrayList<>();
    progress.say("%-34s %10s %-9s %8s – %-8s %s".formatted("", "median", "", "least", "most", ""));
    measurements.addAll(new EngineBench(bars, repeats, progress).run());
    for (Measurement measurement : new ModelBench(MODEL_BARS, repeats).run()) {
      measurements.add(said(progress, measurement));
    }
    if (!engineOnly) {
      Path prices = root.resolve(".ktrdr/bench/data");
      SyntheticPrices.write(prices, RoundTrip.BARS, RoundTrip.TIMEFRAME);
      SyntheticPrices.write(prices, WatchedBench.BARS, WatchedBench.TIMEFRAME);
      try (BenchSystem system =
          new BenchSystem(root, new BenchSystem.Shape(0, 1, false), prices, progress)) {
        machine = Machine.describe(system, machine.path("load_before").doubleValue());
        measurements.add(said(progress, new RoundTrip(system, 10 * repeats).run()));
        system.stopWorkers();
        for (Measurement measurement : new WatchedBench(system).run()) {
          measurements.add(said(progress, measurement));
        }
      }
    }
    ObjectNode report = Json.mapper().createObjectNode();
    report.set("machine", machine);
    ArrayNode all = report.putArray("measurements");
    measurements.forEach(measurement -> all.add(measurement.json()));
    machine
        .properties()
        .forEach(
            fact -> progress.say("%-18s %s".formatted(fact.getKey(), fact.getValue().asText())));
    Path folder = root.resolve(".ktrdr/bench").toAbsolutePath().normalize();
    BenchFolder.create(folder);
    Path file = folder.resolve("backtest.json");
    Files.write(file, Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(report));
    progress.say("Written to " + file);
    if (json) {
      System.out.println(report.toPrettyString());
    }
    return 0;
  }

  private static Measurement said(Progress progress, Measurement measurement) {
    progress.say(measurement.row());
    return measurement;
  }
}
