package io.ktrdr.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Json;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code ktrdr models …}. */
@Command(
    name = "models",
    description = "Train models and list them.",
    subcommands = {ModelsCommand.Train.class, ModelsCommand.ListModels.class})
final class ModelsCommand {

  @ParentCommand private KtrdrCli cli = new KtrdrCli();

  /** {@code ktrdr models train}. */
  @Command(
      name = "train",
      description = "Submit a training.",
      footer = {
        "",
        "Example:",
        "  ktrdr models train --strategy neuro_mean_reversion --symbol EURUSD --timeframe 1d"
            + " --follow",
        "  ktrdr models train --strategy my_strategy --symbols EURUSD,GBPUSD --timeframes 1h,4h,1d",
        "  ktrdr models train --strategy-file my_strategy.yaml --follow"
      })
  static final class Train implements Callable<Integer> {

    @ParentCommand private ModelsCommand parent = new ModelsCommand();

    @Option(
        names = {"-s", "--strategy"},
        paramLabel = "NAME",
        description = "Strategy on the server.")
    private @Nullable String strategy;

    @Option(
        names = "--strategy-file",
        paramLabel = "FILE",
        description = "Strategy to send along; the operation keeps its text.")
    private @Nullable Path strategyFile;

    @Option(
        names = {"--symbol", "--symbols"},
        split = ",",
        description = "One or more, separated by commas; default: the strategy's own.")
    private List<String> symbols = List.of();

    @Option(
        names = {"--timeframe", "--timeframes"},
        split = ",",
        description =
            "One or more, separated by commas: the shortest is traded, the inputs see them all."
                + " Default: the strategy's own.")
    private List<String> timeframes = List.of();

    @Option(
        names = {"--start-date", "--start"},
        paramLabel = "YYYY-MM-DD")
    private @Nullable String startDate;

    @Option(
        names = {"--end-date", "--end"},
        paramLabel = "YYYY-MM-DD")
    private @Nullable String endDate;

    @Option(names = "--seed", description = "Default: the strategy's own.")
    private @Nullable Long seed;

    @Mixin private DataOptions data = new DataOptions();

    @Mixin private DemandOptions demand = new DemandOptions();

    @Mixin private SubmitOptions options = new SubmitOptions();

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
      CommandContext context = parent.cli.context();
      ObjectNode body = Json.mapper().createObjectNode().put("strategy_name", strategy);
      if (strategyFile != null) {
        body.put("strategy_yaml", TextFiles.read(spec, strategyFile));
      }
      body.set("symbols", Json.mapper().valueToTree(symbols));
      body.set("timeframes", Json.mapper().valueToTree(timeframes));
      body.put("start_date", startDate).put("end_date", endDate).put("seed", seed);
      data.addTo(body);
      demand.addTo(body);
      return context.submit("/api/v1/trainings/start", body, options);
    }
  }

  /** {@code ktrdr models list}. */
  @Command(name = "list", description = "List trained models, newest first.")
  static final class ListModels implements Callable<Integer> {

    @ParentCommand private ModelsCommand parent = new ModelsCommand();

    @Override
    public Integer call() {
      CommandContext context = parent.cli.context();
      JsonNode answer = context.api().fetch("/api/v1/models");
      if (context.json()) {
        context.printJson(answer);
        return ExitCode.DONE;
      }
      Table table = new Table("MODEL", "SYMBOLS", "CREATED", "BY");
      for (JsonNode model : answer.path("models")) {
        table.add(
            model.path("model_version").asText(),
            StreamSupport.stream(model.path("symbols").spliterator(), false)
                .map(JsonNode::asText)
                .collect(Collectors.joining(",")),
            model.path("created_at").asText(),
            model.path("operation_id").asText("imported"));
      }
      context.print(table.render());
      return ExitCode.DONE;
    }
  }
}
