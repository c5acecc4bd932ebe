package io.ktrdr.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code ktrdr data …}: what prices the API has. Without a subcommand, {@code list}. */
@Command(
    name = "data",
    description = "List market data, look at its gaps, import CSV files.",
    subcommands = {DataCommand.ListData.class, DataCommand.Show.class, DataCommand.Import.class})
final class DataCommand implements Callable<Integer> {

  private static final String PATH = "/api/v1/data";

  @ParentCommand private KtrdrCli cli = new KtrdrCli();

  @Override
  public Integer call() {
    CommandContext context = cli.context();
    JsonNode answer = context.api().fetch(PATH);
    if (context.json()) {
      context.printJson(answer);
      return ExitCode.DONE;
    }
    Table table =
        new Table(
            "SYMBOL", "TIMEFRAME", "BARS", "FIRST", "LAST", "LAYOUT", "CALENDAR", "GAPS", "NOTE");
    for (JsonNode dataset : answer.path("datasets")) {
      table.add(
          dataset.path("symbol").asText(),
          dataset.path("timeframe").asText(),
          dataset.path("rows").asText(),
          dataset.path("first_bar").asText(),
          dataset.path("last_bar").asText(),
          dataset.path("layout").asText(),
          dataset.path("calendar").asText(),
          dataset.path("gap_count").asText(),
          dataset.path("notes").path(0).asText(""));
    }
    context.print(table.render());
    context.printDamaged(answer);
    return ExitCode.DONE;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static void describe(CommandContext context, JsonNode dataset) {
    context
        .out()
        .println(
            "%s %s: %s bars from %s to %s, calendar %s, %s gaps with %s bars missing"
                .formatted(
                    dataset.path("symbol").asText(),
                    dataset.path("timeframe").asText(),
                    dataset.path("rows").asText(),
                    dataset.path("first_bar").asText(),
                    dataset.path("last_bar").asText(),
                    dataset.path("calendar").asText(),
                    dataset.path("gap_count").asText(),
                    dataset.path("missing_bars").asText()));
    context.out().println("sha256 " + dataset.path("sha256").asText());
    dataset.path("notes").forEach(note -> context.out().println("note: " + note.asText()));
    dataset
        .path("warnings")
        .forEach(warning -> context.out().println("warning: " + warning.asText()));
  }

  /** {@code ktrdr data list}. */
  @Command(name = "list", description = "List the server's prices.")
  static final class ListData implements Callable<Integer> {

    @ParentCommand private DataCommand parent = new DataCommand();

    @Override
    public Integer call() {
      return parent.call();
    }
  }

  /** {@code ktrdr data show}. */
  @Command(name = "show", description = "Show a dataset and its gaps.")
  static final class Show implements Callable<Integer> {

    @ParentCommand private DataCommand parent = new DataCommand();

    @Parameters(index = "0", paramLabel = "SYMBOL")
    private String symbol = "";

    @Parameters(index = "1", paramLabel = "TIMEFRAME")
    private String timeframe = "";

    @Override
    public Integer call() {
      CommandContext context = parent.cli.context();
      JsonNode answer =
          context.api().fetch(PATH + "/" + encoded(symbol) + "/" + encoded(timeframe));
      if (context.json()) {
        context.printJson(answer);
        return ExitCode.DONE;
      }
      describe(context, answer.path("dataset"));
      Table table = new Table("FROM", "TO", "MISSING");
      for (JsonNode gap : answer.path("gaps")) {
        table.add(
            gap.path("from").asText(), gap.path("to").asText(), gap.path("missing_bars").asText());
      }
      context.print(table.render());
      if (answer.path("gaps_left_out").asInt() > 0) {
        context.out().println("and %s more".formatted(answer.path("gaps_left_out").asText()));
      }
      return ExitCode.DONE;
    }
  }

  /** {@code ktrdr data import}. */
  @Command(
      name = "import",
      description = "Check a CSV file and make it a dataset of the server.",
      footer = {
        "",
        "Example:",
        "  ktrdr data import EURUSD60.csv --symbol EURUSD --timeframe 1h --zone Europe/Berlin"
      })
  static final class Import implements Callable<Integer> {

    @ParentCommand private DataCommand parent = new DataCommand();

    @Spec private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "FILE", description = "May be a pipe, such as /dev/stdin.")
    private Path file = Path.of("");

    @Option(names = "--symbol", required = true)
    private String symbol = "";

    @Option(
        names = "--timeframe",
        required = true,
        description = "1m, 5m, 15m, 30m, 1h, 4h, 1d or 1w.")
    private String timeframe = "";

    @Option(
        names = "--zone",
        paramLabel = "ZONE",
        description = "Of times without an offset, e.g. America/New_York; default UTC.")
    private @Nullable String zone;

    @Option(
        names = "--layout",
        paramLabel = "LAYOUT",
        description =
            "What the file must be: ktrdr, yahoo, metatrader4, metatrader5, generic; default: found"
                + " from the file.")
    private @Nullable String layout;

    @Option(names = "--adjusted", description = "Multiply prices by Adj Close / Close.")
    private boolean adjusted;

    @Option(
        names = "--keep-last",
        description = "Of rows with the same time keep the last; default: refuse the file.")
    private boolean keepLast;

    @Option(names = "--replace", description = "Replace the dataset that is there.")
    private boolean replace;

    @Override
    public Integer call() {
      CommandContext context = parent.cli.context();
      JsonNode answer;
      try {
        answer = context.api().upload(PATH + "?" + query(), "text/csv", file);
      } catch (IOException e) {
        throw new ParameterException(
            spec.commandLine(), "%s cannot be read: %s".formatted(file, e.getMessage()), e);
      }
      if (context.json()) {
        context.printJson(answer);
        return ExitCode.DONE;
      }
      context.out().println("imported from the layout " + answer.path("imported_layout").asText());
      describe(context, answer.path("dataset"));
      return ExitCode.DONE;
    }

    private String query() {
      Map<String, String> parameters = new LinkedHashMap<>();
      parameters.put("symbol", symbol);
      parameters.put("timeframe", timeframe);
      if (zone != null) {
        parameters.put("zone", zone);
      }
      if (layout != null) {
        parameters.put("layout", layout);
      }
      if (adjusted) {
        parameters.put("prices", "adjusted");
      }
      if (keepLast) {
        parameters.put("duplicates", "keep_last");
      }
      if (replace) {
        parameters.put("replace", "true");
      }
      return parameters.entrySet().stream()
          .map(parameter -> parameter.getKey() + "=" + encoded(parameter.getValue()))
          .collect(Collectors.joining("&"));
    }
  }
}
