package io.ktrdr.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ktrdr.protocol.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code ktrdr strategies check-lookahead}; exit code 1 when a column looks ahead. */
@Command(
    name = "check-lookahead",
    description = {
      "Check that a strategy knows at a bar nothing that only later bars tell: everything it"
          + " decides by is computed again on data that is cut off earlier, and has to stay the"
          + " same to the last bit. Exit code 1 when it does not.",
      "START says how much a column changes, by its largest value, when the data begins so many"
          + " bars before: recursive averages do. That is no look-ahead."
    },
    footer = {
      "",
      "Examples:",
      "  ktrdr strategies check-lookahead sma_cross --symbol EURUSD",
      "  ktrdr strategies check-lookahead my_rules.yaml --symbol EURUSD --timeframe 1d --cuts 200"
    })
final class LookaheadCommand implements Callable<Integer> {

  private static final int STARTS_SHOWN_DIGITS = 2;

  @ParentCommand private StrategiesCommand parent = new StrategiesCommand();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "STRATEGY",
      description =
          "Name of one of the server's strategies, or a file: what ends in .yaml or .yml.")
  private String strategy = "";

  @Option(names = "--symbol", required = true)
  private String symbol = "";

  @Option(names = "--timeframe", description = "Default is the strategy's, for rules 1d.")
  private @Nullable String timeframe;

  @Option(
      names = "--cuts",
      description = "Evenly spaced cuts, 0 to 1000, besides those at both ends. Default is 50.")
  private @Nullable Integer cuts;

  @Override
  public Integer call() {
    CommandContext context = parent.context();
    ObjectNode request = Json.mapper().createObjectNode();
    if (strategy.endsWith(".yaml") || strategy.endsWith(".yml")) {
      request.put("strategy_yaml", TextFiles.read(spec, Path.of(strategy)));
    } else {
      request.put("strategy_name", strategy);
    }
    request.put("symbol", symbol);
    if (timeframe != null) {
      request.put("timeframe", timeframe);
    }
    if (cuts != null) {
      request.put("cuts", cuts);
    }
    JsonNode answer = context.api().post("/api/v1/strategies/check-lookahead", request);
    if (context.json()) {
      context.printJson(answer);
    } else {
      print(context, answer);
    }
    return answer.path("clean").asBoolean() ? ExitCode.DONE : ExitCode.FAILED;
  }

  private static void print(CommandContext context, JsonNode answer) {
    Table table = new Table("COLUMN", "KIND", "LOOKS AHEAD", "START");
    List<String> found = new ArrayList<>();
    for (JsonNode column : answer.path("columns")) {
      boolean clean = column.path("clean").asBoolean();
      table.add(
          column.path("name").asText(),
          column.path("kind").asText(),
          clean ? "no" : "YES",
          starts(column.path("start_sensitivity")));
      if (!clean) {
        found.add(difference(column));
      }
    }
    context.print(table.render());
    found.forEach(context.out()::println);
    context
        .out()
        .println(
            "%s %s: %s %s, %s bars, warm-up %s, %s cuts"
                .formatted(
                    answer.path("strategy_name").asText(),
                    found.isEmpty() ? "does not look ahead" : "LOOKS AHEAD",
                    answer.path("symbol").asText(),
                    answer.path("timeframe").asText(),
                    answer.path("bars").asText(),
                    answer.path("warmup_bars").asText(),
                    answer.path("cuts").asText()));
  }

  private static String difference(JsonNode column) {
    JsonNode first = column.path("first_difference");
    return "%s at bar %s (%s) is %s with %s bars known, and %s with all"
        .formatted(
            column.path("name").asText(),
            first.path("bar").asText(),
            first.path("time").asText(),
            first.path("value_known").asText(),
            first.path("bars_known").asText(),
            first.path("value_whole").asText());
  }

  /** E.g. {@code 30: 0, 60: 1.2e-05}. */
  private static String starts(JsonNode starts) {
    return StreamSupport.stream(starts.spliterator(), false)
        .map(start -> start.path("bars_before").asText() + ": " + share(start.path("difference")))
        .collect(Collectors.joining(", "));
  }

  private static String share(JsonNode difference) {
    if (!difference.isNumber()) {
      return "none";
    }
    double share = difference.asDouble();
    return share == 0 ? "0" : String.format(Locale.ROOT, "%." + STARTS_SHOWN_DIGITS + "g", share);
  }
}
